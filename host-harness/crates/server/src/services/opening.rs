//! A workspace that is opened for a call: with the hosts that its document needs, and with its destination where a
//! service keeps the contacts.

use std::sync::Arc;

use api_types::views::Task;
use connector_contract::TargetDescription;
use connector_runtime::{Connector, HttpAccess, HttpOptions, HttpPolicy, Workspace};
use store_api::AdminStore;
use sync_runner::grant::{grant, grant_servers};
use sync_runner::{ChosenDestination, DirectoryLock, OpenWorkspace, now_ms};

use super::context::{WorkspaceContext, blocking};
use super::error::ServiceError;
use super::sealed_secrets::SealedSecrets;

/// The way to the hosts that this document's cloud needs.
pub(crate) fn http(ws: &WorkspaceContext, document: &str) -> Result<HttpAccess, ServiceError> {
    access(ws, policy(ws, document)?)
}

fn policy(ws: &WorkspaceContext, document: &str) -> Result<HttpPolicy, ServiceError> {
    let endpoints = &ws.app.connector.description.endpoints;
    grant(document, endpoints, allows_loopback(ws)).map_err(not_granted)
}

/// Servers of one's own, on this machine, are for demonstrations and tests.
fn allows_loopback(ws: &WorkspaceContext) -> bool {
    ws.app.options.endpoints.is_some()
}

fn not_granted(error: sync_runner::grant::GrantError) -> ServiceError {
    ServiceError::NotNow(error.to_string())
}

fn access(ws: &WorkspaceContext, policy: HttpPolicy) -> Result<HttpAccess, ServiceError> {
    let options = HttpOptions {
        extra_certificates: ws.app.options.ca_file.clone(),
        proxy: ws.app.options.proxy.clone(),
        ..HttpOptions::default()
    };
    let http = ws.app.pools.access(policy, options);
    http.map_err(|error| ServiceError::closed(error.into()))
}

/// The connector for a document. Where the document chooses a destination, that is in it, and the workspace is given
/// its settings, its ledger, and the way to its servers beside those of the cloud.
pub(crate) async fn enter(
    ws: &WorkspaceContext,
    document: &str,
    workspace: &mut Workspace,
    store: &Arc<dyn AdminStore>,
) -> Result<(Connector, Option<TargetDescription>), ServiceError> {
    let Some(chosen) = ChosenDestination::of(document) else {
        return Ok((ws.app.connector.component.clone(), None));
    };
    let connector = ws.app.destinations.connector(&chosen).await?;
    let described = chosen.enter(&connector, workspace, store).await?;
    let policy = grant_servers(
        policy(ws, document)?,
        &described.servers,
        allows_loopback(ws),
    )
    .map_err(not_granted)?;
    workspace.http = access(ws, policy)?;
    Ok((connector, Some(described)))
}

/// What a look at a workspace is made with.
pub(crate) struct Look {
    pub(crate) connector: Connector,
    pub(crate) workspace: Workspace,
    pub(crate) store: Arc<dyn AdminStore>,
}

/// Prepares a look, which writes no contact and does not wait for whoever does. It has no way out, and no secret, but
/// where a service keeps the contacts: there is no looking without that.
pub(crate) async fn look(ws: &WorkspaceContext, document: &str) -> Result<Look, ServiceError> {
    let store = ws.store().await?;
    let mut workspace = Workspace::new(Arc::clone(&store).read_only());
    let secrets = Arc::new(SealedSecrets::new(&ws.app, &ws.id));
    // When a certificate ends is read from it; nothing is signed.
    workspace.signing = secrets.clone();
    let (connector, destination) = enter(ws, document, &mut workspace, &store).await?;
    if destination.is_some() {
        workspace.secrets = secrets;
    }
    Ok(Look {
        connector,
        workspace,
        store,
    })
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
    let (app, id, settings) = (Arc::clone(&ws.app), ws.id.clone(), settings.to_owned());
    let (lock, store) = blocking(move || {
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
        Ok((lock, store))
    })
    .await?;
    let mut workspace = Workspace::new(store.clone());
    workspace.secrets = secrets.clone();
    workspace.signing = secrets.clone();
    workspace.tokens = secrets;
    workspace.control = ws.task.clone();
    workspace.http = http;
    workspace.notified_at = ws.app.notifications.address(&ws.id);
    let (connector, _) = enter(ws, document, &mut workspace, &store).await?;
    let id = ws.id.clone();
    blocking(move || {
        let mut open = OpenWorkspace {
            store,
            connector,
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
