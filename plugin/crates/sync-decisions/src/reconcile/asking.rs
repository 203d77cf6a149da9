//! Fields that both sides have changed where a person decides whose value counts.
//!
//! Until then neither side is written. A decision is about two values as they were shown: where either side has moved
//! since, it is about nothing any more.

use serde::{Deserialize, Serialize};

use crate::kept_by_name;

/// Whose value counts, as a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The directory's.
    Directory,
    /// The contact's.
    Contact,
}

kept_by_name!(Side:
    Directory = "directory",
    Contact = "contact",
);

/// A field that both sides have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contested {
    /// As in the catalogue.
    pub attribute: String,
    /// The store's field, or the label of a custom one.
    pub field: String,
    /// What the directory states.
    pub directory: Option<String>,
    /// What the contact holds.
    pub contact: Option<String>,
    /// What both sides agreed on last; `None` also where they never did.
    pub base: Option<String>,
}

/// A field that both sides have changed, and what was decided about exactly these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The position of its row.
    pub row: usize,
    /// The values.
    pub contested: Contested,
    /// Whose counts; `None` while nobody has decided.
    pub answer: Option<Side>,
    /// The contact's value cannot count: the directory cannot be given it.
    pub directory_alone: bool,
}

/// What a person decided about two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The values that were shown.
    pub contested: Contested,
    /// Whose counts.
    pub side: Side,
}
