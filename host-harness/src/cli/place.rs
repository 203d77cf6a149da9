//! Where a workspace lives, and how a command opens it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use super::failure::{WrongUsage, explain};
use super::secrets::{SecretArgument, SecretPlaces};
use crate::component::component_bytes;
use crate::grant::{GrantError, grant};
use crate::runtime::imports::RunControl;
use crate::runtime::{Connector, HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
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
        let policy =
            grant(document, &endpoints, self.allow_loopback).map_err(|error| match error {
                GrantError::EndpointsNotAllowed => {
                    WrongUsage(format!("{error}; add --allow-loopback")).into()
                }
                other => anyhow::Error::from(other),
            })?;
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
