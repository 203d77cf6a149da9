//! The connector that all workspaces share, and what it says of itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use connector_contract::Description;
use connector_runtime::{Connector, Runtime, RuntimeOptions, Workspace};
use store_sqlite::{SqliteStore, StoreOptions};
use sync_runner::in_words;

use crate::choices::Choices;
use crate::error::ServerError;

/// A component that was loaded and has described itself.
pub(crate) struct LoadedConnector {
    pub(crate) component: Connector,
    pub(crate) description: Description,
    /// What its configuration offers to choose from.
    pub(crate) choices: Choices,
}

impl LoadedConnector {
    /// Loads a component, whose compiled form is kept in `cache`, and asks what it is.
    pub(crate) async fn load(component: &[u8], cache: PathBuf) -> Result<Self, ServerError> {
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(cache),
        })?;
        let component = runtime.load(component)?;
        let description = describe(&component).await?;
        Ok(Self {
            choices: Choices::new(&description.configuration_schema),
            description,
            component,
        })
    }
}

async fn describe(connector: &Connector) -> Result<Description, ServerError> {
    let directory = tempfile::tempdir().map_err(ServerError::Temporary)?;
    let store = open_aside(directory.path())?;
    let described = connector.describe(&Workspace::new(store)).await.result;
    described.map_err(|error| ServerError::Connector(in_words(&error)))
}

/// `describe` needs no store, but a call needs a workspace.
fn open_aside(directory: &Path) -> Result<Arc<SqliteStore>, ServerError> {
    let options = StoreOptions {
        durable: false,
        ..StoreOptions::default()
    };
    Ok(Arc::new(SqliteStore::open(directory, &options)?))
}
