//! Address books to test against, and what people do in them with programs of their own. The whole-system tests use
//! them, too.

pub(crate) mod book;
pub(crate) mod fake;
pub(crate) mod live;
