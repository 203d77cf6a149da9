//! Where a feed goes on.

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another page of the same round; also after an empty page.
    Page(String),
    /// Nothing: the round is closed, and the next one starts here.
    Done(String),
    /// Nothing: the list is at its end. A feed of changes that ends so is not closed.
    End,
}
