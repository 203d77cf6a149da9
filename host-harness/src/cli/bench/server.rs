//! `bench server`: the server with many workspaces, and with a large one.

use std::num::NonZeroUsize;

use bench::server::{Many, Overview, ServerBench, Told, Unchanged};
use clap::Args;

use super::ending::this_program;
use super::numbers::{UNKNOWN, maybe_time, processor_time, time};
use crate::cli::failure::Ending;
use crate::cli::printer;
use crate::cli::serve::default_parallel;

/// Measure the server: many workspaces that are due at once, or the overview of a large one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench server
  cargo run --release -- bench server --workspaces 0 --contacts 1000000
  taskset -c 0 target/release/host-harness bench server --parallel 1 --contacts 0")]
pub(super) struct BenchServer {
    /// Workspaces that are due at once; 0 leaves this out
    #[arg(long, default_value_t = 200)]
    workspaces: u64,
    /// People of each of them
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    people: u64,
    /// Workspaces that may work at the same time [default: two for each processor]
    #[arg(long)]
    parallel: Option<NonZeroUsize>,
    /// How often all of them are due again, with nothing to do; 0 leaves this out
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How often somebody changes of whom the directory tells all workspaces at once; 0 leaves this out
    #[arg(long, default_value_t = 10)]
    changes: u32,
    /// Contacts of the large workspace; 0 leaves this out
    #[arg(long, default_value_t = 100_000)]
    contacts: u64,
    /// How often its overview is asked for
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// Print the measurements as JSON
    #[arg(long)]
    json: bool,
}

impl BenchServer {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let wanted = ServerBench {
            program: this_program()?,
            workspaces: self.workspaces,
            people: self.people,
            parallel: self
                .parallel
                .map_or_else(default_parallel, NonZeroUsize::get),
            rounds: self.rounds,
            changes: self.changes,
            contacts: self.contacts,
            requests: self.requests,
        };
        let found = wanted.measure().await?;
        if self.json {
            printer::json(&found)?;
        } else {
            for line in [
                found.many.as_ref().map(many),
                found.told.as_ref().map(told),
                found.overview.as_ref().map(overview),
            ]
            .into_iter()
            .flatten()
            {
                printer::line(line);
            }
        }
        Ok(Ending::Done)
    }
}

pub(super) fn many(many: &Many) -> String {
    let memory = many.peak_memory_bytes.map_or_else(
        || UNKNOWN.to_owned(),
        |bytes| format!("{} MiB", bytes >> 20),
    );
    let first = format!(
        "{} workspaces of {} people, {} at a time: {} ms; memory of this process at most {memory}",
        many.workspaces, many.people, many.parallel, many.milliseconds
    );
    match &many.unchanged {
        Some(again) => format!("{first}\n{}", unchanged(again)),
        None => first,
    }
}

fn unchanged(again: &Unchanged) -> String {
    let flushes = again
        .disk_flushes_per_run
        .map_or_else(|| UNKNOWN.to_owned(), |flushes| format!("{flushes:.1}"));
    format!(
        "{} runs without changes: {}, {:.0} a second and processor ({}); processor time {}, {} a run; waited {}; \
         flushes of the disk a run, of the whole machine: {flushes}",
        again.runs,
        time(again.cost.wall),
        again.runs_per_second_and_processor,
        printer::counted(again.processors as u64, "processor"),
        processor_time(again.cost.processor),
        maybe_time(again.processor_per_run()),
        maybe_time(again.cost.waited),
    )
}

pub(super) fn told(told: &Told) -> String {
    format!(
        "{} changes of which {} workspaces of {} people were told at once, {} at a time: to the contact median {} ms, \
         95th percentile {} ms, slowest {} ms (target 2000 ms at the median)",
        told.changes,
        told.workspaces,
        told.people,
        told.parallel,
        told.median_ms,
        told.p95_ms,
        told.slowest_ms
    )
}

pub(super) fn overview(finding: &Overview) -> String {
    format!(
        "overview of {} contacts, {} bytes, asked for {} times ({} while a sync ran): median {:.1} ms, \
         99th percentile {:.1} ms, slowest {:.1} ms (target 50 ms at the 99th percentile)",
        finding.contacts,
        finding.bytes,
        finding.requests,
        finding.during_sync,
        finding.median_ms,
        finding.p99_ms,
        finding.slowest_ms
    )
}
