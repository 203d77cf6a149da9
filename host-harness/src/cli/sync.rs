//! `sync`: brings the contacts in step, slice by slice.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::data_directory::DataDirectory;
use super::failure::{Ending, explain};
use super::place::{ConnectionArguments, Opened};
use super::printer::{self, Colour, coloured};
use super::progress::ShownProgress;
use super::shapes::{RunShape, mode_name, run_status};
use crate::contract::{
    Approval, Directive, Phase, Progress, Run, RunMode, RunStatus, Slice, SliceEnd, SyncRequest,
};
use crate::runtime::CallStats;
use crate::store::RunEnd;

/// The longest time for which a wait does not hear Ctrl-C.
const LONGEST_NAP: Duration = Duration::from_millis(200);

/// Bring the contacts in step with the directory
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness sync
  host-harness sync --full --json
  host-harness sync --approve DIGEST     (a digest that `plan` or a blocked sync has shown)")]
pub(super) struct Sync {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Read everybody, not only what changed
    #[arg(long)]
    full: bool,
    /// Let exactly the removals with this digest pass the limit
    #[arg(long, value_name = "DIGEST")]
    approve: Option<String>,
    /// Length of one slice, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    slice_seconds: u64,
    /// Pages of one slice
    #[arg(long, value_name = "PAGES")]
    slice_pages: Option<u32>,
    /// Who asks, for the record
    #[arg(long, default_value = "manual")]
    trigger: String,
    /// Print every log event of the connector
    #[arg(long, short)]
    verbose: bool,
    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

impl Sync {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let _working = data.work("sync")?;
        let control = ShownProgress::start(self.verbose);
        let (opened, document) = self.connection.open_saved(data, control.clone()).await?;
        let request = SyncRequest {
            mode: if self.full {
                RunMode::Full
            } else {
                RunMode::Incremental
            },
            trigger: self.trigger.clone(),
            slice: Slice {
                max_pages: self.slice_pages,
                max_ms: Some(self.slice_seconds.saturating_mul(1000)),
            },
            approval: self
                .approve
                .as_deref()
                .map(|digest| approval(&opened, digest))
                .transpose()?,
        };
        let outcome = execute(&opened, &document, &request).await;
        control.finish();
        let (run, _) = outcome?;
        let ending = ending(run.status);
        if self.json {
            printer::json(&RunShape::from(run))?;
        } else {
            show(&run);
        }
        Ok(ending)
    }
}

/// What a digest approves: a plan, where one is kept under it, else what a breaker stopped.
fn approval(opened: &Opened, digest: &str) -> anyhow::Result<Approval> {
    Ok(if opened.store.kept_plan(digest)?.is_some() {
        Approval::Plan(digest.to_owned())
    } else {
        Approval::Taking(digest.to_owned())
    })
}

/// Runs slices until the run is over, waiting as long as the connector asks; the run, and what its
/// calls used. Each call is in the host's own record, also where the component crashed.
pub(super) async fn execute(
    opened: &Opened,
    document: &str,
    request: &SyncRequest,
) -> anyhow::Result<(Run, CallStats)> {
    let mut total = CallStats::default();
    loop {
        let number = opened.store.begin_run("sync", &request.trigger, now_ms())?;
        let answer = opened
            .connector
            .sync(&opened.workspace, document, request.clone())
            .await;
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

fn ending(status: RunStatus) -> Ending {
    match status {
        RunStatus::Succeeded | RunStatus::Warnings => Ending::Done,
        RunStatus::Blocked => Ending::Blocked,
        RunStatus::Failed | RunStatus::Stopped | RunStatus::Running | RunStatus::Incomplete => {
            Ending::Failed
        }
    }
}

pub(super) fn show(run: &Run) {
    let status = run_status(run.status);
    let colour = match run.status {
        RunStatus::Succeeded => Colour::Green,
        RunStatus::Warnings | RunStatus::Running | RunStatus::Stopped | RunStatus::Incomplete => {
            Colour::Yellow
        }
        RunStatus::Failed | RunStatus::Blocked => Colour::Red,
    };
    let counts = &run.counts;
    printer::line(format_args!(
        "{} sync {}: {} people; {} created, {} updated, {} unchanged, {} skipped, {} removed, {} failed ({} requests)",
        mode_name(run.mode),
        coloured(colour, status),
        counts.processed,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.skipped,
        counts.removed,
        counts.failed,
        run.requests
    ));
    for skip in &run.skips {
        printer::line(format_args!("  skipped, {}: {}", skip.reason, skip.count));
    }
    for warning in &run.warnings {
        printer::line(format_args!("  {}", warning.message));
    }
    for error in &run.errors {
        let times = match error.count {
            0 | 1 => String::new(),
            count => format!(" ({count} times)"),
        };
        printer::line(format_args!("  {}: {}{times}", error.code, error.message));
    }
    if run.status == RunStatus::Stopped {
        printer::line("  Everything up to the last page is saved; the next sync goes on there.");
    }
    if let Some(block) = &run.block {
        printer::line(format_args!("{}\n{}", block.message, block.cause));
        printer::line(format_args!(
            "Nothing was taken away. To let exactly this pass: sync --approve {}",
            block.digest
        ));
    }
}
