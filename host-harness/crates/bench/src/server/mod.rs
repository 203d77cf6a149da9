//! How the server bears many workspaces, and a large one.
//!
//! Many: all workspaces are due at once, because the clock jumps; what is measured is the time until the
//! last one is done, first with everything to do and then with nothing. To be compared with the same on one
//! processor, one workspace at a time, divided by the processors. Large: the overview is asked for again and
//! again while everybody is read anew.

mod browser;
mod disk;
mod many;
mod overview;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use connector_artifacts::component_bytes;
use connector_contract::WallClock;
use secrecy::SecretString;
use serde::Serialize;
use server::{Endpoints, KeySource, Server, ServerOptions, SystemClock};
use tokio::net::TcpListener;

pub use self::many::{Many, Unchanged};
pub use self::overview::Overview;
use crate::directory::Directory;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct ServerBench {
    /// The program that has the command `graph-emulator`.
    pub program: PathBuf,
    /// Workspaces that are due at once; 0 leaves this out.
    pub workspaces: u64,
    /// People of each of them.
    pub people: u64,
    /// Workspaces that may work at the same time.
    pub parallel: usize,
    /// How often all of them are due again, with nothing to do.
    pub rounds: u32,
    /// Contacts of the large workspace; 0 leaves this out.
    pub contacts: u64,
    /// How often its overview is asked for.
    pub requests: u32,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct ServerFindings {
    /// Of many workspaces.
    pub many: Option<Many>,
    /// Of the large one.
    pub overview: Option<Overview>,
}

impl ServerBench {
    /// Measures.
    ///
    /// # Errors
    ///
    /// Where something cannot be measured: a server that does not start, a workspace that does not sync.
    pub async fn measure(self) -> anyhow::Result<ServerFindings> {
        let many = match self.workspaces {
            0 => None,
            _ => Some(many::measure(&self).await?),
        };
        let overview = match self.contacts {
            0 => None,
            _ => Some(overview::measure(&self).await?),
        };
        Ok(ServerFindings { many, overview })
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
