//! A server whose workspaces are connected with the emulated directory, and whose clock is set forward by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use connector_artifacts::component_bytes;
use connector_contract::WallClock;
use secrecy::SecretString;
use server::{Endpoints, KeySource, Server, ServerOptions, SystemClock};
use tokio::net::TcpListener;

use crate::directory::Directory;

/// The machine's time, set forward by hand.
#[derive(Default)]
pub(super) struct SetForward(AtomicU64);

impl SetForward {
    /// Sets it forward.
    pub(super) fn by(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }
}

impl WallClock for SetForward {
    fn since_epoch(&self) -> Duration {
        SystemClock.since_epoch() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A server on any free port, whose workspaces are connected with the directory; and whether it is told of changes.
pub(super) async fn start(
    data: &Path,
    directory: &Directory,
    parallel: usize,
    clock: Arc<SetForward>,
    notifications: bool,
) -> anyhow::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port is free")?;
    let (login, graph) = directory.roots();
    let options = ServerOptions {
        component: Bytes::from_static(component_bytes()),
        destinations: Vec::new(),
        data: data.to_owned(),
        keys: KeySource::File(data.join("vault.key")),
        compiled: None,
        parallel,
        endpoints: Some(Endpoints { login, graph }),
        public_url: format!("http://{}", listener.local_addr()?),
        application: None,
        notifications,
        demo: false,
        ca_file: None,
        proxy: None,
        clock,
    };
    Ok(Server::start(listener, options).await?)
}

/// Makes a workspace and connects it.
pub(super) async fn connect(
    server: &Server,
    id: &str,
    directory: &Directory,
) -> anyhow::Result<()> {
    use schedule::Tier;
    let operator = server.operator();
    operator.add_workspace(id, id, Tier::Standard, "UTC", "mirror")?;
    let secret = SecretString::from(directory.secret());
    let ready = server.connect(id, &directory.document(), &secret).await?;
    anyhow::ensure!(ready, "the connection of {id} does not work");
    Ok(())
}
