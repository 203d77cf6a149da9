//! How a job is done: the workspace is opened and held, the connector called slice by slice, and what
//! came of it put into the records.

use api_types::shapes::UNDO;
use std::sync::Arc;
use std::time::Duration;

use api_types::shapes::PlanShape;
use connector_contract::{Run, RunMode, RunStatus, Slice, SyncRequest, SyncResult, UndoRequest};
use connector_runtime::{Answer, Call, CallError, HttpAccess, HttpOptions, Workspace};
use server_db::{Ended as JobEnded, Outcome};
use store_sqlite::DatabaseError;
use sync_runner::grant::grant;
use sync_runner::{Opened, Step, Working, explain_call, explain_run, now_ms, plans, step};

use super::job::{Job, Planned, mode};
use super::sealed_secrets::SealedSecrets;
use super::trouble::Cause;
use super::{Desk, DeskError, blocking};
use crate::host::{Host, SLICE};
use crate::turns::{HeldTurns, JobTurn, Seat, Work};

/// How a job ended.
enum Ended {
    /// With a run.
    Run {
        run: Run,
        /// Why it failed on the way to the directory, where the host knows an option that may help: the run
        /// itself is kept by the connector, which does not.
        way: Option<String>,
    },
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
        // Work like any other: those that fail fast must not do it all at once.
        let failed = match &ended {
            Ok(Ended::Run { run, .. }) => outcome(run.status) == Outcome::Failed,
            Ok(_) => false,
            Err(_) => true,
        };
        let turn = host.turns.job(Work::Sync, failed).turn().await;
        desk.take_stock().await;
        drop(turn);
    }
    match ended {
        Ok(Ended::Run { run, .. }) if run.status == RunStatus::Blocked => Some(Job::Plan {
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
        Ok(Ended::Run { run, .. }) => {
            host.metrics.ran(run);
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
        Ok(Ended::Run { run, way }) => run_ended(host, desk, job, run, way.as_deref()),
        Ok(Ended::Plan(plan)) => match job {
            Job::PlanUndo { run } => {
                undo_ended(host, desk, run, ("undo-planned", &plan.digest), None)
            }
            _ => plan_ended(host, desk, job, version, Ok(&plan.digest)),
        },
        Err(error) => not_done(host, desk, job, version, error),
    }
}

fn run_ended(
    host: &Host,
    desk: &Desk,
    job: &Job,
    run: &Run,
    way: Option<&str>,
) -> Result<(), DeskError> {
    let status = run.status.name();
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
                failure: way
                    .filter(|_| run.status == RunStatus::Failed)
                    .map(|why| (why, Cause::Network.name())),
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
    let bench = Bench {
        host,
        desk,
        task: job.task(),
        turn: host.turns.job(work, failed),
        document: Desk::document(host, planned),
        settings: record.settings.clone(),
    };
    match job {
        Job::Plan { full, .. } => bench.plan(&Planning::Sync(mode(*full))).await,
        Job::PlanUndo { run } => bench.plan(&Planning::Undo(run)).await,
        Job::Undo { run, approved } => {
            let request = UndoRequest {
                run: run.clone(),
                approved: approved.clone(),
                trigger: UNDO.to_owned(),
                slice: slice(),
            };
            slices(&bench, &Slicing::Undo(request)).await
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
            slices(&bench, &Slicing::Sync(request)).await
        }
        Job::Retry { user } => slices(&bench, &Slicing::Retry(user.as_str())).await,
    }
}

fn slice() -> Slice {
    Slice {
        max_pages: None,
        max_ms: Some(u64::try_from(SLICE.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// Where a job works: its workspace is open while it sits there.
struct Bench<'a> {
    host: &'a Arc<Host>,
    desk: &'a Desk,
    task: &'static str,
    turn: Arc<JobTurn>,
    settings: String,
    document: String,
}

/// A workspace that is open, in a place of its own.
struct SatDown {
    opened: Opened,
    _working: Working,
    _seat: Seat,
}

impl Bench<'_> {
    /// Waits for a place and a turn, and opens the workspace; the calls ask for turns of their own.
    async fn sit_down(&self) -> Result<SatDown, DeskError> {
        self.turn.begin_slice();
        let seat = self.queued(self.turn.place()).await;
        let computing = self.queued(Arc::clone(&self.turn).turn()).await;
        let (host, desk) = (self.host, self.desk);
        let (working, mut opened) =
            open(host, desk, self.task, &self.settings, &self.document).await?;
        drop(computing);
        let turns = HeldTurns(Arc::clone(&self.turn));
        opened.workspace.turns = Some(Arc::new(turns));
        Ok(SatDown {
            opened,
            _working: working,
            _seat: seat,
        })
    }
}

impl Bench<'_> {
    /// Makes a plan in a place of its own, and keeps it. Where others need the place while the plan waits
    /// for the directory, it is begun anew, later.
    async fn plan(&self, planning: &Planning<'_>) -> Result<Ended, DeskError> {
        let (sits, made) = loop {
            let sits = tokio::select! {
                sits = self.sit_down() => sits?,
                () = asked_to_end(self.host, self.desk) => {
                    let stopped = "it was stopped before it began; plan again";
                    return Err(DeskError::NotNow(stopped.to_owned()));
                }
            };
            tokio::select! {
                made = planning.make(&sits.opened, &self.document) => {
                    let made = made?;
                    break (sits, made);
                }
                () = self.turn.place_needed() => {}
            }
        };
        self.host.metrics.called(&made.stats);
        let explained = |error| explain_call(error, &sits.opened.workspace.http);
        let plan = made.result.map_err(explained)?;
        plans::keep(&sits.opened.store, &plan).map_err(DeskError::closed)?;
        Ok(Ended::Plan(plan))
    }
}

impl Bench<'_> {
    /// Waits, and says so where it takes any time.
    async fn queued<T>(&self, waiting: impl Future<Output = T>) -> T {
        let mut waiting = std::pin::pin!(waiting);
        if let Ok(came) = tokio::time::timeout(Duration::ZERO, waiting.as_mut()).await {
            return came;
        }
        self.desk.live.queue(true);
        let came = waiting.await;
        self.desk.live.queue(false);
        came
    }
}

/// Who waits for no longer stays where it sits.
const KEPT_OPEN: Duration = Duration::from_secs(1);

/// What a plan is of.
enum Planning<'a> {
    Sync(RunMode),
    /// Of taking a run back.
    Undo(&'a str),
}

impl Planning<'_> {
    async fn make(
        &self,
        opened: &Opened,
        document: &str,
    ) -> Result<Answer<PlanShape>, DatabaseError> {
        match self {
            Self::Sync(mode) => plans::make(opened, document, *mode).await,
            Self::Undo(run) => plans::make_undo(opened, document, run).await,
        }
    }
}

/// A call that comes in slices.
enum Slicing<'a> {
    Sync(SyncRequest),
    Retry(&'a str),
    Undo(UndoRequest),
}

impl Slicing<'_> {
    fn call(&self) -> Call {
        match self {
            Self::Sync(_) => Call::Sync,
            Self::Retry(_) => Call::Retry,
            Self::Undo(_) => Call::Undo,
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

/// Slice by slice, each in line with everybody else's, so that a large workspace does not keep the others
/// waiting. A slice whose place others needed while it waited is begun anew.
async fn slices(bench: &Bench<'_>, call: &Slicing<'_>) -> Result<Ended, DeskError> {
    let (host, desk) = (bench.host, bench.desk);
    let mut closing = host.closing.subscribe();
    let mut sat_down = None;
    loop {
        let sits = match sat_down.take() {
            Some(sits) => {
                bench.turn.begin_slice();
                sits
            }
            None => tokio::select! {
                sits = bench.sit_down() => sits?,
                // The next server goes on with it.
                _ = closing.wait_for(|closing| *closing) => return Ok(Ended::Interrupted),
            },
        };
        let slice = async {
            let answer = tokio::select! {
                answer = call.slice(&sits.opened, &bench.document) => answer,
                () = bench.turn.place_needed() => Answer::gave_way(call.call()),
            };
            host.metrics.called(&answer.stats);
            answer
        };
        let came = match step(slice).await {
            Err(CallError::GaveWay { .. }) if !host.is_closing() => {
                tracing::debug!(workspace = desk.id, "gave its place up while it waited");
                continue;
            }
            Err(CallError::GaveWay { .. }) => return Ok(Ended::Interrupted),
            Err(error) => return Err(explain_call(error, &sits.opened.workspace.http).into()),
            Ok((came, _)) => came,
        };
        let (run, after) = match came {
            Step::Finished(run) if run.status == RunStatus::Stopped && host.is_closing() => {
                return Ok(Ended::Interrupted);
            }
            Step::Finished(mut run) => {
                let way = explain_run(&mut run, &sits.opened.workspace.http);
                return Ok(Ended::Run { run, way });
            }
            Step::Again { run, after } => (run, after),
        };
        if host.is_closing() {
            return Ok(Ended::Interrupted);
        }
        desk.live.changed();
        tracing::debug!(workspace = desk.id, run = run.id, ?after, "slice ended");
        if after <= KEPT_OPEN {
            sat_down = Some(sits);
        } else {
            drop(sits);
        }
        wait(host, desk, after).await;
    }
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
