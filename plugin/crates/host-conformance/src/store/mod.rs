//! The contact store: what one commit does, what is found afterwards, and what is remembered of it.

pub(crate) mod batches;
pub(crate) mod commits;
pub(crate) mod conflicts;
pub(crate) mod description;
pub(crate) mod edits;
pub(crate) mod journal;
pub(crate) mod lists;
pub(crate) mod lookups;
pub(crate) mod marks;
pub(crate) mod notes;
pub(crate) mod refusals;
pub(crate) mod removals;
pub(crate) mod reversals;
pub(crate) mod rounds;
pub(crate) mod statistics;
pub(crate) mod unlinked;
pub(crate) mod writes;
