//! `bench`: measures the connector against the floor.

use clap::Args;

use super::failure::Ending;

/// Measure the connector against the floor
#[derive(Debug, Args)]
pub(super) struct Bench {
    /// People of the synthetic company
    #[arg(long, default_value_t = 100_000)]
    users: u64,
}

impl Bench {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        anyhow::bail!("{} users: not yet", self.users)
    }
}
