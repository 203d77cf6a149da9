//! Taking a run back.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ProgressView, RemovalsView, ReviewCount};
use crate::shapes::{RunShape, WarningShape};

/// The runs of the history that changed contacts, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UndoableView {
    pub runs: Vec<RunShape>,
}

/// What taking a run back would do. Planned by a post to `{root}/undo/plan` with `run`; done by one to
/// `{root}/undo` with `run`, `approve` = digest and `deletions`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoView {
    /// The id of the run that is to be taken back.
    pub run_id: String,
    /// The run, where it is one of the last 30.
    pub run: Option<RunShape>,
    /// Present while something goes on; mostly it is that plan.
    pub progress: Option<ProgressView>,
    /// As on the overview.
    pub changes: u64,
    /// Why it could not be planned, or not be done.
    pub failure: Option<String>,
    /// The plan, where there is one.
    pub digest: Option<String>,
    /// RFC 3339.
    pub made_at: Option<String>,
    /// When exactly this was done already, RFC 3339.
    pub done_at: Option<String>,
    /// Each leads to the people behind it, as in the review.
    pub counts: Vec<ReviewCount>,
    pub removals: RemovalsView,
    pub warnings: Vec<WarningShape>,
    /// People of whom the directory is given back what the run gave it.
    pub given: u64,
    /// What limits say of that, each in a sentence. Who approves the plan lets exactly it pass.
    pub limits: Vec<String>,
}
