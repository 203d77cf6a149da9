//! `bench`: what the crate of that name measures, printed. See there for what is compared with what, and why.

mod compare;
mod ending;
mod numbers;
mod server;
mod table;
#[cfg(test)]
mod tests;
mod writes;

use bench::first_sync::FirstSync;
use clap::{Args, Subcommand};

use self::ending::{ending, this_program};
use super::failure::Ending;
use super::printer;

/// Measure the connector beside two floors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench
  cargo run --release -- bench --users 1000000 --json
  cargo run --release -- bench compare --latency 150
  cargo run --release -- bench writes

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
    /// Measure how edits of contacts come into the directory, beside the bare requests
    Writes(writes::BenchWrites),
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
            Some(What::Writes(writes)) => return writes.run().await,
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
