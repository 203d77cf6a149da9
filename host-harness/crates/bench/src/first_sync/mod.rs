//! Syncs of a large directory, and the two floors under the first of them.
//!
//! A floor is what the same work costs without a connector: the very requests that the first full sync made,
//! sent again by a native client that does not look into the answers, and the people it left behind, written
//! into tables that do not change when the store's own schema does: the flat table of a script, and
//! the cheapest tables that were found to keep what a sync must keep. A ratio of two numbers of one run says
//! something on any machine; the numbers themselves do not.
//!
//! The emulated directory is another process. A target that is missed is told as missed, and is no failure; a
//! measurement that cannot be made is one.

mod course;
mod findings;
mod floor;
mod people;
mod targets;
mod workspace;

pub use self::course::FirstSync;
pub use self::findings::{
    ComponentFinding, Fetched, Findings, FloorRound, PlanFinding, SmallFinding, SyncFinding,
    Synced, Written,
};
