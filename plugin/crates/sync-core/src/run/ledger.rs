//! Who could not be written, and how often it was tried.

use serde::{Deserialize, Serialize};

use crate::contact::{Effect, ObjectId};
use crate::ports::Timestamp;

/// How often somebody is tried before they are given up. A change in the directory, a full round or
/// an administrator tries again all the same.
pub const TRIES: u32 = 5;

/// What a store answers where it cannot say whether a change was performed (`outcome.other` of the contract): it looks
/// into that by itself, and later.
pub const UNKNOWN: &str = "unknown";

/// For so long whoever is [`UNKNOWN`] is not given up, in milliseconds: runs can follow each other within seconds, where
/// the directory tells of its changes, and a service may show what was written to it no sooner.
const UNKNOWN_FOR_MS: u64 = 10 * 60 * 1000;

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

    /// How often it was tried, with one more try at a moment that came to a code.
    #[must_use]
    pub fn tries_with(&self, code: &str, now: Timestamp) -> u32 {
        let more = self.tries.saturating_add(1);
        let is_young = now.0.saturating_sub(self.first.0) < UNKNOWN_FOR_MS;
        if code == UNKNOWN && is_young {
            more.min(TRIES - 1)
        } else {
            more
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(tries: u32) -> LedgerRecord {
        LedgerRecord {
            code: UNKNOWN.to_owned(),
            field: None,
            tries,
            first: Timestamp(1_000),
            last: Timestamp(1_000),
            run: "r1".to_owned(),
            unheard: None,
        }
    }

    #[test]
    fn of_whom_the_store_cannot_tell_yet_is_not_given_up_within_minutes() {
        let soon = Timestamp(1_000 + UNKNOWN_FOR_MS - 1);
        let later = Timestamp(1_000 + UNKNOWN_FOR_MS);
        assert_eq!(tried(1).tries_with(UNKNOWN, soon), 2);
        assert_eq!(tried(TRIES - 1).tries_with(UNKNOWN, soon), TRIES - 1);
        assert_eq!(tried(TRIES - 1).tries_with(UNKNOWN, later), TRIES);
        assert_eq!(tried(TRIES - 1).tries_with("too-long", soon), TRIES);
    }
}
