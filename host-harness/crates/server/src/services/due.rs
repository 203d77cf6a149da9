//! The workspaces that are due, for whoever wakes them.

use std::sync::Arc;
use std::time::Duration;

use sync_runner::Worker;

use super::context::WorkspaceContext;
use super::error::ServiceError;
use super::jobs::begin::begin;
use super::jobs::job::{Job, Trigger};
use super::jobs::notified::receive;
use super::scheduling::reschedule;
use crate::app::App;

/// How many due workspaces are started at a time.
const BATCH: u32 = 1_000;

/// Starts scheduled syncs, and those of workspaces that were told of changes.
pub(crate) struct DueSyncs(pub(crate) Arc<App>);

impl Worker for DueSyncs {
    fn due(&self) -> Vec<String> {
        let Self(app) = self;
        if app.clock.was_set_back() {
            reschedule_all(app);
        }
        let now_ms = app.now_ms();
        let mut due = app.db.due(now_ms, BATCH).unwrap_or_else(|error| {
            tracing::error!(%error, "reading the due workspaces failed");
            Vec::new()
        });
        let told = app.notifications.due(now_ms).into_iter();
        let told: Vec<_> = told.filter(|id| !due.contains(id)).collect();
        due.extend(told);
        due
    }

    fn start(&self, workspace: &str) -> bool {
        let Self(app) = self;
        let ws = WorkspaceContext::new(app, workspace);
        if !self.is_scheduled(workspace) {
            return receive(&ws);
        }
        let job = Job::Sync {
            full: false,
            trigger: Trigger::Schedule,
            approve: None,
        };
        match begin(&ws, job, "scheduler") {
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
        let Self(app) = self;
        let now_ms = app.now_ms();
        let scheduled = app.db.earliest_run_ms().ok().flatten().map(|at_ms| {
            let left = at_ms.saturating_sub(now_ms);
            Duration::from_millis(u64::try_from(left).unwrap_or(0))
        });
        let told = app.notifications.next_due_in(now_ms);
        scheduled.into_iter().chain(told).min()
    }
}

impl DueSyncs {
    /// Whether it is the schedule by which a workspace is due. Where the records do not tell, it is not.
    fn is_scheduled(&self, workspace: &str) -> bool {
        let Self(app) = self;
        let record = app.db.workspace(workspace).ok().flatten();
        let at_ms = record.and_then(|record| record.next_run_ms);
        at_ms.is_some_and(|at_ms| at_ms <= app.now_ms())
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
