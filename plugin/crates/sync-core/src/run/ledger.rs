//! Who could not be written, and how often it was tried.

use serde::{Deserialize, Serialize};

use crate::contact::{Effect, ObjectId};
use crate::ports::Timestamp;

/// How often somebody is tried before they are given up. A change in the directory, a full round or
/// an administrator tries again all the same.
pub const TRIES: u32 = 5;

/// Why somebody could not be written. Kept in the state as JSON, under their object id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRecord {
    /// The store's refusal, or one of this crate: stable, never a value.
    pub code: String,
    /// The field at fault, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How often it was tried.
    pub tries: u32,
    /// When it failed first.
    pub first: Timestamp,
    /// When it failed last.
    pub last: Timestamp,
    /// The run that tried last.
    pub run: String,
    /// The change was given to the store, and its answer was not heard: what the run's record counts
    /// it as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheard: Option<(Effect, String)>,
}

impl LedgerRecord {
    /// Tried so often that the next runs leave it alone.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.tries >= TRIES
    }
}

/// Somebody who could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The user.
    pub object_id: ObjectId,
    /// Why.
    pub failing: LedgerRecord,
}

/// Everybody who could not be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Will be tried again.
    pub waiting: u64,
    /// Tried too often.
    pub given_up: u64,
    /// The first of them, by object id.
    pub entries: Vec<LedgerEntry>,
}
