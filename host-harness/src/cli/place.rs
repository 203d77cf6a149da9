//! Where a workspace lives, and how a command opens it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use super::failure::{WrongUsage, explain};
use super::secrets::{SecretArgument, SecretPlaces};
use crate::component::component_bytes;
use crate::contract::Endpoint;
use crate::runtime::imports::RunControl;
use crate::runtime::{
    Connector, HttpAccess, HttpOptions, HttpPolicy, Runtime, RuntimeOptions, Workspace,
};
use crate::store::{SqliteStore, StoreOptions};

/// Options of every command that works on a workspace.
#[derive(Clone, Debug, Args)]
pub(super) struct PlaceArguments {
    /// Directory of the workspace: its database, and where its secrets are
    #[arg(long, value_name = "DIR", default_value = ".connector")]
    pub(super) data: PathBuf,
}

/// Options of every command that calls the connector.
#[derive(Clone, Debug, Args)]
pub(super) struct ConnectionArguments {
    #[command(flatten)]
    pub(super) place: PlaceArguments,
    /// Where a secret is: NAME=@FILE, NAME=env:VARIABLE or NAME=- (standard input)
    #[arg(long = "secret", value_name = "NAME=PLACE")]
    pub(super) secrets: Vec<SecretArgument>,
    /// Let the configuration's "endpoints" name a server on this machine (tests and local runs)
    #[arg(long)]
    pub(super) allow_loopback: bool,
    /// Trust the certificates in this PEM file too (a proxy's, or the emulator's)
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Use this component instead of the built-in one
    #[arg(long, value_name = "WASM")]
    pub(super) component: Option<PathBuf>,
}

/// A workspace that is open, with a connector loaded for it.
pub(super) struct Opened {
    pub(super) store: Arc<SqliteStore>,
    pub(super) connector: Connector,
    pub(super) workspace: Workspace,
}

impl PlaceArguments {
    /// Opens the contacts.
    pub(super) fn store(&self) -> anyhow::Result<Arc<SqliteStore>> {
        Ok(Arc::new(SqliteStore::open(
            &self.data,
            &StoreOptions::default(),
        )?))
    }
}

impl ConnectionArguments {
    /// Opens the workspace and its saved configuration.
    pub(super) async fn open_saved(
        &self,
        control: Arc<dyn RunControl>,
    ) -> anyhow::Result<(Opened, String)> {
        let store = self.place.store()?;
        let document = store.document()?.with_context(|| {
            format!(
                "nothing is connected in {}; run `connect CONFIG.json` first",
                self.place.data.display()
            )
        })?;
        let opened = self.open(store, &document, control).await?;
        Ok((opened, document))
    }

    /// Loads the connector and grants it exactly the hosts that this document's cloud needs.
    pub(super) async fn open(
        &self,
        store: Arc<SqliteStore>,
        document: &str,
        control: Arc<dyn RunControl>,
    ) -> anyhow::Result<Opened> {
        let mut secrets = SecretPlaces::open(&self.place.data)?;
        secrets.take(&self.secrets)?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(self.place.data.join("compiled")),
        })?;
        let connector = match &self.component {
            Some(path) => {
                let bytes = std::fs::read(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                runtime.load(&bytes)?
            }
            None => runtime.load(component_bytes())?,
        };
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = Arc::new(secrets);
        workspace.control = control;
        let endpoints = connector
            .describe(&workspace)
            .await
            .result
            .map_err(explain)?
            .endpoints;
        let policy = policy(document, &endpoints, self.allow_loopback)?;
        let options = HttpOptions {
            extra_certificates: self.ca_file.clone(),
            ..HttpOptions::default()
        };
        workspace.http = HttpAccess::new(policy, &options)?;
        Ok(Opened {
            store,
            connector,
            workspace,
        })
    }
}

/// What a document may reach: the hosts of its cloud, or, where the run allows it, the servers on
/// this machine that it names instead. A document that cannot be read gets nothing: the connector
/// says what is wrong with it without a network.
pub fn policy(
    document: &str,
    endpoints: &[Endpoint],
    allow_loopback: bool,
) -> anyhow::Result<HttpPolicy> {
    let document: Value = serde_json::from_str(document).unwrap_or(Value::Null);
    let cloud = document
        .pointer("/tenant/cloud")
        .and_then(Value::as_str)
        .unwrap_or("global");
    let hosts: BTreeSet<&str> = endpoints
        .iter()
        .filter(|endpoint| endpoint.cloud == cloud)
        .map(|endpoint| endpoint.host.as_str())
        .collect();
    let mut policy = HttpPolicy::new(hosts)?;
    for url in ["/endpoints/login", "/endpoints/graph"]
        .into_iter()
        .filter_map(|pointer| document.pointer(pointer)?.as_str())
    {
        if !allow_loopback {
            return Err(WrongUsage(
                "the configuration names endpoints of its own, which are for tests and local runs; add \
                 --allow-loopback, or take \"endpoints\" out"
                    .to_owned(),
            )
            .into());
        }
        let Some(authority) = url
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.authority().cloned())
        else {
            continue;
        };
        // An endpoint elsewhere than on this machine stays refused, whatever the run allows.
        if let Ok(wider) = policy.clone().with_loopback(authority.as_str()) {
            policy = wider;
        }
    }
    Ok(policy)
}
