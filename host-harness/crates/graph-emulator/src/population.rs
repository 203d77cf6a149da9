//! Whom a collection of users holds.

/// Which users are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Population {
    Live,
    Deleted,
}
