//! A workspace that is opened for a call that writes.

use std::sync::Arc;

use api_types::views::Task;
use connector_runtime::{HttpAccess, HttpOptions, Workspace};
use sync_runner::grant::grant;
use sync_runner::{ChosenDestination, DirectoryLock, OpenWorkspace, now_ms};

use super::context::{WorkspaceContext, blocking};
use super::error::ServiceError;
use super::sealed_secrets::SealedSecrets;

/// The hosts that this document's cloud needs.
pub(crate) fn http(ws: &WorkspaceContext, document: &str) -> Result<HttpAccess, ServiceError> {
    if ChosenDestination::of(document).is_some() {
        // Its contacts would come into this server's own store, where nobody looks for them.
        let why = "the configuration chooses a destination (`sync.target` is an object), and this server keeps \
                   contacts itself; sync such a workspace with the commands, or write a name";
        return Err(ServiceError::NotNow(why.to_owned()));
    }
    let own_endpoints = ws.app.options.endpoints.is_some();
    let policy = grant(
        document,
        &ws.app.connector.description.endpoints,
        own_endpoints,
    )
    .map_err(|error| ServiceError::NotNow(error.to_string()))?;
    let options = HttpOptions {
        extra_certificates: ws.app.options.ca_file.clone(),
        proxy: ws.app.options.proxy.clone(),
        ..HttpOptions::default()
    };
    let http = ws.app.pools.access(policy, options);
    http.map_err(|error| ServiceError::closed(error.into()))
}

/// Opens the workspace for a call that writes, with the hosts that this document's cloud needs.
pub(crate) async fn open(
    ws: &WorkspaceContext,
    task: Task,
    settings: &str,
    document: &str,
) -> Result<(DirectoryLock, OpenWorkspace), ServiceError> {
    let http = http(ws, document)?;
    let secrets = Arc::new(SealedSecrets::new(&ws.app, &ws.id));
    let control = ws.task.clone();
    let (app, id, settings) = (Arc::clone(&ws.app), ws.id.clone(), settings.to_owned());
    blocking(move || {
        let store = app.stores.get(&id).map_err(ServiceError::closed)?;
        let lock = app
            .stores
            .directory(&id)
            .lock(task.name())
            .map_err(ServiceError::closed)?;
        // The commands find it there.
        if store.document()?.as_deref() != Some(settings.as_str()) {
            store.save_document(&settings)?;
        }
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = secrets.clone();
        workspace.signing = secrets.clone();
        workspace.tokens = secrets;
        workspace.control = control;
        workspace.http = http;
        workspace.notified_at = app.notifications.address(&id);
        let mut open = OpenWorkspace {
            store,
            connector: app.connector.component.clone(),
            workspace,
        };
        open.hold(task.name())
            .map_err(|error| ServiceError::closed(error.into()))?;
        tracing::debug!(
            workspace = id,
            task = task.name(),
            at_ms = now_ms(),
            "workspace opened"
        );
        Ok((lock, open))
    })
    .await
}
