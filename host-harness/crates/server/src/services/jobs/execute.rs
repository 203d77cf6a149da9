//! How a job is done: the workspace is opened and held, the connector called slice by slice, and what
//! came of it put into the records.

use std::sync::Arc;
use std::time::Duration;

use api_types::shapes::UNDO;
use connector_contract::{RunMode, RunStatus, Slice, SyncRequest, UndoRequest};
use server_db::Outcome;

use super::execution::JobRun;
use super::job::{Job, Planned, Trigger, mode};
use super::outcome::{JobOutcome, log, outcome, persist};
use super::planning::{Planning, plan};
use super::slices::{Slicing, slices};
use crate::services::backoff::Backoff;
use crate::services::context::WorkspaceContext;
use crate::services::document::document;
use crate::services::error::ServiceError;
use crate::services::overview::gauges::{update_metrics, update_metrics_after};
use crate::services::scheduling::reschedule;
use crate::turns::Work;

/// How long a slice of a sync is: after each, whoever waits longest works next.
const SLICE: Duration = Duration::from_secs(10);

/// Does a job, and keeps what came of it; what is to be done next. A run that a limit stopped is followed
/// by a plan, which tells who would be concerned.
pub(super) async fn execute(ws: &WorkspaceContext, job: &Job) -> Option<Job> {
    ws.app.metrics.at_work(true);
    let version = ws.record().map_or(0, |record| record.version);
    let ended = attempt(ws, job).await;
    ws.app.metrics.at_work(false);
    log(ws, job, &ended);
    let failed = match &ended {
        Ok(JobOutcome::Run { run, .. }) => outcome(run.status) == Outcome::Failed,
        Ok(_) => false,
        Err(_) => true,
    };
    // Work like any other: those that fail fast must not do it all at once.
    let turn = ws.app.turns.job(Work::Sync, failed);
    let persisting = async {
        let mut pause = Backoff::SHORTEST;
        loop {
            let computing = Arc::clone(&turn).turn().await;
            let Err(error) = persist(ws, job, version, &ended) else {
                return computing;
            };
            drop(computing);
            pause
                .after(&ws.id, "keeping the outcome of a job failed", &error)
                .await;
        }
    };
    let mut closing = ws.app.closing.subscribe();
    let computing = tokio::select! {
        biased;
        computing = persisting => Some(computing),
        // Nobody waits for a turn any more. What is not kept now the next server resumes.
        _ = closing.wait_for(|closing| *closing) => {
            if let Err(error) = persist(ws, job, version, &ended) {
                tracing::error!(workspace = ws.id, %error, "keeping the outcome of a job failed");
            }
            None
        }
    };
    if found_nothing(job, &ended) {
        ws.app.notifications.repeat(&ws.id, ws.app.now_ms());
    }
    if !matches!(ended, Ok(JobOutcome::Interrupted)) {
        reschedule(&ws.app, &ws.id);
        match &ended {
            _ if computing.is_none() => {}
            Ok(JobOutcome::Run { run, .. }) => update_metrics_after(ws, run).await,
            _ => update_metrics(ws).await,
        }
    }
    drop(computing);
    match ended {
        Ok(JobOutcome::Run { run, .. }) if run.status == RunStatus::Blocked => Some(Job::Plan {
            full: run.mode == RunMode::Full,
            of: Planned::InForce,
        }),
        _ => None,
    }
}

/// Whether a sync after a notification found nothing to do: it may have come before the directory showed the change.
fn found_nothing(job: &Job, ended: &Result<JobOutcome, ServiceError>) -> bool {
    let is_told = matches!(
        job,
        Job::Sync {
            trigger: Trigger::Notification,
            ..
        }
    );
    let is_idle = matches!(ended, Ok(JobOutcome::Run { run, .. }) if run.counts.processed == 0);
    is_told && is_idle
}

async fn attempt(ws: &WorkspaceContext, job: &Job) -> Result<JobOutcome, ServiceError> {
    let record = ws.record()?;
    let failed = record.failures > 0 || record.outcome == Some(Outcome::Failed);
    let planned = match job {
        Job::Plan {
            of: Planned::Edited,
            ..
        } => record.edited(),
        _ => &record.settings,
    };
    let work = match job {
        Job::Plan { .. } | Job::PlanUndo { .. } => Work::Plan,
        Job::Sync { .. } | Job::Retry { .. } | Job::Undo { .. } => Work::Sync,
    };
    let run = JobRun {
        ws,
        task: job.task(),
        turn: ws.app.turns.job(work, failed),
        document: document(&ws.app, planned),
        settings: record.settings.clone(),
    };
    match job {
        Job::Plan { full, .. } => plan(&run, &Planning::Sync(mode(*full)))
            .await
            .map(JobOutcome::Plan),
        Job::PlanUndo { run: undone } => plan(&run, &Planning::Undo(undone))
            .await
            .map(JobOutcome::Plan),
        Job::Undo {
            run: undone,
            approved,
        } => {
            let request = UndoRequest {
                run: undone.clone(),
                approved: approved.clone(),
                trigger: UNDO.to_owned(),
                slice: slice(),
            };
            slices(&run, &Slicing::Undo(request)).await
        }
        Job::Sync {
            full,
            trigger,
            approve,
        } => {
            let request = SyncRequest {
                mode: mode(*full),
                trigger: trigger.name().to_owned(),
                slice: slice(),
                approval: approve.clone().map(Into::into),
            };
            slices(&run, &Slicing::Sync(request)).await
        }
        Job::Retry { user } => slices(&run, &Slicing::Retry(user.as_str())).await,
    }
}

fn slice() -> Slice {
    Slice {
        max_pages: None,
        max_ms: Some(u64::try_from(SLICE.as_millis()).unwrap_or(u64::MAX)),
    }
}
