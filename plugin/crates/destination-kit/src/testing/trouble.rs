//! What goes wrong with a service, and how often.

/// In how many of a hundred requests what happens. Nothing, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// It is performed, and the answer is lost.
    pub lost_after: usize,
    /// It is not performed, and nobody hears so.
    pub lost_before: usize,
    /// It is not performed: too much was asked.
    pub busy: usize,
    /// Somebody else writes the record right before.
    pub overtaken: usize,
}
