//! What is kept beside the contacts: plans, runs, and who led to no change.

use connector_contract::Effect;

/// What the host keeps of a finished plan beside its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// As the connector computed it over the changes.
    pub digest: String,
    /// `incremental`, `full`, or `undo`.
    pub mode: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub created_at_ms: i64,
    /// The whole summary, as JSON text of the host's own shape.
    pub summary: String,
}

/// Which entries of a plan are wanted. The default wants all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Only entries with one of these effects; where there are none, all.
    pub effects: Vec<Effect>,
    /// Only the entry of this directory user.
    pub user: Option<String>,
    /// Only entries of users to whom the run of this id did nothing.
    pub left_out_by: Option<String>,
}

/// A run that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRun {
    /// The connector's id of the run.
    pub run: String,
    /// When one of its changes was made. Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: u64,
    /// How many directory users its changes are about.
    pub people: u64,
    /// How many changes it made.
    pub changes: u64,
}

/// A directory user who led to no change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedUser {
    /// The user.
    pub object_id: String,
    /// The contact that they have, or that is in their way.
    pub contact: Option<String>,
}
