//! The pipeline that `plan` and `sync` share.
//!
//! A **round** reads the directory page by page: `directory -> reconcile -> stage`. The stage
//! is the only thing in which the two differ: `apply` commits what may be done at once and stages
//! removals, `propose` puts every decision into the host's plan. So a plan cannot disagree with a
//! sync. What must survive the process is in [`checkpoint`], written in the same commit as the
//! effects it speaks of.

pub mod bounds;
pub mod call;
pub mod checkpoint;
pub mod collection;
mod concerned;
pub mod conflicts;
pub mod directory;
mod discard;
pub mod disconnect;
pub mod format;
pub mod given;
pub mod groups;
pub mod held;
mod journaled;
pub mod ledger;
pub mod org_contacts;
pub mod page;
pub mod partitions;
pub mod plan;
pub mod proof;
pub mod retry;
pub mod run_abort;
pub mod staged;
pub mod sync;
pub mod undo;

mod ahead;
mod apply;
mod approved;
mod begin_round;
mod breakers;
mod echo;
mod edited;
mod finish_round;
mod finish_run;
mod giving;
mod guests;
mod inactive;
mod inviting;
mod listing;
mod next;
mod nobodys;
mod propose;
mod reading;
mod reading_edits;
mod reading_groups;
mod recognition;
mod removals;
mod run_log;
mod session;
mod stage;
mod step;
mod stepped;
mod verify;
