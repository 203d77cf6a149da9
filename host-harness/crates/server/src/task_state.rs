//! What goes on in a workspace now, for everybody who looks; and who may work there: the task that is to be
//! seen is the one that may.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api_types::shapes::moment;
use api_types::views::{ProgressView, Task};
use connector_contract::imports::RunControl;
use connector_contract::{Directive, Level, Phase, Progress as Reported};
use tokio::sync::watch;

/// A task that goes on, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) task: Task,
    /// In words.
    phase: &'static str,
    /// People so far.
    done: u64,
    /// People in all, where that is known.
    total: Option<u64>,
    /// Milliseconds that the rest takes at least, where that is known.
    remaining_ms: Option<u64>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    started_ms: i64,
    /// Waits for other workspaces.
    queued: bool,
    /// Was asked to end.
    pub(crate) stopping: bool,
}

impl Progress {
    /// Of a task that begins now.
    pub(crate) fn new(task: Task, started_ms: i64) -> Self {
        Self {
            task,
            phase: first_phase(task),
            done: 0,
            total: None,
            remaining_ms: None,
            started_ms,
            queued: false,
            stopping: false,
        }
    }

    /// As it is told.
    pub(crate) fn view(&self) -> ProgressView {
        ProgressView {
            task: self.task,
            phase: self.phase.to_owned(),
            done: self.done,
            total: self.total,
            remaining_seconds: self.remaining_ms.map(|time| time.div_ceil(1_000)),
            started_at: moment(self.started_ms.unsigned_abs()),
            queued: self.queued,
            stopping: self.stopping,
        }
    }
}

/// What is to be seen at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The task that goes on.
    pub(crate) progress: Option<Progress>,
    /// Counts up whenever there is more to see than progress: a run began or ended, settings changed.
    pub(crate) changes: u64,
}

impl Snapshot {
    /// The task that goes on, as it is told.
    pub(crate) fn progress_view(&self) -> Option<ProgressView> {
        self.progress.as_ref().map(Progress::view)
    }
}

/// Why a run could not be taken back.
#[derive(Clone, Debug)]
struct FailedUndo {
    run: String,
    why: String,
}

/// What goes on in one workspace, and the wish to stop.
#[derive(Debug)]
pub(crate) struct TaskState {
    workspace: String,
    snapshot: watch::Sender<Snapshot>,
    stop: AtomicBool,
    /// The last one that could not be planned, or not be done.
    failed_undo: Mutex<Option<FailedUndo>>,
}

impl TaskState {
    pub(crate) fn new(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            snapshot: watch::Sender::new(Snapshot::default()),
            stop: AtomicBool::new(false),
            failed_undo: Mutex::default(),
        }
    }

    /// Sees every change from now on, and how it is.
    pub(crate) fn watch(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.subscribe()
    }

    /// How it is.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.snapshot.borrow().clone()
    }

    /// The one thing that goes on, where something does.
    pub(crate) fn task(&self) -> Option<Task> {
        let snapshot = self.snapshot.borrow();
        snapshot.progress.as_ref().map(|progress| progress.task)
    }

    /// There is something new to see.
    pub(crate) fn changed(&self) {
        self.snapshot.send_modify(|snapshot| snapshot.changes += 1);
    }

    /// Asks the task to end after its page.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.alter(|progress| progress.stopping = true);
    }

    /// Whether the task was asked to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Begins a task, unless one goes on: then that.
    pub(crate) fn try_start(self: &Arc<Self>, progress: Progress) -> Result<TaskGuard, Task> {
        let mut other = None;
        self.snapshot.send_if_modified(|snapshot| {
            if let Some(going_on) = &snapshot.progress {
                other = Some(going_on.task);
                return false;
            }
            self.stop.store(false, Ordering::Relaxed);
            snapshot.progress = Some(progress);
            snapshot.changes += 1;
            true
        });
        match other {
            Some(other) => Err(other),
            None => Ok(TaskGuard(Arc::clone(self))),
        }
    }

    /// Another task follows within the same guard.
    pub(crate) fn follow(&self, task: Task) {
        self.alter(|progress| {
            progress.task = task;
            progress.phase = first_phase(task);
            (progress.done, progress.total) = (0, None);
            progress.remaining_ms = None;
        });
    }

    /// The task waits for others, or goes on.
    pub(crate) fn queue(&self, queued: bool) {
        self.alter(|progress| progress.queued = queued);
    }

    /// Why this run could not be taken back, where it could not.
    pub(crate) fn failed_undo(&self, run: &str) -> Option<String> {
        let failed = self.failed_undo.lock();
        let failed = failed.unwrap_or_else(PoisonError::into_inner);
        let failed = failed.as_ref().filter(|failed| failed.run == run);
        failed.map(|failed| failed.why.clone())
    }

    /// Takes note of why a run could not be taken back, or that nothing is wrong any more.
    pub(crate) fn set_failed_undo(&self, failed: Option<(&str, &str)>) {
        let mut kept = self
            .failed_undo
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = failed.map(|(run, why)| FailedUndo {
            run: run.to_owned(),
            why: why.to_owned(),
        });
    }

    fn end(&self) {
        self.snapshot.send_modify(|snapshot| {
            snapshot.progress = None;
            snapshot.changes += 1;
        });
    }

    fn alter(&self, alter: impl FnOnce(&mut Progress)) {
        self.snapshot.send_if_modified(|snapshot| {
            let Some(progress) = &mut snapshot.progress else {
                return false;
            };
            let before = progress.clone();
            alter(progress);
            *progress != before
        });
    }
}

