//! `bench writes`: edits of contacts given to the directory, beside the bare requests.

use bench::writes::{Writes, WritesFindings};
use clap::Args;

use super::ending::{ending, this_program};
use super::numbers::{maybe_time, processor_time, time, verdicts};
use crate::cli::failure::Ending;
use crate::cli::printer;

/// Measure how edits of contacts come into the directory, beside the bare requests
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench writes
  cargo run --release -- bench writes --people 1000 --rounds 1 --json

The pace at which Microsoft Graph takes writes is switched off on both sides (\"writes\": {\"perSecond\": 100000}), or
both would measure the waiting alone. How long it is with the pace is told beside it.")]
pub(super) struct BenchWrites {
    /// People whose contacts are edited
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    people: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds to measure; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// End with 1 where the machine was too busy for as many rounds
    #[arg(long)]
    strict: bool,
    /// Print the measurements as JSON
    #[arg(long)]
    json: bool,
}

impl BenchWrites {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let wanted = Writes {
            program: this_program()?,
            people: self.people,
            seed: self.seed,
            rounds: self.rounds,
        };
        let findings = wanted.measure(&|told| printer::notice(told)).await?;
        if self.json {
            printer::json(&findings)?;
        } else {
            printer::line(text(&findings));
        }
        Ok(ending(&findings.rounds, self.strict))
    }
}

fn text(findings: &WritesFindings) -> String {
    let rows = findings.rounds.taken().iter().flat_map(|round| {
        let line = |name: &str, cost: &bench::Cost, remark: String| {
            [
                name.to_owned(),
                time(cost.wall),
                processor_time(cost.processor),
                maybe_time(cost.waited),
                remark,
            ]
        };
        [
            line(
                "edits given",
                &round.sync,
                format!(
                    "{} requests, {:.2} times the bare ones",
                    round.requests,
                    round.ratio()
                ),
            ),
            line("bare batches that read", &round.bare_reads, String::new()),
            line("bare batches that write", &round.bare_writes, String::new()),
        ]
    });
    format!(
        "{} edits of contacts, given to the directory\n{}\nwith the pace of the service: at least {} s\n{}",
        findings.people,
        printer::table(["", "time", "processor", "waited", ""], rows),
        findings.paced_seconds,
        verdicts(&findings.targets)
    )
}
