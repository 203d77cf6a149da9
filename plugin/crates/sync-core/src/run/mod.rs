//! What a run leaves behind of itself: its record, and who could not be written.

pub mod ledger;
mod record;

pub use record::{
    ApprovedOutcome, Block, Counts, RunError, RunMode, RunRecord, RunStatus, RunWarning,
};
