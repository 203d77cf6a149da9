//! How a call that comes in slices is brought to its end.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::failure::explain;
use super::place::Opened;
use super::printer;
use super::shapes::run_status;
use crate::contract::{Directive, Phase, Progress, Run, Slice, SliceEnd, SyncResult};
use crate::runtime::{Answer, CallStats};
use crate::store::RunEnd;

/// The longest time for which a wait does not hear Ctrl-C.
const LONGEST_NAP: Duration = Duration::from_millis(200);

/// How long a slice may be.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct SliceArguments {
    /// Length of one slice, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    slice_seconds: u64,
    /// Pages of one slice
    #[arg(long, value_name = "PAGES")]
    slice_pages: Option<u32>,
}

impl From<SliceArguments> for Slice {
    fn from(arguments: SliceArguments) -> Self {
        Self {
            max_pages: arguments.slice_pages,
            max_ms: Some(arguments.slice_seconds.saturating_mul(1000)),
        }
    }
}

/// Runs slices until the run is over, waiting as long as the connector asks; the run, and what its
/// calls used. Each call is in the host's own record, also where the component crashed.
pub(super) async fn to_the_end(
    opened: &Opened,
    call: &str,
    trigger: &str,
    slice: impl AsyncFn() -> Answer<SyncResult>,
) -> anyhow::Result<(Run, CallStats)> {
    let mut total = CallStats::default();
    loop {
        let number = opened.store.begin_run(call, trigger, now_ms())?;
        let answer = slice().await;
        add(&mut total, &answer.stats);
        let (status, error) = match &answer.result {
            Ok(result) => (run_status(result.run.status).to_owned(), None),
            Err(error) => ("failed".to_owned(), Some(error.to_string())),
        };
        opened.store.finish_run(
            number,
            &RunEnd {
                finished_at_ms: now_ms(),
                status: &status,
                summary: None,
                error: error.as_deref(),
            },
        )?;
        let result = answer.result.map_err(explain)?;
        match result.end {
            SliceEnd::Finished => return Ok((result.run, total)),
            SliceEnd::More(after_ms) => {
                if after_ms > 0 {
                    printer::notice(format_args!(
                        "the directory asks for patience: going on in {} s",
                        after_ms.div_ceil(1000)
                    ));
                }
                wait(opened, &result.run, Duration::from_millis(after_ms)).await;
            }
        }
    }
}

/// Waits between two slices. Where the control says "stop" the wait is over, and the next slice, which
/// hears it too, closes the run.
async fn wait(opened: &Opened, run: &Run, patience: Duration) {
    let until = Instant::now() + patience;
    let progress = Progress {
        phase: Phase::Connecting,
        done: run.counts.processed,
        total: None,
    };
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || opened.workspace.control.report_progress(progress) == Directive::Stop {
            return;
        }
        tokio::time::sleep(left.min(LONGEST_NAP)).await;
    }
}

fn add(total: &mut CallStats, call: &CallStats) {
    total.peak_memory_bytes = total.peak_memory_bytes.max(call.peak_memory_bytes);
    total.instantiation = total.instantiation.max(call.instantiation);
    total.duration += call.duration;
    total.http_requests += call.http_requests;
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(super) fn now_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
