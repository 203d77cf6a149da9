//! Syncs of a large directory, and the two floors under the first of them.
//!
//! A floor is what the same work costs without a connector: the very requests that the first full sync made,
//! sent again by a native client that does not look into the answers, and the people it left behind, written
//! into tables that do not change when the store's own schema does ([`floor`]): the flat table of a script, and
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

use std::path::PathBuf;

pub use self::findings::{
    ComponentFinding, Fetched, Findings, FloorRound, PlanFinding, SmallFinding, SyncFinding,
    Synced, Written,
};
use crate::Tell;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct FirstSync {
    /// The program that has the commands `graph-emulator` and `plan`.
    pub program: PathBuf,
    /// People of the synthetic company.
    pub users: u64,
    /// Its seed.
    pub seed: u64,
    /// First full syncs to measure, each with its floors.
    pub rounds: u32,
}

impl FirstSync {
    /// Measures, and tells on the way what.
    ///
    /// # Errors
    ///
    /// Where something cannot be measured: no directory for the databases, a process that does not start, a
    /// sync that does not succeed.
    pub async fn measure(self, tell: Tell<'_>) -> anyhow::Result<Findings> {
        course::Course::new(self, tell)?.run().await
    }
}
