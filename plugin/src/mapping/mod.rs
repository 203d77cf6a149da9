//! From directory attributes to contact fields.

pub mod filter;
pub mod person;
pub mod rows;
