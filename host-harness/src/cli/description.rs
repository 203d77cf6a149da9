//! What a component says of itself, asked in the sandbox: without network, secrets and contacts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use connector_contract::imports::NoLedger;
use connector_contract::{Description, TargetDescription};
use connector_runtime::{Connector, Target, Workspace};
use sync_runner::DataDirectory;
use tempfile::TempDir;

use super::failure::explain;

/// A component that only says what it is needs no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks a component what it is.
pub(super) async fn describe(connector: &Connector) -> anyhow::Result<Description> {
    let (_folder, workspace) = nobodys()?;
    let described = connector.describe(&workspace).await;
    described.result.map_err(explain)
}

/// Asks the destination in a component what it is with these settings, which are the object at `/sync/target`.
pub(super) async fn describe_destination(
    connector: &Connector,
    settings: &str,
) -> anyhow::Result<TargetDescription> {
    let (_folder, mut workspace) = nobodys()?;
    workspace.target = Some(Target {
        settings: settings.to_owned(),
        account: String::new(),
        ledger: Arc::new(NoLedger),
    });
    let described = connector.describe_target(&workspace).await;
    described.result.map_err(explain)
}

/// A workspace of nobody, while its folder is there.
fn nobodys() -> anyhow::Result<(TempDir, Workspace)> {
    let folder = tempfile::tempdir().context("no directory can be made")?;
    let store = DataDirectory::new(Some(folder.path().to_owned())).store()?;
    let mut workspace = Workspace::new(store.read_only());
    workspace.limits.call_time = PATIENCE;
    Ok((folder, workspace))
}