/// The right to do the one thing, until it is dropped.
#[derive(Debug)]
pub(crate) struct TaskGuard(Arc<TaskState>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl RunControl for TaskState {
    fn log(&self, level: Level, event: &str, fields: &[(String, String)]) {
        let workspace = self.workspace.as_str();
        let fields: String = fields
            .iter()
            .map(|(name, value)| format!("{name}={value} "))
            .collect();
        let fields = fields.trim_end();
        match level {
            Level::Debug => tracing::debug!(workspace, event, fields, "connector"),
            Level::Info => tracing::info!(workspace, event, fields, "connector"),
            Level::Warn => tracing::warn!(workspace, event, fields, "connector"),
            Level::Error => tracing::error!(workspace, event, fields, "connector"),
        }
    }

    fn report_progress(&self, reported: Reported) -> Directive {
        self.alter(|progress| {
            progress.phase = phase_label(reported.phase);
            progress.done = reported.done;
            progress.total = reported.total.filter(|total| *total >= reported.done);
            progress.remaining_ms = reported.remaining_ms;
        });
        if self.is_stopped() {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}

/// The phase of a task that has just begun, in words.
fn first_phase(task: Task) -> &'static str {
    match task {
        Task::Test => "Testing the connection",
        Task::Disconnect => "Disconnecting",
        Task::Decide => "Deciding",
        Task::Sync | Task::Plan | Task::Retry | Task::PlanUndo | Task::Undo => "Starting",
    }
}

fn phase_label(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "Connecting",
        Phase::Reading => "Reading the directory",
        Phase::Verifying => "Asking for people who were not seen",
        Phase::Removing => "Removing",
        Phase::Writing => "Giving the directory what contacts hold",
        Phase::Finishing => "Finishing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress::new(Task::Sync, 0)
    }

    fn report(state: &TaskState, done: u64) -> Directive {
        state.report_progress(Reported {
            phase: Phase::Reading,
            done,
            total: Some(60),
            remaining_ms: None,
        })
    }

    #[test]
    fn who_watches_sees_progress_and_a_stop_reaches_the_task_and_not_the_next_one() {
        let state = Arc::new(TaskState::new("acme"));
        let mut watching = state.watch();
        let guard = state.try_start(progress()).unwrap();
        assert_eq!(report(&state, 10), Directive::GoOn);
        assert!(watching.has_changed().unwrap());
        let seen = watching.borrow_and_update().progress.clone().unwrap();
        assert_eq!((seen.done, seen.total), (10, Some(60)));

        assert_eq!(report(&state, 10), Directive::GoOn);
        assert!(!watching.has_changed().unwrap(), "nothing new");

        state.stop();
        assert_eq!(report(&state, 20), Directive::Stop);
        drop(guard);
        let _guard = state.try_start(progress()).unwrap();
        assert_eq!(report(&state, 0), Directive::GoOn);
    }

    #[test]
    fn what_goes_on_is_to_be_seen_as_long_as_it_may_work_and_no_longer() {
        let state = Arc::new(TaskState::new("acme"));
        let guard = state.try_start(progress()).unwrap();
        assert_eq!(state.try_start(progress()).unwrap_err(), Task::Sync);
        assert!(
            state.snapshot().progress.is_some(),
            "refusing ended nothing"
        );
        drop(guard);
        assert_eq!(state.snapshot().progress, None);
        assert!(state.try_start(progress()).is_ok());
    }
}
