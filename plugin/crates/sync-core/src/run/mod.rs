//! What a run leaves behind of itself: its record, and who could not be written and why.

pub mod ledger;
mod record;
pub mod refused_number;

pub use record::{
    ApprovedOutcome, Block, Counts, RunError, RunMode, RunRecord, RunStatus, RunWarning,
};
