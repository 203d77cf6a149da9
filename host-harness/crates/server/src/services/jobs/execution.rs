//! One execution of a job: what it works with, and how it gets a slot to work in.

use std::sync::Arc;
use std::time::Duration;

use api_types::views::Task;
use sync_runner::{DirectoryLock, OpenWorkspace};

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::opening::open;
use crate::task_state::Snapshot;
use crate::turns::{HeldTurns, JobTurn, Slot};

/// One execution of a job.
pub(super) struct JobRun<'a> {
    pub(super) ws: &'a WorkspaceContext,
    pub(super) task: Task,
    pub(super) turn: Arc<JobTurn>,
    /// The settings in force.
    pub(super) settings: String,
    /// What the connector is given.
    pub(super) document: String,
}

/// A workspace that is open, in a slot of its own.
pub(super) struct Slotted {
    pub(super) open: OpenWorkspace,
    _lock: DirectoryLock,
    _slot: Slot,
}

impl JobRun<'_> {
    /// Waits for a slot and a turn, and opens the workspace; the calls ask for turns of their own.
    pub(super) async fn open_in_slot(&self) -> Result<Slotted, ServiceError> {
        self.turn.begin_slice();
        let slot = self.queued(self.turn.slot()).await;
        let computing = self.queued(Arc::clone(&self.turn).turn()).await;
        let (lock, mut open) = open(self.ws, self.task, &self.settings, &self.document).await?;
        drop(computing);
        let turns = HeldTurns {
            job: Arc::clone(&self.turn),
            http: open.workspace.http.clone(),
        };
        open.workspace.turns = Some(Arc::new(turns));
        Ok(Slotted {
            open,
            _lock: lock,
            _slot: slot,
        })
    }

    /// Waits, and says so where it takes any time.
    async fn queued<T>(&self, waiting: impl Future<Output = T>) -> T {
        let mut waiting = std::pin::pin!(waiting);
        if let Ok(came) = tokio::time::timeout(Duration::ZERO, waiting.as_mut()).await {
            return came;
        }
        self.ws.task.queue(true);
        let came = waiting.await;
        self.ws.task.queue(false);
        came
    }

    /// Until somebody wants the task or the server to end.
    pub(super) async fn asked_to_end(&self) {
        let mut watching = self.ws.task.watch();
        let mut closing = self.ws.app.closing.subscribe();
        let stopping = |snapshot: &Snapshot| {
            let progress = snapshot.progress.as_ref();
            progress.is_none_or(|progress| progress.stopping)
        };
        tokio::select! {
            _ = watching.wait_for(stopping) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
}
