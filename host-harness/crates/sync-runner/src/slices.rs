//! One slice of a call that comes in slices.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connector_contract::{Run, SliceEnd, SyncResult};
use connector_runtime::{Answer, CallError, CallStats};

/// What came of one slice.
pub enum Step {
    /// The run is over.
    Finished(Run),
    /// The run goes on with another slice, not before so long from now.
    Again {
        /// As it stands.
        run: Run,
        /// How long the directory asks to wait.
        after: Duration,
    },
}

/// Executes one slice.
pub async fn step(
    slice: impl Future<Output = Answer<SyncResult>>,
) -> Result<(Step, CallStats), CallError> {
    let answer = slice.await;
    let result = answer.result?;
    let step = match result.end {
        SliceEnd::Finished => Step::Finished(result.run),
        SliceEnd::More(after_ms) => Step::Again {
            run: result.run,
            after: Duration::from_millis(after_ms),
        },
    };
    Ok((step, answer.stats))
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub fn now_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
