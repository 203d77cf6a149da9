//! `sync` and everything that runs like one: what was done.

use connector_contract::{Block, ReasonCount, Run, RunWarning};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moment;

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

/// `sync --json`, `retry --json`, `undo --approve --json`, and one entry of the history in `report --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunShape {
    pub run_id: String,
    pub mode: &'static str,
    pub trigger: String,
    pub status: &'static str,
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
}

impl RunShape {
    /// Whether there is something to take back.
    pub fn changed_contacts(&self) -> bool {
        self.finished_at.is_some() && self.created + self.updated + self.removed > 0
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
            mode: run.mode.name(),
            trigger: run.trigger,
            status: run.status.name(),
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
pub struct ChangedRunShape {
    pub run_id: String,
    pub at: String,
    pub people: u64,
    pub changes: u64,
}
