//! How work that is due finds somebody who does it: within one process, or by a queue that many share.
//!
//! A workspace's row in the records is the truth: whether it is due, and what it is doing. A wake-up is a hint
//! that the row has changed. One that is lost costs time and no run, because whoever dispatches also looks by
//! itself; one that comes twice costs a look, because a workspace does one thing at a time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Starts what is due. Its methods read and write the records, and may block for as long as that takes.
pub trait Worker: Send + Sync {
    /// The ids of the workspaces that are due now, the longest overdue first.
    fn due(&self) -> Vec<String>;

    /// Starts what a workspace is due for; `false` where it is busy, or cannot begin. It goes on by itself.
    fn start(&self, workspace: &str) -> bool;

    /// How long it is until the next workspace is due; `None` where none is, or where it cannot be told.
    fn next_due_in(&self) -> Option<Duration>;
}

/// Decides when a worker looks, and at which workspace.
pub trait Dispatcher: Send + Sync {
    /// A hint: the row of this workspace has changed, and it is due at this time (milliseconds since
    /// 1970-01-01T00:00:00Z), or not at all. Returns at once.
    fn wake(&self, workspace: &str, due_ms: Option<i64>);

    /// Has the worker start what is due, until the future is dropped.
    fn run<'d>(&'d self, worker: Arc<dyn Worker>) -> Pin<Box<dyn Future<Output = ()> + Send + 'd>>;
}
