//! What a run leaves behind for people: its record, who could not be written, and the overview.

pub mod ledger;
pub mod overview;
pub mod run;
