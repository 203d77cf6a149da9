//! How a job is done: the workspace is opened and held, the connector called slice by slice, and what
//! came of it put into the records.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::job::{Job, Planned, mode};
use super::sealed_secrets::SealedSecrets;
use super::trouble::Cause;
use super::{Desk, DeskError, blocking};
use crate::connection::{Opened, Step, Working, now_ms, plans, step};
use crate::contract::{Run, RunMode, RunStatus, Slice, SyncRequest, SyncResult, UndoRequest};
use crate::grant::grant;
use crate::runtime::{Answer, HttpAccess, HttpOptions, Workspace};
use crate::server::books::{Ended as JobEnded, Outcome};
use crate::server::host::{Host, SLICE};
use crate::shapes::{PlanShape, run_status};

/// How a job ended.
enum Ended {
    /// With a run.
    Run(Run),
    /// With a plan.
    Plan(PlanShape),
    /// The server ends; the job is gone on with when it is there again.
    Interrupted,
}

/// Does a job, and keeps what came of it; what is to be done next. A run that a limit stopped is followed
/// by a plan, which tells who would be concerned.
pub(super) async fn perform(host: &Arc<Host>, desk: &Desk, job: &Job) -> Option<Job> {
    host.metrics.at_work(true);
    let version = desk.record().map_or(0, |record| record.version);
    let ended = attempt(host, desk, job).await;
    host.metrics.at_work(false);
    tell(host, desk, job, &ended);
    let keeping = async {
        let mut pause = Pause::SHORTEST;
        while let Err(error) = keep(host, desk, job, version, &ended) {
            pause
                .after(&desk.id, "to keep what a job came to", &error)
                .await;
        }
    };
    let mut closing = host.closing.subscribe();
    tokio::select! {
        biased;
        () = keeping => {}
        // The job is gone on with when the server is there again.
        _ = closing.wait_for(|closing| *closing) => {}
    }
    if !matches!(ended, Ok(Ended::Interrupted)) {
        host.reschedule(&desk.id);
        desk.take_stock().await;
    }
    match ended {
        Ok(Ended::Run(run)) if run.status == RunStatus::Blocked => Some(Job::Plan {
            full: run.mode == RunMode::Full,
            of: Planned::InForce,
        }),
        _ => None,
    }
}

/// Pauses between tries, longer and longer: records that are locked or have no room are so for a while.
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) const SHORTEST: Self = Self(Duration::from_millis(100));
    const LONGEST: Duration = Duration::from_secs(30);

    /// Says why the last try was none, and waits for the next.
    pub(super) async fn after(&mut self, workspace: &str, what: &str, error: &DeskError) {
        tracing::error!(workspace, what, %error, again_in = ?self.0, "not done yet");
        tokio::time::sleep(self.0).await;
        self.0 = Self::LONGEST.min(self.0 * 2);
    }
}

/// Tells the operator's log and numbers how a job ended. The error says what happened without any personal
/// data: it may be kept and shown.
fn tell(host: &Host, desk: &Desk, job: &Job, ended: &Result<Ended, DeskError>) {
    let (workspace, task) = (desk.id.as_str(), job.task());
    match ended {
        Ok(Ended::Run(run)) => {
            host.metrics.ran(run);
            tracing::info!(
                workspace,
                task,
                run = run.id,
                status = run_status(run.status),
                processed = run.counts.processed,
                created = run.counts.created,
                updated = run.counts.updated,
                removed = run.counts.removed,
                failed = run.counts.failed,
                requests = run.requests,
                "run ended"
            );
        }
        Ok(Ended::Plan(plan)) => tracing::info!(workspace, digest = plan.digest, "planned"),
        Ok(Ended::Interrupted) => tracing::info!(workspace, task, "interrupted"),
        Err(error) => {
            host.metrics.failed();
            tracing::warn!(workspace, task, %error, "not done");
        }
    }
}

