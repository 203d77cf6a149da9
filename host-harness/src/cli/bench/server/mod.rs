//! `bench server`: how the server bears many workspaces, and a large one.
//!
//! Many: all workspaces are due at once, because the clock jumps; what is measured is the time until the
//! last one is done. To be compared with the same command on one processor, one workspace at a time
//! (`taskset -c 0 … --parallel 1`), divided by the processors. Large: the overview is asked for again and
//! again while everybody is read anew.

mod browser;
mod many;
mod overview;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use connector_artifacts::component_bytes;
use connector_contract::WallClock;
use secrecy::SecretString;
use server::{Endpoints, KeySource, Server, ServerOptions, SystemClock};
use tokio::net::TcpListener;

use super::directory::Directory;
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
pub(in crate::cli) struct BenchServer {
    /// Workspaces that are due at once; 0 leaves this out
    #[arg(long, default_value_t = 200)]
    workspaces: u64,
    /// People of each of them
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    people: u64,
    /// Workspaces that may work at the same time [default: two for each processor]
    #[arg(long)]
    parallel: Option<NonZeroUsize>,
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
        let parallel = self
            .parallel
            .map_or_else(default_parallel, NonZeroUsize::get);
        let many = match self.workspaces {
            0 => None,
            workspaces => Some(many::measure(workspaces, self.people, parallel).await?),
        };
        let overview = match self.contacts {
            0 => None,
            contacts => Some(overview::measure(contacts, self.requests).await?),
        };
        if self.json {
            printer::json(&serde_json::json!({ "many": many, "overview": overview }))?;
        } else {
            many.iter().for_each(many::show);
            overview.iter().for_each(overview::show);
        }
        Ok(Ending::Done)
    }
}

/// The machine's time, set forward by hand.
#[derive(Default)]
struct SetForward(AtomicU64);

impl SetForward {
    fn by(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }
}

impl WallClock for SetForward {
    fn since_epoch(&self) -> Duration {
        SystemClock.since_epoch() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A server on any free port, whose workspaces are connected with the directory.
async fn start(
    data: &Path,
    directory: &Directory,
    parallel: usize,
    clock: Arc<SetForward>,
) -> anyhow::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port is free")?;
    let (login, graph) = directory.roots();
    let options = ServerOptions {
        component: Bytes::from_static(component_bytes()),
        data: data.to_owned(),
        keys: KeySource::File(data.join("vault.key")),
        compiled: None,
        parallel,
        endpoints: Some(Endpoints { login, graph }),
        public_url: format!("http://{}", listener.local_addr()?),
        demo: false,
        ca_file: None,
        proxy: None,
        clock,
    };
    Ok(Server::start(listener, options).await?)
}

/// Makes a workspace and connects it.
async fn connect(server: &Server, id: &str, directory: &Directory) -> anyhow::Result<()> {
    use schedule::Tier;
    let operator = server.operator();
    operator.add_workspace(id, id, Tier::Standard, "UTC", "mirror")?;
    let secret = SecretString::from(directory.secret());
    let ready = server.connect(id, &directory.document(), &secret).await?;
    anyhow::ensure!(ready, "the connection of {id} does not work");
    Ok(())
}
