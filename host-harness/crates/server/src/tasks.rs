//! What goes on in each workspace of this process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::task_state::TaskState;

/// The task states of the workspaces that anybody has asked for.
#[derive(Default)]
pub(crate) struct TaskRegistry(Mutex<BTreeMap<String, Arc<TaskState>>>);

impl TaskRegistry {
    /// That of a workspace: the same for everybody who asks.
    pub(crate) fn of(&self, workspace: &str) -> Arc<TaskState> {
        let mut states = self.states();
        let state = states
            .entry(workspace.to_owned())
            .or_insert_with(|| Arc::new(TaskState::new(workspace)));
        Arc::clone(state)
    }

    /// Asks everything that goes on to end after its page.
    pub(crate) fn stop_all(&self) {
        for state in self.states().values() {
            state.stop();
        }
    }

    /// Waits until no workspace is at work.
    pub(crate) async fn idle(&self) {
        loop {
            let busy = {
                let states = self.states();
                states
                    .values()
                    .find(|state| state.task().is_some())
                    .cloned()
            };
            let Some(busy) = busy else {
                return;
            };
            let mut watching = busy.watch();
            if busy.task().is_some() {
                let _ = watching
                    .wait_for(|snapshot| snapshot.progress.is_none())
                    .await;
                tokio::task::yield_now().await;
            }
        }
    }

    fn states(&self) -> MutexGuard<'_, BTreeMap<String, Arc<TaskState>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
