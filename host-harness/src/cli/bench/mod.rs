//! `bench`: what [`bench`] measures, printed. See there for what is compared with what, and why.

mod compare;
mod server;
mod table;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bench::first_sync::FirstSync;
use bench::{MOST_WAITING, Round, Rounds, Target};
use clap::{Args, Subcommand};

use super::failure::Ending;
use super::printer::{self, Colour, coloured};

/// Measure the connector against the floor
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench
  cargo run --release -- bench --users 1000000 --json
  cargo run --release -- bench compare --latency 150

The databases are made in the temporary directory (TMPDIR), which should be on a real disk: in memory a
commit costs nothing, and both sides of the ratio shrink. A round that waited for a processor for more than
20 % of its time does not count and is measured again, up to three times as many as were asked for.")]
pub(super) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// People of the synthetic company
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    users: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First full syncs to measure, each with its floors; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// End with 1 where the machine was too busy for as many rounds
    #[arg(long)]
    strict: bool,
    /// Print the measurements as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure the commands in turns with the script that one would write instead (needs Node and npm)
    Compare(compare::BenchCompare),
    /// Measure the server: many workspaces that are due at once, or the overview of a large one
    Server(server::BenchServer),
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        if cfg!(debug_assertions) {
            printer::notice("this is a debug build; measure with `cargo run --release -- bench`");
        }
        match self.what {
            Some(What::Compare(compare)) => return compare.run().await,
            Some(What::Server(server)) => return server.run().await,
            None => {}
        }
        let wanted = FirstSync {
            program: this_program()?,
            users: self.users,
            seed: self.seed,
            rounds: self.rounds,
        };
        let findings = wanted.measure(&|told| printer::notice(told)).await?;
        if self.json {
            printer::json(&findings)?;
        } else {
            printer::line(table::text(&findings));
        }
        Ok(ending(&findings.rounds, self.strict))
    }
}

/// The program whose commands are measured: this one.
fn this_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("this program cannot be found")
}

/// Says where the machine was too busy, and whether that is a failure.
fn ending<R: Round>(rounds: &Rounds<R>, strict: bool) -> Ending {
    if rounds.quiet() {
        return Ending::Done;
    }
    printer::notice(busy(rounds));
    if strict { Ending::Failed } else { Ending::Done }
}

/// In words, how many rounds count.
fn busy<R: Round>(rounds: &Rounds<R>) -> String {
    let counted = rounds.counted.len();
    let all = counted + rounds.refused.len();
    let numbers = match counted {
        0 => "the numbers are of rounds that waited, and say how busy it was",
        _ => "the numbers are of those that count",
    };
    format!(
        "this machine was busy: of {all} rounds, {counted} of the {} wanted count, since the others waited for a \
         processor for more than {:.0} % of their time; {numbers}",
        rounds.wanted,
        MOST_WAITING * 100.0
    )
}

/// Targets, a line each.
fn verdicts(targets: &[Target]) -> String {
    let lines = targets.iter().map(|target| {
        let verdict = if target.met {
            coloured(Colour::Green, "met   ")
        } else {
            coloured(Colour::Red, "missed")
        };
        format!("{verdict}  {}: {}", target.target, target.found)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.01.. => format!("{:.0} ms", seconds * 1e3),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}

/// Processor time, which comes in steps of 10 ms.
fn processor_time(duration: Option<Duration>) -> String {
    match duration {
        None => UNKNOWN.to_owned(),
        Some(Duration::ZERO) => "< 10 ms".to_owned(),
        Some(duration) => time(duration),
    }
}

fn maybe_time(duration: Option<Duration>) -> String {
    duration.map_or_else(|| UNKNOWN.to_owned(), time)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn maybe_mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| UNKNOWN.to_owned(), mebibytes)
}

fn maybe_ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| UNKNOWN.to_owned(), |ratio| format!("{ratio:.2}"))
}

/// What the system does not tell.
const UNKNOWN: &str = "unknown";
