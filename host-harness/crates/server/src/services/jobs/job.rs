//! What a workspace can be asked to do. One thing at a time.

use api_types::views::Task;
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
        /// Who asks.
        trigger: Trigger,
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
    #[serde(rename = "taking")]
    Block(String),
}

impl Job {
    /// What goes on while it is done.
    pub(crate) fn task(&self) -> Task {
        match self {
            Self::Sync { .. } => Task::Sync,
            Self::Plan { .. } => Task::Plan,
            Self::Retry { .. } => Task::Retry,
            Self::PlanUndo { .. } => Task::PlanUndo,
            Self::Undo { .. } => Task::Undo,
        }
    }

    /// The plan of everybody that the review shows.
    pub(crate) fn plan() -> Self {
        Self::Plan {
            full: true,
            of: Planned::Edited,
        }
    }

    /// Whether it is resumed after a crash.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Self::Sync { .. } | Self::Undo { .. })
    }

    /// Who starts it.
    pub(crate) fn starter(&self) -> JobStarter {
        match self {
            Self::Sync {
                trigger: Trigger::Schedule,
                ..
            } => JobStarter::Schedule,
            Self::Sync {
                trigger: Trigger::Notification | Trigger::Repetition,
                ..
            } => JobStarter::Notification,
            Self::Undo { .. } => JobStarter::Undoing,
            _ => JobStarter::Person,
        }
    }
}

/// Who asks for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trigger {
    /// The schedule: it was due.
    Schedule,
    /// A person.
    Manual,
    /// The directory: something changed.
    Notification,
    /// Nobody: it is done once more, because one after a notification has found nothing.
    Repetition,
}

impl Trigger {
    /// In the run's record.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Manual => "manual",
            Self::Notification | Self::Repetition => "notification",
        }
    }
}

impl From<Approved> for Approval {
    fn from(approved: Approved) -> Self {
        match approved {
            Approved::Plan(digest) => Self::Plan(digest),
            Approved::Block(digest) => Self::Block(digest),
        }
    }
}

/// Who reads everybody, and who what has changed.
pub(crate) fn mode(full: bool) -> RunMode {
    if full {
        RunMode::Full
    } else {
        RunMode::Incremental
    }
}
