//! What goes on in a workspace now.

use serde::Serialize;
use utoipa::ToSchema;

/// What can go on in a workspace. One thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "&'static str")]
pub enum Task {
    /// Brings the contacts in step.
    Sync,
    /// Finds out what a sync would do.
    Plan,
    /// Tries one person again.
    Retry,
    /// Finds out what taking a run back would do.
    PlanUndo,
    /// Takes a run back.
    Undo,
    /// Tests the connection.
    Test,
    /// Lets go of the directory.
    Disconnect,
    /// Keeps what somebody decided about a value that both sides have changed.
    Decide,
}

impl Task {
    /// In a word, as people and programs are told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Plan => "plan",
            Self::Retry => "retry",
            Self::PlanUndo => "undo plan",
            Self::Undo => "undo",
            Self::Test => "test",
            Self::Disconnect => "disconnect",
            Self::Decide => "decision",
        }
    }
}

impl From<Task> for &'static str {
    fn from(task: Task) -> Self {
        task.name()
    }
}

/// A run that goes on now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgressView {
    /// `sync`, `plan`, `retry`, `undo plan`, `undo`, `test` or `disconnect`.
    #[schema(value_type = String)]
    pub task: Task,
    /// In words: "Reading the directory".
    pub phase: String,
    /// People so far.
    pub done: u64,
    /// People in all, where that is known; an estimate.
    pub total: Option<u64>,
    /// How long the rest of the phase takes at least, in seconds, where a limit of the directory sets the pace.
    pub remaining_seconds: Option<u64>,
    /// RFC 3339.
    pub started_at: String,
    /// It waits for other workspaces' runs.
    pub queued: bool,
    /// Asked to stop; it ends after the page that it is at.
    pub stopping: bool,
}
