//! The connector that all workspaces share, and what it says of itself.

use std::sync::Arc;

use connector_contract::{CodeDescription, Description};
use connector_runtime::{Connector, Runtime, Workspace};
use sync_runner::in_words;

use crate::choices::Choices;
use crate::codes::CodeLabels;
use crate::error::ServerError;
use crate::stores::open_aside;

/// A component that was loaded and has described itself.
pub(crate) struct LoadedConnector {
    pub(crate) component: Connector,
    pub(crate) description: Description,
    /// What its configuration offers to choose from.
    pub(crate) choices: Choices,
    /// What its codes mean, and those of the contact store.
    pub(crate) codes: Arc<CodeLabels>,
}

impl LoadedConnector {
    /// Loads a component, and asks what it is.
    pub(crate) async fn load(component: &[u8], runtime: &Runtime) -> Result<Self, ServerError> {
        let component = runtime.load(component)?;
        let (description, of_store) = describe(&component).await?;
        let codes = description.codes.iter().cloned().chain(of_store);
        Ok(Self {
            codes: Arc::new(CodeLabels::new(codes)),
            choices: Choices::new(&description.configuration_schema),
            description,
            component,
        })
    }
}

/// What the component says of itself, and the codes that the contact store adds to its own.
async fn describe(
    connector: &Connector,
) -> Result<(Description, Vec<CodeDescription>), ServerError> {
    let directory = tempfile::tempdir().map_err(ServerError::Temporary)?;
    // `describe` needs no store, but a call needs a workspace.
    let store = open_aside(directory.path())?;
    let of_store = store.describe().map_or_else(
        |error| {
            tracing::warn!(?error, "the contact store does not describe its codes");
            Vec::new()
        },
        |described| described.codes,
    );
    let described = connector.describe(&Workspace::new(store)).await.result;
    let described = described.map_err(|error| ServerError::Connector(in_words(&error)))?;
    Ok((described, of_store))
}
