//! The workspaces that are due, for whoever wakes them.

use std::sync::Arc;
use std::time::Duration;

use sync_runner::Worker;

use super::context::WorkspaceContext;
use super::error::ServiceError;
use super::jobs::begin::begin;
use super::jobs::job::{Job, Trigger};
use super::scheduling::reschedule;
use crate::app::App;

/// How many due workspaces are started at a time.
const BATCH: u32 = 1_000;

/// Starts scheduled syncs.
pub(crate) struct DueSyncs(pub(crate) Arc<App>);

impl Worker for DueSyncs {
    fn due(&self) -> Vec<String> {
        let Self(app) = self;
        if app.clock.was_set_back() {
            reschedule_all(app);
        }
        app.db.due(app.now_ms(), BATCH).unwrap_or_else(|error| {
            tracing::error!(%error, "reading the due workspaces failed");
            Vec::new()
        })
    }

    fn start(&self, workspace: &str) -> bool {
        let job = Job::Sync {
            full: false,
            trigger: Trigger::Schedule,
            approve: None,
        };
        match begin(&WorkspaceContext::new(&self.0, workspace), job, "scheduler") {
            Ok(()) => true,
            // It is looked at again when that is done.
            Err(ServiceError::Busy(task)) => {
                tracing::debug!(workspace, task = task.name(), "workspace busy");
                false
            }
            Err(error) => {
                tracing::error!(workspace, %error, "starting a scheduled sync failed");
                false
            }
        }
    }

    fn next_due_in(&self) -> Option<Duration> {
        let at_ms = self.0.db.earliest_run_ms().ok()??;
        let left = at_ms.saturating_sub(self.0.now_ms());
        Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }
}

/// What was computed by a clock that was ahead would not be due for as long as it was.
fn reschedule_all(app: &App) {
    tracing::warn!("clock set back; rescheduling every workspace");
    match app.db.workspace_ids() {
        Ok(ids) => ids.iter().for_each(|id| reschedule(app, id)),
        Err(error) => tracing::error!(%error, "reading the workspaces failed"),
    }
}
