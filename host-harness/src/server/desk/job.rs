//! What a workspace can be asked to do. One thing at a time.

use contact_identity::ObjectId;
use serde::{Deserialize, Serialize};

use crate::contract::{Approval, RunMode};

/// A task of a workspace. What reads or writes the directory's people for longer is kept in the records
/// until it has ended, so that a crash does not lose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "task")]
pub(crate) enum Job {
    /// Brings the contacts in step.
    Sync {
        full: bool,
        /// Who asks, for the run's record: `manual` or `schedule`.
        trigger: String,
        approve: Option<Approved>,
    },
    /// Finds out what a sync would do, for the review, or to show what a limit has stopped.
    Plan { full: bool },
    /// Tries one person again.
    Retry { user: ObjectId },
}

/// What a person has approved, by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Approved {
    /// A plan.
    Plan(String),
    /// What a limit stopped.
    Taking(String),
}

impl Job {
    /// In a word, as people are told.
    pub(crate) fn task(&self) -> &'static str {
        match self {
            Self::Sync { .. } => "sync",
            Self::Plan { .. } => "plan",
            Self::Retry { .. } => "retry",
        }
    }

    /// Whether it is gone on with after a crash.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self, Self::Sync { .. })
    }

    /// Whether the scheduler asked for it.
    pub(super) fn is_scheduled(&self) -> bool {
        matches!(self, Self::Sync { trigger, .. } if trigger == SCHEDULE)
    }
}

/// The trigger of a run that was due.
pub(crate) const SCHEDULE: &str = "schedule";

/// The trigger of a run that a person asked for.
pub(crate) const MANUAL: &str = "manual";

impl From<Approved> for Approval {
    fn from(approved: Approved) -> Self {
        match approved {
            Approved::Plan(digest) => Self::Plan(digest),
            Approved::Taking(digest) => Self::Taking(digest),
        }
    }
}

/// The mode of a run.
pub(super) fn mode(full: bool) -> RunMode {
    if full {
        RunMode::Full
    } else {
        RunMode::Incremental
    }
}
