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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Has workspaces that are due until they are started, and one that is always busy.
    struct Due {
        workspaces: Mutex<Vec<String>>,
        looks: AtomicU64,
    }

    impl Due {
        fn new(workspaces: &[&str]) -> Arc<Self> {
            let workspaces = workspaces.iter().map(|id| (*id).to_owned());
            Arc::new(Self {
                workspaces: Mutex::new(workspaces.collect()),
                looks: AtomicU64::new(0),
            })
        }

        async fn until(&self, what: impl Fn(&Self) -> bool) {
            let waiting = async {
                while !what(self) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
            waited.expect("long before it looks by itself");
        }
    }

    impl Worker for Due {
        fn due(&self) -> Vec<String> {
            self.looks.fetch_add(1, Ordering::Relaxed);
            self.workspaces.lock().unwrap().clone()
        }

        fn start(&self, workspace: &str) -> bool {
            let starts = workspace != "busy";
            if starts {
                let mut workspaces = self.workspaces.lock().unwrap();
                workspaces.retain(|id| id != workspace);
            }
            starts
        }

        fn next_due_in(&self) -> Option<Duration> {
            None
        }
    }

    #[test]
    fn what_is_due_is_started_once_and_what_is_busy_is_not_counted() {
        let worker = Due::new(&["acme", "busy", "contoso"]);
        assert_eq!(start_due(&*worker), 2);
        assert_eq!(start_due(&*worker), 0);
    }

    #[tokio::test]
    async fn who_is_woken_looks_at_once_and_what_became_due_is_started() {
        let worker = Due::new(&[]);
        let dispatcher = Arc::new(InProcess::default());
        let running = tokio::spawn({
            let (dispatcher, worker) = (Arc::clone(&dispatcher), worker.clone());
            async move { dispatcher.run(worker).await }
        });
        worker
            .until(|worker| worker.looks.load(Ordering::Relaxed) > 0)
            .await;
        worker.workspaces.lock().unwrap().push("acme".to_owned());
        dispatcher.wake("acme", Some(0));
        worker
            .until(|worker| worker.workspaces.lock().unwrap().is_empty())
            .await;
        running.abort();
    }
}
