//! What a component says of itself, asked in the sandbox: without network, secrets and contacts.

use std::time::Duration;

use anyhow::Context as _;
use connector_contract::Description;
use connector_runtime::{Connector, Workspace};
use sync_runner::DataDirectory;

use super::failure::explain;

/// A component that only says what it is needs no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks a component what it is.
pub(super) async fn describe(connector: &Connector) -> anyhow::Result<Description> {
    let nobodys = tempfile::tempdir().context("no directory can be made")?;
    let store = DataDirectory::new(Some(nobodys.path().to_owned())).store()?;
    let mut workspace = Workspace::new(store.read_only());
    workspace.limits.call_time = PATIENCE;
    let described = connector.describe(&workspace).await;
    described.result.map_err(explain)
}
