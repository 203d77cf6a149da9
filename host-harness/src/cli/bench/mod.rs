//! `bench`: measures the connector, and the floor under it, in one run.
//!
//! The floor is what the same work costs without a connector: the very requests that the first full
//! sync made, sent again by a native client that does not look into the answers, and the people it
//! left behind, one row each in a flat table of its own (`floor.rs`), in one transaction a page. A ratio
//! of two numbers of one run says something on any machine; the numbers themselves do not.
//!
//! A busy machine disturbs one measurement more than another, so the pair is measured several times,
//! and the median of the ratios counts.
//!
//! The emulated directory is another process, so that memory and processor time are the
//! connector's. A target that is missed is printed as missed, and is no failure; a measurement that
//! cannot be made is one.

mod database;
mod directory;
mod findings;
mod floor;
mod memory;
mod server;
mod suite;
mod table;
mod targets;
mod workspace;

use clap::{Args, Subcommand};

use super::failure::Ending;
use super::printer;
use findings::Findings;
use suite::Course;

/// Measure the connector against the floor
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo run --release -- bench
  cargo run --release -- bench --users 1000000 --json

The databases are made in the temporary directory (TMPDIR), which should be on a real disk: in memory a
commit costs nothing, and both sides of the ratio shrink.")]
pub(super) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// People of the synthetic company
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    users: u64,
    /// Seed of the synthetic company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First full syncs to measure, each with its floor; the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Print the measurements as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure the server: many workspaces that are due at once, or the overview of a large one
    Server(server::BenchServer),
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        if cfg!(debug_assertions) {
            printer::notice("this is a debug build; measure with `cargo run --release -- bench`");
        }
        if let Some(What::Server(server)) = self.what {
            return server.run().await;
        }
        let findings: Findings = Course::new(self.users, self.seed, self.rounds)?
            .run()
            .await?;
        if self.json {
            printer::json(&findings)?;
        } else {
            table::show(&findings);
        }
        Ok(Ending::Done)
    }
}