/// Puts into the records how a job ended.
fn keep(
    host: &Host,
    desk: &Desk,
    job: &Job,
    version: i64,
    ended: &Result<Ended, DeskError>,
) -> Result<(), DeskError> {
    match ended {
        Ok(Ended::Interrupted) => Ok(()),
        Ok(Ended::Run(run)) => run_ended(host, desk, job, run),
        Ok(Ended::Plan(plan)) => match job {
            Job::PlanUndo { run } => {
                undo_ended(host, desk, run, ("undo-planned", &plan.digest), None)
            }
            _ => plan_ended(host, desk, job, version, Ok(&plan.digest)),
        },
        Err(error) => not_done(host, desk, job, version, error),
    }
}

fn run_ended(host: &Host, desk: &Desk, job: &Job, run: &Run) -> Result<(), DeskError> {
    let status = run_status(run.status);
    match job {
        Job::Retry { user } => {
            let subject = format!("{status}, {user}");
            let act = Desk::act(host, "server", "retry-ended", Some(&subject));
            host.books.note(Some(&desk.id), act)?;
        }
        Job::Undo { run: undone, .. } => {
            let subject = format!("{status}, run {} takes back {undone}", run.id);
            let failed = matches!(run.status, RunStatus::Failed | RunStatus::Incomplete);
            let failed = run.errors.last().filter(|_| failed);
            let failure = failed.map(|error| error.message.as_str());
            undo_ended(host, desk, undone, ("undo-ended", &subject), failure)?;
        }
        Job::Sync { .. } | Job::Plan { .. } | Job::PlanUndo { .. } => {
            let subject = format!("{status}, run {}", run.id);
            let act = Desk::act(host, "server", "sync-ended", Some(&subject));
            let ended = JobEnded {
                outcome: outcome(run.status),
                failure: None,
            };
            host.books.end_job(&desk.id, ended, act)?;
        }
    }
    Ok(())
}

/// A run was taken back, or that was planned; or not, and why.
fn undo_ended(
    host: &Host,
    desk: &Desk,
    run: &str,
    (action, subject): (&str, &str),
    failure: Option<&str>,
) -> Result<(), DeskError> {
    let act = Desk::act(host, "server", action, Some(subject));
    host.books.end_undo(&desk.id, act)?;
    desk.keep_undo_failure(failure.map(|why| (run, why)));
    Ok(())
}

fn plan_ended(
    host: &Host,
    desk: &Desk,
    job: &Job,
    version: i64,
    plan: Result<&str, &str>,
) -> Result<(), DeskError> {
    let action = if plan.is_ok() {
        "planned"
    } else {
        "plan-failed"
    };
    let act = Desk::act(host, "server", action, plan.ok());
    let of_block = matches!(
        job,
        Job::Plan {
            of: Planned::InForce,
            ..
        }
    );
    // What the review shows is a plan of the settings that wait; a block finds its own by its digest.
    if of_block && desk.record()?.proposal.is_some() {
        host.books.note(Some(&desk.id), act)?;
    } else {
        host.books.save_plan(&desk.id, version, plan, act)?;
    }
    Ok(())
}

fn not_done(
    host: &Host,
    desk: &Desk,
    job: &Job,
    version: i64,
    error: &DeskError,
) -> Result<(), DeskError> {
    let text = error.to_string();
    match job {
        Job::Plan { .. } => plan_ended(host, desk, job, version, Err(&text)),
        Job::Sync { .. } => {
            let act = Desk::act(host, "server", "sync-failed", None);
            let ended = JobEnded {
                outcome: Outcome::Failed,
                failure: Some((&text, Cause::of(error).name())),
            };
            Ok(host.books.end_job(&desk.id, ended, act)?)
        }
        Job::Retry { user } => {
            let act = Desk::act(host, "server", "retry-failed", Some(user.as_str()));
            Ok(host.books.note(Some(&desk.id), act)?)
        }
        Job::PlanUndo { run } => {
            undo_ended(host, desk, run, ("undo-plan-failed", run), Some(&text))
        }
        Job::Undo { run, .. } => undo_ended(host, desk, run, ("undo-failed", run), Some(&text)),
    }
}

