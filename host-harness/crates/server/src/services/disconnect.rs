//! The end of a connection: nothing is scheduled any more, secrets and cursor are forgotten, and the
//! contacts stay.
//!
//! It is a record before it is a deed: a server that ends in between goes on with it.

use std::sync::Arc;

use api_types::views::{DisconnectView, Task};
use connector_runtime::Workspace;
use server_db::WorkspaceState;
use sync_runner::{ChosenDestination, OpenWorkspace};

use super::backoff::Backoff;
use super::context::{WorkspaceContext, blocking};
use super::document::document;
use super::error::{ServiceError, refuses_settings};
use super::last_use::LastUse;
use super::opening::{enter, http};
use super::sealed_secrets::SealedSecrets;
use super::start::start_task;
use crate::settings::Settings;

/// Disconnects: what goes on is asked to stop, and the rest happens when it has. Gives back at once.
pub(crate) fn disconnect(ws: &WorkspaceContext, who: &str) -> Result<(), ServiceError> {
    let last_use = credentials_for_the_last_time(ws);
    let event = ws.app.event(who, "disconnecting", None);
    ws.app.db.begin_disconnecting(&ws.id, event)?;
    ws.app.tokens.forget_all(&ws.id);
    ws.app.notifications.forget(&ws.id);
    finish_disconnecting(ws, last_use);
    Ok(())
}

/// What disconnecting leaves in the tenant.
pub(crate) fn left_behind(ws: &WorkspaceContext) -> Result<DisconnectView, ServiceError> {
    let settings = Settings::read(&ws.record()?.settings)?;
    let platforms = ws.app.options.application.as_ref();
    let platforms = platforms.filter(|_| settings.is_of_platform());
    let application = platforms.map_or_else(
        || settings.client_id(),
        |application| application.client_id().to_owned(),
    );
    Ok(DisconnectView {
        application: Some(application).filter(|id| !id.is_empty()),
        in_global_cloud: settings.cloud() == "global",
    })
}

/// What the connector signs in with to tell the directory that nobody wants to be told of changes any more. Nothing
/// where the directory was never asked to tell, and no service keeps the contacts. Whatever stands in the way of it keeps nobody connected: then the
/// directory forgets by itself.
fn credentials_for_the_last_time(ws: &WorkspaceContext) -> Option<LastUse> {
    let record = ws.record().ok()?;
    // What a destination remembers of the connection is opened with its secret, without asking its service.
    if ChosenDestination::of(&record.settings).is_none() {
        ws.app.notifications.address(&ws.id)?;
    }
    if record.state != WorkspaceState::Connected {
        return None;
    }
    let connection = Settings::read(&document(&ws.app, &record.settings)).ok()?;
    LastUse::of(&connection, &SealedSecrets::new(&ws.app, &ws.id))
}

/// Goes on with a disconnection, and tries again until it is done or the server ends.
pub(crate) fn finish_disconnecting(ws: &WorkspaceContext, last_use: Option<LastUse>) {
    let ws = ws.clone();
    let last_use = last_use.map(Arc::new);
    ws.task.stop();
    tokio::spawn(async move {
        let mut closing = ws.app.closing.subscribe();
        let trying = async {
            let mut backoff = Backoff::SHORTEST;
            while let Err(error) = let_go(&ws, last_use.as_ref()).await {
                backoff.after(&ws.id, "disconnecting failed", &error).await;
            }
        };
        tokio::select! {
            () = trying => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    });
}

async fn let_go(
    ws: &WorkspaceContext,
    last_use: Option<&Arc<LastUse>>,
) -> Result<(), ServiceError> {
    let mut watching = ws.task.watch();
    let _guard = loop {
        let _ = watching
            .wait_for(|snapshot| snapshot.progress.is_none())
            .await;
        match start_task(ws, Task::Disconnect) {
            Ok(guard) => break guard,
            Err(ServiceError::Busy(_)) => {}
            Err(error) => return Err(error),
        }
    };
    let record = ws.record()?;
    if record.state != WorkspaceState::Disconnecting {
        // Asked for twice; the other one has done it.
        return Ok(());
    }
    if Settings::read(&record.settings).is_ok_and(|settings| !settings.tenant().is_empty()) {
        let forgotten = forget_cursor(ws, record.settings.clone(), last_use).await;
        let is_locked = ChosenDestination::of(&record.settings).is_some() && last_use.is_none();
        forgotten.or_else(|error| pointless(&ws.id, error, is_locked))?;
    }
    let event = ws.app.event("server", "disconnected", None);
    // Whoever connects again with the platform's application proves again whose directory it is.
    let settings = Settings::read(record.edited());
    let settings = settings
        .ok()
        .map(|settings| settings.without_platform().text());
    let settings = settings.as_deref();
    ws.app.db.set_disconnected(&ws.id, settings, event)?;
    // A job that was signing in has put another one since.
    ws.app.tokens.forget_all(&ws.id);
    ws.app.metrics.forget(&ws.id);
    Ok(())
}

/// Has the connector forget where in the directory's changes it is, and take back what it asked of the directory
/// where it can be reached.
async fn forget_cursor(
    ws: &WorkspaceContext,
    settings: String,
    last_use: Option<&Arc<LastUse>>,
) -> Result<(), ServiceError> {
    let (app, id) = (Arc::clone(&ws.app), ws.id.clone());
    let document = document(&ws.app, &settings);
    let last_use = last_use.and_then(|last| Some((Arc::clone(last), http(ws, &document).ok()?)));
    let (lock, store) = blocking(move || {
        let store = app.stores.get(&id).map_err(ServiceError::closed)?;
        let directory = app.stores.directory(&id);
        let lock = directory
            .lock(Task::Disconnect.name())
            .map_err(ServiceError::closed)?;
        Ok((lock, store))
    })
    .await?;
    let mut workspace = Workspace::new(store.clone());
    if let Some((credentials, http)) = last_use {
        workspace.secrets = credentials.clone();
        workspace.signing = credentials;
        workspace.http = http;
    }
    let (connector, _) = enter(ws, &document, &mut workspace, &store).await?;
    let (_lock, open) = blocking(move || {
        let mut open = OpenWorkspace {
            workspace,
            connector,
            store,
        };
        let held = open.hold(Task::Disconnect.name());
        held.map_err(|error| ServiceError::closed(error.into()))?;
        Ok((lock, open))
    })
    .await?;
    open.connector
        .disconnect(&open.workspace, &document)
        .await
        .result?;
    Ok(())
}

/// Of settings that name no directory, there is no place to forget; and where the secret of a destination is gone, since
/// the server ended in between, nobody can: the next connection finds the place, and goes by it only with the same
/// configuration.
fn pointless(workspace: &str, error: ServiceError, is_locked: bool) -> Result<(), ServiceError> {
    match error {
        ServiceError::Call(error) if is_locked => {
            tracing::warn!(workspace, %error, "the destination's secret is forgotten; the cursor stays");
            Ok(())
        }
        ServiceError::Call(error) if refuses_settings(&error) => {
            tracing::warn!(workspace, %error, "settings refused; no cursor to forget");
            Ok(())
        }
        error => Err(error),
    }
}
