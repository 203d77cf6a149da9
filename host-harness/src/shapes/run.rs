//! `sync` and everything that runs like one: what was done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{mode_name, moment};
use crate::contract::{Block, ReasonCount, Run, RunStatus, RunWarning};
use crate::store::ChangedRun;

/// What a run did in spite of something amiss.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WarningShape {
    pub(crate) field: Option<String>,
    pub(crate) message: String,
    pub(crate) count: u64,
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
pub(crate) struct ErrorShape {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) count: u64,
}

/// To how many people a reason applied.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReasonShape {
    pub(crate) reason: String,
    pub(crate) count: u64,
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
pub(crate) struct BlockShape {
    pub(crate) breaker: String,
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) digest: String,
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

pub(crate) fn run_status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Succeeded => "succeeded",
        RunStatus::Warnings => "warnings",
        RunStatus::Failed => "failed",
        RunStatus::Blocked => "blocked",
        RunStatus::Stopped => "stopped",
        RunStatus::Incomplete => "incomplete",
    }
}

/// The trigger of a run that takes another one back.
pub(crate) const UNDO: &str = "undo";

/// The trigger of a run that tries one person again; the connector's own.
const RETRY: &str = "retry";

/// What a run with this trigger was: `sync`, `retry` or `undo`.
pub(crate) fn run_kind(trigger: &str) -> &'static str {
    match trigger {
        RETRY => RETRY,
        UNDO => UNDO,
        _ => "sync",
    }
}

/// Whether a run with this trigger was a sync: it alone tells how the connection stands.
pub(crate) fn is_sync(trigger: &str) -> bool {
    run_kind(trigger) == "sync"
}

/// `sync --json`, `retry --json`, `undo --approve --json`, and one entry of the history in `report --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunShape {
    pub(crate) run_id: String,
    pub(crate) mode: &'static str,
    pub(crate) trigger: String,
    pub(crate) status: &'static str,
    pub(crate) started_at: String,
    pub(crate) finished_at: Option<String>,
    pub(crate) processed: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) skipped: u64,
    pub(crate) removed: u64,
    pub(crate) failed: u64,
    pub(crate) skips: Vec<ReasonShape>,
    pub(crate) requests: u64,
    pub(crate) throttled_ms: u64,
    pub(crate) warnings: Vec<WarningShape>,
    pub(crate) errors: Vec<ErrorShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) block: Option<BlockShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved: Option<ApprovedShape>,
}

/// What became of an approved plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApprovedShape {
    pub(crate) digest: String,
    pub(crate) changes: u64,
    pub(crate) performed: u64,
}

impl From<Run> for RunShape {
    fn from(run: Run) -> Self {
        Self {
            run_id: run.id,
            mode: mode_name(run.mode),
            trigger: run.trigger,
            status: run_status(run.status),
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
        }
    }
}

/// One element of `undo --json` without a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedRunShape {
    pub(crate) run_id: String,
    pub(crate) at: String,
    pub(crate) people: u64,
    pub(crate) changes: u64,
}

impl From<ChangedRun> for ChangedRunShape {
    fn from(run: ChangedRun) -> Self {
        Self {
            run_id: run.run,
            at: moment(run.at_ms),
            people: run.people,
            changes: run.changes,
        }
    }
}
