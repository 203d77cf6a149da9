//! What a page says of one field.

use serde::{Deserialize, Serialize};

/// What the directory says about one field of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stated {
    /// Nothing: the page does not mention it. Changes nothing.
    Unstated,
    /// That it holds nothing.
    Empty,
    /// A value; never empty, without surrounding white space.
    Value(String),
    /// A value that holds only if what the page leaves out is empty: a user name that stands in for
    /// a mail address the page does not mention, a telephone number that is read by the configured country because
    /// the page does not mention the person's. Good enough to make or find a contact with;
    /// changes nothing about a linked one, but where it would, the person is asked for.
    Assumed(String),
}

impl Stated {
    /// The value, where one is stated.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unstated | Self::Empty | Self::Assumed(_) => None,
        }
    }

    /// Whether the directory says what it holds, be it nothing.
    #[must_use]
    pub fn is_told(&self) -> bool {
        matches!(self, Self::Empty | Self::Value(_))
    }

    /// The value for somebody who has no linked contact yet: an assumed one is as good as a stated
    /// one.
    #[must_use]
    pub fn value_for_new(&self) -> Option<&str> {
        match self {
            Self::Value(value) | Self::Assumed(value) => Some(value),
            Self::Unstated | Self::Empty => None,
        }
    }
}
