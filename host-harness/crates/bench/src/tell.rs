//! How far a measurement is.

/// Hears, in a sentence, how far a measurement is.
pub type Tell<'t> = &'t dyn Fn(&str);
