//! `sync` and everything that runs like one: what was done.

use connector_contract::{
    AttributeChange, Block, ReasonCount, Run, RunMode, RunStatus, RunWarning,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moment;
use crate::by_name;

/// What a run did in spite of something amiss.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarningShape {
    pub field: Option<String>,
    pub message: String,
    pub count: u64,
}

impl From<RunWarning> for WarningShape {
    fn from(warning: RunWarning) -> Self {
        Self {
            field: warning.field,
            message: warning.message,
            count: warning.count,
        }
    }
}

/// What a run could not do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorShape {
    pub code: String,
    pub message: String,
    pub count: u64,
}

/// To how many people a reason applied.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReasonShape {
    pub reason: String,
    pub count: u64,
}

impl From<ReasonCount> for ReasonShape {
    fn from(reason: ReasonCount) -> Self {
        Self {
            reason: reason.reason,
            count: reason.count,
        }
    }
}

/// What a limit stopped, or would stop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockShape {
    pub breaker: String,
    pub message: String,
    pub cause: String,
    pub digest: String,
}

/// How the limit on emptied fields is named: the field follows.
const BLANKED: &str = "blanked:";
const DIRECTORY: &str = "directory";
const DIRECTORY_BLANKED: &str = "directory-blanked:";

impl BlockShape {
    /// The field that would be emptied on too many contacts, where that is the limit.
    pub fn blanked_field(&self) -> Option<&str> {
        self.breaker.strip_prefix(BLANKED)
    }

    /// What the directory would be given too much of, where that is the limit.
    pub fn given(&self) -> Option<GivenTooMuch<'_>> {
        if self.breaker == DIRECTORY {
            return Some(GivenTooMuch::Values);
        }
        let attribute = self.breaker.strip_prefix(DIRECTORY_BLANKED);
        attribute.map(GivenTooMuch::Blanks)
    }
}

/// What the directory would be given too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenTooMuch<'a> {
    /// Values, of too many people.
    Values,
    /// No value any more, of this attribute.
    Blanks(&'a str),
}

impl GivenTooMuch<'_> {
    /// Whether a change is one of them.
    pub fn is_about(&self, change: &AttributeChange) -> bool {
        match self {
            Self::Values => true,
            Self::Blanks(attribute) => change.attribute == *attribute && change.after.is_none(),
        }
    }
}

impl From<Block> for BlockShape {
    fn from(block: Block) -> Self {
        Self {
            breaker: block.breaker,
            message: block.message,
            cause: block.cause,
            digest: block.digest,
        }
    }
}

/// The trigger of a run that takes another one back.
pub const UNDO: &str = "undo";

/// The trigger of a run that tries one person again; the connector's own.
const RETRY: &str = "retry";

/// What a run did, as far as its trigger tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Brought the contacts in step. It alone tells how the connection stands.
    Sync,
    /// Tried one person again.
    Retry,
    /// Took another run back.
    Undo,
}

impl RunKind {
    /// Of a run with this trigger: whatever is not the connector's or the host's own word is a sync.
    pub fn of(trigger: &str) -> Self {
        match trigger {
            RETRY => Self::Retry,
            UNDO => Self::Undo,
            _ => Self::Sync,
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Retry => RETRY,
            Self::Undo => UNDO,
        }
    }
}

/// Whether a run with this trigger was a sync: it alone tells how the connection stands.
pub fn is_sync(trigger: &str) -> bool {
    RunKind::of(trigger) == RunKind::Sync
}

/// `sync --json`, `retry --json`, `undo --approve --json`, and one entry of the history in `report --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunShape {
    pub run_id: String,
    #[serde(serialize_with = "by_name::run_mode::serialize")]
    #[schema(value_type = String)]
    pub mode: RunMode,
    pub trigger: String,
    #[serde(serialize_with = "by_name::run_status::serialize")]
    #[schema(value_type = String)]
    pub status: RunStatus,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub processed: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub removed: u64,
    pub failed: u64,
    pub skips: Vec<ReasonShape>,
    pub requests: u64,
    pub throttled_ms: u64,
    pub warnings: Vec<WarningShape>,
    pub errors: Vec<ErrorShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<ApprovedShape>,
    /// People of whom the directory was given something, or given it back; left out where there are none.
    #[serde(skip_serializing_if = "is_nobody")]
    pub given: u64,
    /// Of an undo, the run that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

pub(super) fn is_nobody(people: &u64) -> bool {
    *people == 0
}

impl RunShape {
    /// Whether there is something to take back.
    pub fn changed_contacts(&self) -> bool {
        self.finished_at.is_some() && self.created + self.updated + self.removed + self.given > 0
    }
}

/// What became of an approved plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedShape {
    pub digest: String,
    pub changes: u64,
    pub performed: u64,
}

impl From<Run> for RunShape {
    fn from(run: Run) -> Self {
        Self {
            run_id: run.id,
            mode: run.mode,
            trigger: run.trigger,
            status: run.status,
            started_at: moment(run.started_at_ms),
            finished_at: run.finished_at_ms.map(moment),
            processed: run.counts.processed,
            created: run.counts.created,
            updated: run.counts.updated,
            unchanged: run.counts.unchanged,
            skipped: run.counts.skipped,
            removed: run.counts.removed,
            failed: run.counts.failed,
            skips: run.skips.into_iter().map(Into::into).collect(),
            requests: run.requests,
            throttled_ms: run.throttled_ms,
            warnings: run.warnings.into_iter().map(Into::into).collect(),
            errors: run
                .errors
                .into_iter()
                .map(|error| ErrorShape {
                    code: error.code,
                    message: error.message,
                    count: error.count,
                })
                .collect(),
            block: run.block.map(Into::into),
            approved: run.approved.map(|approved| ApprovedShape {
                digest: approved.digest,
                changes: approved.changes,
                performed: approved.performed,
            }),
            given: run.given,
            undoes: run.undoes,
        }
    }
}

/// One element of `undo --json` without a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedRunShape {
    pub run_id: String,
    pub at: String,
    pub people: u64,
    pub changes: u64,
}
