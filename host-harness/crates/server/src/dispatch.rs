//! The dispatcher of a server that is one process: a loop that looks at the records.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sync_runner::{Dispatcher, Worker};
use tokio::sync::Notify;

/// The longest time for which nobody looks, also where nothing seems to be due: the clock may have been set.
const MAX_SLEEP: Duration = Duration::from_secs(30);

/// A due workspace that is busy must not make the loop one without a pause.
const MIN_SLEEP: Duration = Duration::from_millis(200);

/// Looks whenever something changed, when the next workspace is due, and at times.
#[derive(Default)]
pub(crate) struct InProcess {
    changed: Notify,
}

impl Dispatcher for InProcess {
    fn wake(&self, _workspace: &str, _due_ms: Option<i64>) {
        self.changed.notify_one();
    }

    fn run<'d>(&'d self, worker: Arc<dyn Worker>) -> Pin<Box<dyn Future<Output = ()> + Send + 'd>> {
        Box::pin(async move {
            loop {
                start_due(&*worker);
                let next = worker.next_due_in().unwrap_or(MAX_SLEEP);
                tokio::select! {
                    () = tokio::time::sleep(next.clamp(MIN_SLEEP, MAX_SLEEP)) => {}
                    () = self.changed.notified() => {}
                }
            }
        })
    }
}

/// Starts what is due; how many workspaces were started.
pub(crate) fn start_due(worker: &dyn Worker) -> u64 {
    let due = worker.due();
    let started = due.iter().filter(|workspace| worker.start(workspace));
    started.map(|_| 1).sum()
}
