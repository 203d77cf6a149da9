//! Where an undo stands.

use serde::{Deserialize, Serialize};

use crate::contact::{Effect, ObjectId};
use crate::ports::{State, StateWrite};

use super::super::checkpoint::{delete, read, write};
use super::super::run_abort::RunAbort;

const UNDO: &str = "undo";

/// An undo that has begun and not ended. Holds only together with the current run of the same id: a
/// sync that ran in between has made it void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// The undo's own run.
    pub(super) run: String,
    /// The run that is taken back.
    pub(super) undoes: String,
    /// The plan that was approved.
    pub(super) digest: String,
    /// The last user whose turn is over.
    pub(super) after: Option<ObjectId>,
    /// The last user of the page before.
    pub(super) before: Option<ObjectId>,
    /// Users of the page at which the undo stands whose turn is over, where others of it have to come again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) settled: Vec<ObjectId>,
    /// Reversals of the last page of which the store's answer was not heard when this was written: the
    /// record counts them as done.
    pub(super) unheard: Vec<Pending>,
}

/// What a reversal is counted as once the store has done it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) user: ObjectId,
    pub(super) effect: Effect,
}

impl Checkpoint {
    pub(super) fn load(state: &dyn State) -> Result<Option<Self>, RunAbort> {
        read(state, UNDO)
    }

    pub(super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(UNDO, self)
    }

    pub(super) fn forget() -> StateWrite {
        delete(UNDO)
    }
}
