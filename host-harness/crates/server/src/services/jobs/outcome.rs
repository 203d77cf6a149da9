//! What a job came to, put into the records and told to the operator.

use api_types::shapes::PlanShape;
use connector_contract::{Run, RunStatus};
use server_db::{JobEnd, JobFailure, Outcome};

use super::job::{Job, Planned};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::overview::cause::Cause;

/// How a job ended.
pub(super) enum JobOutcome {
    /// With a run.
    Run {
        run: Run,
        /// Why it failed on the way to the directory, where the host knows an option that may help: the run
        /// itself is kept by the connector, which does not.
        way: Option<String>,
    },
    /// With a plan.
    Plan(PlanShape),
    /// The server ends; the job is resumed when it is there again.
    Interrupted,
}

/// Tells the operator's log and numbers how a job ended. The error says what happened without any personal
/// data: it may be kept and shown.
pub(super) fn log(ws: &WorkspaceContext, job: &Job, ended: &Result<JobOutcome, ServiceError>) {
    let (workspace, task) = (ws.id.as_str(), job.task().name());
    match ended {
        Ok(JobOutcome::Run { run, .. }) => {
            ws.app.metrics.ran(run);
            tracing::info!(
                workspace,
                task,
                run = run.id,
                status = run.status.name(),
                processed = run.counts.processed,
                created = run.counts.created,
                updated = run.counts.updated,
                removed = run.counts.removed,
                failed = run.counts.failed,
                requests = run.requests,
                "run ended"
            );
        }
        Ok(JobOutcome::Plan(plan)) => tracing::info!(workspace, digest = plan.digest, "plan made"),
        Ok(JobOutcome::Interrupted) => tracing::info!(workspace, task, "job interrupted"),
        Err(error) => {
            ws.app.metrics.failed();
            tracing::warn!(workspace, task, %error, "job failed");
        }
    }
}

/// Puts into the records how a job ended.
pub(super) fn persist(
    ws: &WorkspaceContext,
    job: &Job,
    version: i64,
    ended: &Result<JobOutcome, ServiceError>,
) -> Result<(), ServiceError> {
    match ended {
        Ok(JobOutcome::Interrupted) => Ok(()),
        Ok(JobOutcome::Run { run, way }) => run_ended(ws, job, run, way.as_deref()),
        Ok(JobOutcome::Plan(plan)) => match job {
            Job::PlanUndo { run } => undo_ended(ws, run, ("undo-planned", &plan.digest), None),
            _ => plan_ended(ws, job, version, Ok(&plan.digest)),
        },
        Err(error) => failed(ws, job, version, error),
    }
}

fn run_ended(
    ws: &WorkspaceContext,
    job: &Job,
    run: &Run,
    way: Option<&str>,
) -> Result<(), ServiceError> {
    let status = run.status.name();
    match job {
        Job::Retry { user } => {
            let subject = format!("{status}, {user}");
            let event = ws.app.event("server", "retry-ended", Some(&subject));
            ws.app.db.note(Some(&ws.id), event)?;
        }
        Job::Undo { run: undone, .. } => {
            let subject = format!("{status}, run {} takes back {undone}", run.id);
            let has_failed = matches!(run.status, RunStatus::Failed | RunStatus::Incomplete);
            let error = run.errors.last().filter(|_| has_failed);
            let failure = error.map(|error| error.message.as_str());
            undo_ended(ws, undone, ("undo-ended", &subject), failure)?;
        }
        Job::Sync { .. } | Job::Plan { .. } | Job::PlanUndo { .. } => {
            let subject = format!("{status}, run {}", run.id);
            let event = ws.app.event("server", "sync-ended", Some(&subject));
            let ended = JobEnd {
                outcome: outcome(run.status),
                starter: job.starter(),
                failure: way
                    .filter(|_| run.status == RunStatus::Failed)
                    .map(|why| JobFailure {
                        why,
                        kind: Cause::Network.name(),
                    }),
            };
            ws.app.db.end_job(&ws.id, ended, event)?;
        }
    }
    Ok(())
}

/// A run was taken back, or that was planned; or not, and why.
fn undo_ended(
    ws: &WorkspaceContext,
    run: &str,
    (action, subject): (&str, &str),
    failure: Option<&str>,
) -> Result<(), ServiceError> {
    let event = ws.app.event("server", action, Some(subject));
    ws.app.db.end_undo(&ws.id, event)?;
    ws.task.set_failed_undo(failure.map(|why| (run, why)));
    Ok(())
}

fn plan_ended(
    ws: &WorkspaceContext,
    job: &Job,
    version: i64,
    plan: Result<&str, &str>,
) -> Result<(), ServiceError> {
    let action = if plan.is_ok() {
        "planned"
    } else {
        "plan-failed"
    };
    let event = ws.app.event("server", action, plan.ok());
    let of_block = matches!(
        job,
        Job::Plan {
            of: Planned::InForce,
            ..
        }
    );
    // What the review shows is a plan of the settings that wait; a block finds its own by its digest.
    if of_block && ws.record()?.proposal.is_some() {
        ws.app.db.note(Some(&ws.id), event)?;
    } else {
        ws.app.db.save_plan(&ws.id, version, plan, event)?;
    }
    Ok(())
}

fn failed(
    ws: &WorkspaceContext,
    job: &Job,
    version: i64,
    error: &ServiceError,
) -> Result<(), ServiceError> {
    let text = error.to_string();
    match job {
        Job::Plan { .. } => plan_ended(ws, job, version, Err(&text)),
        Job::Sync { .. } => {
            let event = ws.app.event("server", "sync-failed", None);
            let ended = JobEnd {
                outcome: Outcome::Failed,
                starter: job.starter(),
                failure: Some(JobFailure {
                    why: &text,
                    kind: Cause::of(error).name(),
                }),
            };
            Ok(ws.app.db.end_job(&ws.id, ended, event)?)
        }
        Job::Retry { user } => {
            let event = ws.app.event("server", "retry-failed", Some(user.as_str()));
            Ok(ws.app.db.note(Some(&ws.id), event)?)
        }
        Job::PlanUndo { run } => undo_ended(ws, run, ("undo-plan-failed", run), Some(&text)),
        Job::Undo { run, .. } => undo_ended(ws, run, ("undo-failed", run), Some(&text)),
    }
}

pub(super) fn outcome(status: RunStatus) -> Outcome {
    match status {
        RunStatus::Succeeded | RunStatus::Warnings => Outcome::Succeeded,
        RunStatus::Blocked | RunStatus::Stopped | RunStatus::Running => Outcome::Stopped,
        RunStatus::Failed | RunStatus::Incomplete => Outcome::Failed,
    }
}
