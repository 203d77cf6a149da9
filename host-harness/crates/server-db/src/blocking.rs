//! Where waiting keeps nobody else from working.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs what waits for a disk, or for another process: the other tasks of this thread are moved to another one
/// first.
pub fn run_blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
