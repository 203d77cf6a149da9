//! Where in a list a text belongs.

use std::collections::HashMap;

/// Positions in a list, by text: the one table for what is looked up for every person of a directory.
#[derive(Debug, Default)]
pub struct Positions<'a>(HashMap<&'a str, usize>);

impl<'a> Positions<'a> {
    /// Without texts, and with room for so many.
    #[must_use]
    pub fn with_capacity(texts: usize) -> Self {
        Self(HashMap::with_capacity(texts))
    }

    /// The position of a text.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<usize> {
        self.0.get(text).copied()
    }

    /// Sets the position of a text; returns the one before.
    pub fn insert(&mut self, text: &'a str, position: usize) -> Option<usize> {
        self.0.insert(text, position)
    }
}