fn outcome(status: RunStatus) -> Outcome {
    match status {
        RunStatus::Succeeded | RunStatus::Warnings => Outcome::Succeeded,
        RunStatus::Blocked | RunStatus::Stopped | RunStatus::Running => Outcome::Stopped,
        RunStatus::Failed | RunStatus::Incomplete => Outcome::Failed,
    }
}

async fn attempt(host: &Arc<Host>, desk: &Desk, job: &Job) -> Result<Ended, DeskError> {
    let record = desk.record()?;
    let settings = match job {
        Job::Plan {
            of: Planned::Edited,
            ..
        } => record.edited(),
        _ => &record.settings,
    };
    let document = Desk::document(host, settings);
    let (_working, opened) = open(host, desk, job.task(), &record.settings, &document).await?;
    match job {
        Job::Plan { full, .. } => {
            let _permit = planning(host, desk).await?;
            let made = plans::make(&opened, &document, mode(*full)).await?;
            host.metrics.called(&made.stats);
            let plan = made.result?;
            plans::keep(&opened.store, &plan).map_err(DeskError::closed)?;
            Ok(Ended::Plan(plan))
        }
        Job::PlanUndo { run } => {
            let _permit = planning(host, desk).await?;
            let made = plans::make_undo(&opened, &document, run).await?;
            host.metrics.called(&made.stats);
            let plan = made.result?;
            plans::keep(&opened.store, &plan).map_err(DeskError::closed)?;
            Ok(Ended::Plan(plan))
        }
        Job::Undo { run, approved } => {
            let request = UndoRequest {
                run: run.clone(),
                approved: approved.clone(),
                trigger: super::MANUAL.to_owned(),
                slice: slice(),
            };
            slices(host, desk, &opened, &document, &Slicing::Undo(request)).await
        }
        Job::Sync {
            full,
            trigger,
            approve,
        } => {
            let request = SyncRequest {
                mode: mode(*full),
                trigger: trigger.clone(),
                slice: slice(),
                approval: approve.clone().map(Into::into),
            };
            slices(host, desk, &opened, &document, &Slicing::Sync(request)).await
        }
        Job::Retry { user } => {
            slices(
                host,
                desk,
                &opened,
                &document,
                &Slicing::Retry(user.as_str()),
            )
            .await
        }
    }
}

/// The right to make a plan, unless somebody wants it to end first.
async fn planning<'h>(host: &'h Host, desk: &Desk) -> Result<SemaphorePermit<'h>, DeskError> {
    tokio::select! {
        permit = permit(desk, &host.planning) => permit,
        () = asked_to_end(host, desk) => {
            let stopped = "it was stopped before it began; plan again";
            Err(DeskError::NotNow(stopped.to_owned()))
        }
    }
}

