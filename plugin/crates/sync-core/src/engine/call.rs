//! What every entry point begins with, and why one does nothing.

use thiserror::Error;

use crate::contact::ObjectIdError;
use crate::ports::StoreDescription;
use crate::settings::{Problem, Settings};

use super::run_abort::RunAbort;

/// Why a call did nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// All problems of the document at once.
    #[error("the configuration has {} problems", .0.len())]
    InvalidConfiguration(Vec<Problem>),
    /// The plan that was approved is not the one that the host keeps, or of another configuration.
    #[error(
        "the host keeps no plan with this digest under this configuration; plan again, and approve that"
    )]
    UnknownPlan,
    /// What was given as somebody's id is none.
    #[error("{0}")]
    InvalidUser(#[from] ObjectIdError),
    /// Between two slices of a sync nothing else may write.
    #[error("a sync is between two slices; let it come to its end first, by running `sync` again")]
    RoundOpen,
    /// The directory, the store or the host.
    #[error(transparent)]
    Aborted(#[from] RunAbort),
    /// What somebody decided about is no longer as it was shown.
    #[error("these values are no longer in conflict: one of them has changed, or it was settled")]
    NoConflict,
    /// The contact's value cannot count.
    #[error(
        "the person is synchronised from on-premises, and can be changed only there: the contact's value cannot count"
    )]
    DirectoryAlone,
    /// The journal holds nothing of the run.
    #[error(
        "there is nothing to take back of the run {run}: there is no such run, it changed nothing, or \
         the journal of the contact store does not reach that far back"
    )]
    NothingToUndo {
        /// The run.
        run: String,
    },
}

/// A configuration that was read against the store.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What it says.
    pub settings: Settings,
    /// What the store is and can do.
    pub store: StoreDescription,
}
