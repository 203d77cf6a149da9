//! How a job begins: within the right to do the one thing, and on record before anything is done.

use server_db::{NewJob, WorkspaceRecord, WorkspaceState};

use super::execute::execute;
use super::job::{Approved, Job, Trigger};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::start::enter;
use crate::task_state::TaskGuard;

/// Begins a job and gives back at once; it goes on by itself, and is to be seen at [`WorkspaceContext::task`].
///
/// # Errors
///
/// Where something else goes on, the workspace is not in a state for it, or the records cannot be
/// written.
pub(crate) fn begin(ws: &WorkspaceContext, job: Job, who: &str) -> Result<(), ServiceError> {
    let guard = enter(ws, job.task())?;
    let record = ws.record()?;
    begin_guarded(ws, guard, &record, (job, false), who)
}

/// Begins a job within a guard, in a workspace that was looked at since the task was started; and whether it
/// puts settings into force that wait for it.
pub(crate) fn begin_guarded(
    ws: &WorkspaceContext,
    guard: TaskGuard,
    record: &WorkspaceRecord,
    (job, confirms): (Job, bool),
    who: &str,
) -> Result<(), ServiceError> {
    allow(record.state, &job)?;
    let event = ws.app.event(who, begun_action(&job), subject_of(&job));
    if job.is_kept() {
        let text = serde_json::to_string(&job)
            .map_err(|error| ServiceError::NotNow(format!("this cannot be kept: {error}")))?;
        let begun = NewJob {
            job: &text,
            starter: job.starter(),
            connects: record.state == WorkspaceState::SettingUp && matches!(job, Job::Sync { .. }),
            confirms,
        };
        if !ws.app.db.begin_job(&ws.id, begun, event)? {
            return Err(ServiceError::disconnecting());
        }
    } else {
        ws.app.db.note(Some(&ws.id), event)?;
    }
    start(ws, job, guard);
    Ok(())
}

/// Goes on with a job that a server had begun and not ended.
pub(crate) fn resume(ws: &WorkspaceContext, job: Job) -> Result<(), ServiceError> {
    let guard = enter(ws, job.task())?;
    let action = match job {
        Job::Undo { .. } => "undo-resumed",
        _ => "sync-resumed",
    };
    let event = ws.app.event("server", action, subject_of(&job));
    ws.app.db.note(Some(&ws.id), event)?;
    start(ws, job, guard);
    Ok(())
}

fn start(ws: &WorkspaceContext, job: Job, guard: TaskGuard) {
    let ws = ws.clone();
    tokio::spawn(async move {
        // Also where a task panics, its guard ends with it.
        let _guard = guard;
        let mut next = Some(job);
        while let Some(job) = next {
            next = execute(&ws, &job).await;
            if let Some(job) = &next {
                ws.task.follow(job.task());
            }
        }
    });
}

/// Begins a sync that nobody has reviewed: of a workspace that is connected.
pub(crate) fn sync(ws: &WorkspaceContext, full: bool, who: &str) -> Result<(), ServiceError> {
    let job = Job::Sync {
        full,
        trigger: Trigger::Manual,
        approve: None,
    };
    begin(ws, job, who)
}

/// Asks what goes on to end after its page.
pub(crate) fn stop(ws: &WorkspaceContext, who: &str) -> Result<(), ServiceError> {
    let Some(task) = ws.task.task() else {
        return Err(ServiceError::NotNow("nothing is going on here".to_owned()));
    };
    let event = ws.app.event(who, "sync-stopped", Some(task.name()));
    ws.app.db.note(Some(&ws.id), event)?;
    ws.task.stop();
    Ok(())
}

/// Whether a workspace in that state may do a job.
fn allow(state: WorkspaceState, job: &Job) -> Result<(), ServiceError> {
    let refusal = match (state, job) {
        (WorkspaceState::Disconnecting | WorkspaceState::Disconnected, _) => {
            "this workspace is disconnected; connect it again first"
        }
        // The first sync is one that a person has seen the plan of.
        (WorkspaceState::SettingUp, Job::Sync { approve: None, .. } | Job::Retry { .. }) => {
            "the set-up is not finished; the first sync begins in its third step"
        }
        _ => return Ok(()),
    };
    Err(ServiceError::NotNow(refusal.to_owned()))
}

fn begun_action(job: &Job) -> &'static str {
    match job {
        Job::Sync {
            approve: Some(_), ..
        } => "sync-approved",
        Job::Sync { full: true, .. } => "full-sync-started",
        Job::Sync { .. } => "sync-started",
        Job::Plan { .. } => "plan-started",
        Job::Retry { .. } => "retry-started",
        Job::PlanUndo { .. } => "undo-plan-started",
        Job::Undo { .. } => "undo-approved",
    }
}

/// What the audit log names: the digest that was approved, the user that is tried again, the run that is
/// taken back.
fn subject_of(job: &Job) -> Option<&str> {
    match job {
        Job::Sync {
            approve: Some(Approved::Plan(digest) | Approved::Block(digest)),
            ..
        } => Some(digest),
        Job::Retry { user } => Some(user.as_str()),
        Job::PlanUndo { run } | Job::Undo { run, .. } => Some(run),
        Job::Sync { .. } | Job::Plan { .. } => None,
    }
}
