//! One slice of a call that comes in slices, in the host's own record of its calls.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connector_contract::{Run, SliceEnd, SyncResult};
use connector_runtime::{Answer, CallError, CallStats};
use store_sqlite::{DatabaseError, RunEnd, SqliteStore};

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

/// Why a slice came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The record of calls cannot be written.
    #[error(transparent)]
    Record(#[from] DatabaseError),
    /// The connector's error.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Executes one slice. The call is in the host's own record, also where the component crashed.
pub async fn step(
    store: &SqliteStore,
    call: &str,
    trigger: &str,
    slice: impl Future<Output = Answer<SyncResult>>,
) -> Result<(Step, CallStats), StepError> {
    let number = store.begin_run(call, trigger, now_ms())?;
    let answer = slice.await;
    let (status, error) = match &answer.result {
        Ok(result) => (result.run.status.name(), None),
        Err(error) => ("failed", Some(error.to_string())),
    };
    store.finish_run(
        number,
        &RunEnd {
            finished_at_ms: now_ms(),
            status,
            summary: None,
            error: error.as_deref(),
        },
    )?;
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
