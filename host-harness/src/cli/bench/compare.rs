//! `bench compare`: the commands in turns with the script that one would write instead.

use std::path::PathBuf;
use std::time::Duration;

use bench::compare::{Compare, Comparison, ProcessCost};
use clap::Args;

use super::{
    maybe_mebibytes, maybe_ratio, maybe_time, mebibytes, processor_time, this_program, time,
    verdicts,
};
use crate::cli::failure::Ending;
use crate::cli::printer;

/// Measure the commands in turns with the script that one would write instead (needs Node and npm)
///
/// The script is JavaScript: Microsoft's own client, better-sqlite3 and one flat table. Each process is measured
/// from its start to its end. All of them read the same emulated directory, over TLS.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench compare
  cargo run --release -- bench compare --latency 150
  cargo run --release -- bench compare --people 1000000 --rounds 1 --scripts target/compare")]
pub(super) struct BenchCompare {
    /// People of the synthetic company
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    people: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds that are to count; the median does
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long the directory waits before each answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u32,
    /// Where the script and its packages are kept for the next time [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    scripts: Option<PathBuf>,
    /// End with 1 where the machine was too busy for as many rounds
    #[arg(long)]
    strict: bool,
    /// Print the measurements as JSON
    #[arg(long)]
    json: bool,
}

impl BenchCompare {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        let wanted = Compare {
            program: this_program()?,
            people: self.people,
            seed: self.seed,
            rounds: self.rounds,
            latency: Duration::from_millis(self.latency.into()),
            scripts: self.scripts,
        };
        let found = wanted.measure(&|told| printer::notice(told)).await?;
        if self.json {
            printer::json(&found)?;
        } else {
            printer::line(text(&found));
        }
        Ok(super::ending(&found.rounds, self.strict))
    }
}

const HEADER: [&str; 7] = [
    "median of the rounds",
    "time",
    "processor",
    "waited",
    "written",
    "file",
    "memory",
];

/// All of it.
pub(super) fn text(found: &Comparison) -> String {
    let latency = match found.latency_ms {
        0 => String::new(),
        ms => format!(", {ms} ms before each answer"),
    };
    let introduction = format!(
        "{} people, seed {}, over TLS on this machine{latency}; Node {}",
        found.people, found.seed, found.node
    );
    let processes = found.medians.iter().flat_map(|medians| {
        [
            process(
                "script: Microsoft's client, better-sqlite3",
                &medians.script,
            ),
            process("first full sync", &medians.first_sync),
            process("full sync without changes", &medians.unchanged_sync),
            process("plan", &medians.plan),
        ]
    });
    let ratios = printer::table(
        ["ratio, median of the rounds", "time", "processor"],
        ratios(found),
    );
    let firsts: Vec<_> = found
        .rounds
        .taken()
        .iter()
        .map(|round| format!("{:.2}", round.ratios().first_sync_wall))
        .collect();
    let rounds = format!(
        "first full sync / script, time, of each round: {}; rounds that waited for a processor and do not count: {}",
        firsts.join(", "),
        found.rounds.refused.len(),
    );
    [
        introduction,
        printer::table(HEADER, processes),
        ratios,
        rounds,
        verdicts(&found.targets),
    ]
    .join("\n\n")
}

fn process(name: &str, process: &ProcessCost) -> [String; 7] {
    let cost = &process.cost;
    [
        name.to_owned(),
        time(cost.wall),
        processor_time(cost.processor),
        maybe_time(cost.waited),
        maybe_mebibytes(cost.written),
        mebibytes(process.file_bytes),
        maybe_mebibytes(process.peak_bytes),
    ]
}

fn ratios(found: &Comparison) -> Vec<[String; 3]> {
    let Some(ratios) = &found.ratios else {
        return Vec::new();
    };
    let line = |name: &str, wall: Option<f64>, processor: Option<f64>| {
        let wall = wall.map_or_else(String::new, |wall| format!("{wall:.2}"));
        [name.to_owned(), wall, maybe_ratio(processor)]
    };
    vec![
        line(
            "first full sync / script",
            Some(ratios.first_sync_wall),
            ratios.first_sync_processor,
        ),
        line(
            "full sync without changes / script",
            Some(ratios.unchanged_sync_wall),
            ratios.unchanged_sync_processor,
        ),
        line("plan / first full sync", None, ratios.plan_processor),
    ]
}
