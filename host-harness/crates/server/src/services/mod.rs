//! What can be asked of a workspace, and what is to be seen there: functions over a
//! [`WorkspaceContext`](context::WorkspaceContext), each file with one idea.
//!
//! A workspace does one thing at a time. Whatever it is asked while something goes on is refused with the name
//! of that; nothing is queued behind a person's back, except for the right to work at all, which the
//! workspaces get in turn.

mod backoff;
pub(crate) mod conflicts;
pub(crate) mod consent;
pub(crate) mod context;
pub(crate) mod destination;
pub(crate) mod disconnect;
pub(crate) mod document;
pub(crate) mod due;
pub(crate) mod error;
pub(crate) mod jobs;
mod last_use;
pub(crate) mod opening;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod platform;
pub(crate) mod recovery;
pub(crate) mod review;
mod scheduling;
mod sealed_secrets;
pub(crate) mod setup;
mod start;
pub(crate) mod undo;
