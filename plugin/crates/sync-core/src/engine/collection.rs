//! A collection of people that is read beside the users: where its changes are, and where a round stands in it.
//!
//! A round reads the users first. When their changes are read to the end, it turns to the other collection, and
//! back when that one is read to its end, too: whoever waits, is tried again or was not seen is decided about
//! after both. Each collection has a cursor and a proof of its own; they move together, with the end of the round.

use serde::{Deserialize, Serialize};

use super::proof::Proof;
use super::step::Step;

/// Where the next incremental round over the collection starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionCursor {
    /// The deltaLink of the last complete round.
    pub delta_link: String,
    /// How many people the last full round read.
    pub people: u64,
}

/// The collection that a round does not read just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// What comes next of it.
    pub(super) step: Step,
    /// Live people read so far.
    pub(super) people: u64,
    /// What it has shown of itself.
    pub(super) proof: Proof,
}

impl Collection {
    /// A collection of which nothing was read.
    pub(super) fn begin(step: Step, proof: Proof) -> Self {
        Self {
            step,
            people: 0,
            proof,
        }
    }

    /// Whether it was read to its end.
    pub(super) fn is_read(&self) -> bool {
        matches!(self.step, Step::Waiting { .. })
    }

    /// Where the next round over it starts, once this one has come to its end. `before` is where this one started.
    pub(super) fn next_cursor(self, before: Option<CollectionCursor>) -> Option<CollectionCursor> {
        let Step::Waiting { delta_link } = self.step else {
            return None;
        };
        Some(CollectionCursor {
            delta_link,
            people: before.map_or(self.people, |before| before.people),
        })
    }
}
