//! What a workspace can be asked to do. One thing at a time.

use connector_contract::{Approval, RunMode};
use contact_identity::ObjectId;
use serde::{Deserialize, Serialize};
use server_db::JobStarter;

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
    Plan { full: bool, of: Planned },
    /// Tries one person again.
    Retry { user: ObjectId },
    /// Finds out what taking a run back would do.
    PlanUndo { run: String },
    /// Takes a run back, by the digest of the plan that a person has approved.
    Undo { run: String, approved: String },
}

/// With which settings a plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Planned {
    /// Those that wait to be put into force, where there are such: what the review shows.
    Edited,
    /// Those in force: what a limit has stopped was decided with them.
    InForce,
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
            Self::PlanUndo { .. } => "undo plan",
            Self::Undo { .. } => "undo",
        }
    }

    /// The plan of everybody that the review shows.
    pub(crate) fn plan() -> Self {
        Self::Plan {
            full: true,
            of: Planned::Edited,
        }
    }

    /// Whether it is gone on with after a crash.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self, Self::Sync { .. } | Self::Undo { .. })
    }

    /// Who starts it.
    pub(super) fn starter(&self) -> JobStarter {
        match self {
            Self::Sync { trigger, .. } if trigger == SCHEDULE => JobStarter::Schedule,
            Self::Undo { .. } => JobStarter::Undoing,
            _ => JobStarter::Person,
        }
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
            Approved::Taking(digest) => Self::Block(digest),
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
