//! How a call that comes in slices is brought to its end.

use std::time::{Duration, Instant};

use connector_contract::{Directive, Phase, Progress, Run, Slice, SyncResult};
use connector_runtime::{Answer, CallStats};
use sync_runner::{OpenWorkspace, Step, explain_run, step};

use super::failure::explain_way;
use super::printer;

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
/// calls used.
pub(super) async fn to_the_end(
    opened: &OpenWorkspace,
    slice: impl AsyncFn() -> Answer<SyncResult>,
) -> anyhow::Result<(Run, CallStats)> {
    let mut total = CallStats::default();
    loop {
        let (came, stats) = step(slice())
            .await
            .map_err(|error| explain_way(error, &opened.workspace.http))?;
        add(&mut total, &stats);
        match came {
            Step::Finished(mut run) => {
                explain_run(&mut run, &opened.workspace.http);
                return Ok((run, total));
            }
            Step::Again { run, after } => {
                if !after.is_zero() {
                    printer::notice(format_args!(
                        "the directory asks for patience: going on in {} s",
                        after.as_millis().div_ceil(1000)
                    ));
                }
                wait(opened, &run, after).await;
            }
        }
    }
}

/// Waits between two slices. Where the control says "stop" the wait is over, and the next slice, which
/// hears it too, closes the run.
async fn wait(opened: &OpenWorkspace, run: &Run, patience: Duration) {
    let until = Instant::now() + patience;
    let progress = Progress {
        phase: Phase::Connecting,
        done: run.counts.processed,
        total: None,
        remaining_ms: None,
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
