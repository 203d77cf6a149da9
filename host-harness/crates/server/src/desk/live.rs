//! What goes on in a workspace now, for everybody who looks; and whose turn it is: the task that is to be
//! seen is the one that may work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api_types::views::ProgressView;
use connector_contract::imports::RunControl;
use connector_contract::{Directive, Level, Phase, Progress};
use tokio::sync::watch;

/// The phase of a task that has just begun.
pub(super) fn first_phase(task: &str) -> &'static str {
    match task {
        "test" => "Testing the connection",
        "disconnect" => "Disconnecting",
        _ => "Starting",
    }
}

/// What is to be seen at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scene {
    /// The task that goes on.
    pub(crate) progress: Option<ProgressView>,
    /// Counts up whenever there is more to see than progress: a run began or ended, settings changed.
    pub(crate) changes: u64,
}

/// The scene of one workspace, and the wish to stop.
#[derive(Debug)]
pub(crate) struct Live {
    workspace: String,
    scene: watch::Sender<Scene>,
    stop: AtomicBool,
}

impl Live {
    pub(super) fn new(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            scene: watch::Sender::new(Scene::default()),
            stop: AtomicBool::new(false),
        }
    }

    /// Sees every change from now on, and the scene as it is.
    pub(crate) fn watch(&self) -> watch::Receiver<Scene> {
        self.scene.subscribe()
    }

    /// The scene as it is.
    pub(crate) fn scene(&self) -> Scene {
        self.scene.borrow().clone()
    }

    /// There is something new to see.
    pub(crate) fn changed(&self) {
        self.scene.send_modify(|scene| scene.changes += 1);
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

    /// Begins a task, unless one goes on: then the name of that.
    pub(super) fn claim(self: &Arc<Self>, progress: ProgressView) -> Result<Claim, String> {
        let mut other = None;
        self.scene.send_if_modified(|scene| {
            if let Some(going_on) = &scene.progress {
                other = Some(going_on.task.clone());
                return false;
            }
            self.stop.store(false, Ordering::Relaxed);
            scene.progress = Some(progress);
            scene.changes += 1;
            true
        });
        match other {
            Some(other) => Err(other),
            None => Ok(Claim(Arc::clone(self))),
        }
    }

    /// Another task follows within the same claim.
    pub(super) fn follow(&self, task: &str) {
        self.alter(|progress| {
            task.clone_into(&mut progress.task);
            first_phase(task).clone_into(&mut progress.phase);
            (progress.done, progress.total) = (0, None);
        });
    }

    fn end(&self) {
        self.scene.send_modify(|scene| {
            scene.progress = None;
            scene.changes += 1;
        });
    }

    /// The task waits for others, or goes on.
    pub(super) fn queue(&self, queued: bool) {
        self.alter(|progress| progress.queued = queued);
    }

    fn alter(&self, alter: impl FnOnce(&mut ProgressView)) {
        self.scene.send_if_modified(|scene| {
            let Some(progress) = &mut scene.progress else {
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
pub(super) struct Claim(Arc<Live>);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl RunControl for Live {
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

    fn report_progress(&self, progress: Progress) -> Directive {
        self.alter(|shown| {
            phase_words(progress.phase).clone_into(&mut shown.phase);
            shown.done = progress.done;
            shown.total = progress.total.filter(|total| *total >= progress.done);
        });
        if self.is_stopped() {
            Directive::Stop
        } else {
            Directive::GoOn
        }
    }
}

fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "Connecting",
        Phase::Reading => "Reading the directory",
        Phase::Verifying => "Asking for people who were not seen",
        Phase::Removing => "Removing",
        Phase::Finishing => "Finishing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> ProgressView {
        ProgressView {
            task: "sync".to_owned(),
            phase: String::new(),
            done: 0,
            total: None,
            started_at: String::new(),
            queued: false,
            stopping: false,
        }
    }

    fn report(live: &Live, done: u64) -> Directive {
        live.report_progress(Progress {
            phase: Phase::Reading,
            done,
            total: Some(60),
        })
    }

    #[test]
    fn who_watches_sees_progress_and_a_stop_reaches_the_task_and_not_the_next_one() {
        let live = Arc::new(Live::new("acme"));
        let mut watching = live.watch();
        let claim = live.claim(progress()).unwrap();
        assert_eq!(report(&live, 10), Directive::GoOn);
        assert!(watching.has_changed().unwrap());
        let seen = watching.borrow_and_update().progress.clone().unwrap();
        assert_eq!((seen.done, seen.total), (10, Some(60)));

        assert_eq!(report(&live, 10), Directive::GoOn);
        assert!(!watching.has_changed().unwrap(), "nothing new");

        live.stop();
        assert_eq!(report(&live, 20), Directive::Stop);
        drop(claim);
        let _claim = live.claim(progress()).unwrap();
        assert_eq!(report(&live, 0), Directive::GoOn);
    }

    #[test]
    fn what_goes_on_is_to_be_seen_as_long_as_it_may_work_and_no_longer() {
        let live = Arc::new(Live::new("acme"));
        let claim = live.claim(progress()).unwrap();
        assert_eq!(live.claim(progress()).unwrap_err(), "sync");
        assert!(live.scene().progress.is_some(), "refusing ended nothing");
        drop(claim);
        assert_eq!(live.scene().progress, None);
        assert!(live.claim(progress()).is_ok());
    }
}
