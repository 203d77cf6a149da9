//! Whom a collection holds.

/// Which objects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// Those that are there.
    Live,
    /// Those in the deleted items.
    Deleted,
}