fn slice() -> Slice {
    Slice {
        max_pages: None,
        max_ms: Some(u64::try_from(SLICE.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// A call that comes in slices.
enum Slicing<'a> {
    Sync(SyncRequest),
    Retry(&'a str),
    Undo(UndoRequest),
}

impl Slicing<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Sync(_) => "sync",
            Self::Retry(_) => "retry",
            Self::Undo(_) => "undo",
        }
    }

    fn trigger(&self) -> &str {
        match self {
            Self::Sync(request) => &request.trigger,
            Self::Retry(_) => super::MANUAL,
            Self::Undo(request) => &request.trigger,
        }
    }

    async fn slice(&self, opened: &Opened, document: &str) -> Answer<SyncResult> {
        let Opened {
            connector,
            workspace,
            ..
        } = opened;
        match self {
            Self::Sync(request) => connector.sync(workspace, document, request.clone()).await,
            Self::Retry(user) => connector.retry(workspace, document, user).await,
            Self::Undo(request) => connector.undo(workspace, document, request.clone()).await,
        }
    }
}

/// Slice by slice, each with a permit of its own, so that a large workspace does not keep the others
/// waiting.
async fn slices(
    host: &Host,
    desk: &Desk,
    opened: &Opened,
    document: &str,
    call: &Slicing<'_>,
) -> Result<Ended, DeskError> {
    loop {
        let permit = permit(desk, &host.permits).await?;
        let slice = async {
            let answer = call.slice(opened, document).await;
            host.metrics.called(&answer.stats);
            answer
        };
        let (came, _) = step(&opened.store, call.name(), call.trigger(), slice).await?;
        drop(permit);
        let (run, after) = match came {
            Step::Finished(run) if run.status == RunStatus::Stopped && host.is_closing() => {
                return Ok(Ended::Interrupted);
            }
            Step::Finished(run) => return Ok(Ended::Run(run)),
            Step::Again { run, after } => (run, after),
        };
        if host.is_closing() {
            return Ok(Ended::Interrupted);
        }
        desk.live.changed();
        tracing::debug!(workspace = desk.id, run = run.id, ?after, "slice ended");
        wait(host, desk, after).await;
    }
}

/// Waits in the queue for the right to work.
async fn permit<'h>(desk: &Desk, permits: &'h Semaphore) -> Result<SemaphorePermit<'h>, DeskError> {
    if let Ok(permit) = permits.try_acquire() {
        return Ok(permit);
    }
    desk.live.queue(true);
    let permit = permits.acquire().await;
    desk.live.queue(false);
    permit.map_err(|_| DeskError::NotNow("the server is ending; try again later".to_owned()))
}

/// Waits as long as the directory asks, or until somebody wants the task or the server to end; the next
/// slice, which hears of that too, closes the run.
async fn wait(host: &Host, desk: &Desk, after: Duration) {
    if after.is_zero() {
        return;
    }
    tokio::select! {
        () = tokio::time::sleep(after) => {}
        () = asked_to_end(host, desk) => {}
    }
}

/// Until somebody wants the task or the server to end.
async fn asked_to_end(host: &Host, desk: &Desk) {
    let mut watching = desk.live.watch();
    let mut closing = host.closing.subscribe();
    let stopping = |scene: &super::Scene| {
        let progress = scene.progress.as_ref();
        progress.is_none_or(|progress| progress.stopping)
    };
    tokio::select! {
        _ = watching.wait_for(stopping) => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

/// Opens the workspace for a call that writes, with the hosts that this document's cloud needs.
pub(super) async fn open(
    host: &Arc<Host>,
    desk: &Desk,
    task: &'static str,
    settings: &str,
    document: &str,
) -> Result<(Working, Opened), DeskError> {
    let own_endpoints = host.options.endpoints.is_some();
    let policy = grant(document, &host.description.endpoints, own_endpoints)
        .map_err(|error| DeskError::NotNow(error.to_string()))?;
    let options = HttpOptions {
        extra_certificates: host.options.ca_file.clone(),
        proxy: host.options.proxy.clone(),
        ..HttpOptions::default()
    };
    let http =
        HttpAccess::new(policy, &options).map_err(|error| DeskError::closed(error.into()))?;
    let secrets = Arc::new(SealedSecrets {
        host: Arc::clone(host),
        workspace: desk.id.clone(),
    });
    let control = desk.live.clone();
    let (shared, id, settings) = (Arc::clone(host), desk.id.clone(), settings.to_owned());
    blocking(move || {
        let store = shared.store(&id).map_err(DeskError::closed)?;
        let working = shared
            .directory(&id)
            .work(task)
            .map_err(DeskError::closed)?;
        // The commands find it there.
        if store.document()?.as_deref() != Some(settings.as_str()) {
            store.save_document(&settings)?;
        }
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = secrets;
        workspace.control = control;
        workspace.http = http;
        let mut opened = Opened {
            store,
            connector: shared.connector.clone(),
            workspace,
        };
        opened
            .hold(task)
            .map_err(|error| DeskError::closed(error.into()))?;
        tracing::debug!(workspace = id, task, at_ms = now_ms(), "opened");
        Ok((working, opened))
    })
    .await
}
