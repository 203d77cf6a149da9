//! The end of a connection: nothing is scheduled any more, secrets and cursor are forgotten, and the
//! contacts stay.
//!
//! It is a record before it is a deed: a server that ends in between goes on with it.

use std::sync::Arc;

use api_types::views::Task;
use connector_runtime::Workspace;
use server_db::WorkspaceState;
use sync_runner::OpenWorkspace;

use super::backoff::Backoff;
use super::context::{WorkspaceContext, blocking};
use super::document::document;
use super::error::{ServiceError, refuses_settings};
use super::start::start_task;
use crate::settings::Settings;

/// Disconnects: what goes on is asked to stop, and the rest happens when it has. Gives back at once.
pub(crate) fn disconnect(ws: &WorkspaceContext, who: &str) -> Result<(), ServiceError> {
    let event = ws.app.event(who, "disconnecting", None);
    ws.app.db.begin_disconnecting(&ws.id, event)?;
    ws.app.tokens.forget_all(&ws.id);
    finish_disconnecting(ws);
    Ok(())
}

/// Goes on with a disconnection, and tries again until it is done or the server ends.
pub(crate) fn finish_disconnecting(ws: &WorkspaceContext) {
    let ws = ws.clone();
    ws.task.stop();
    tokio::spawn(async move {
        let mut closing = ws.app.closing.subscribe();
        let trying = async {
            let mut backoff = Backoff::SHORTEST;
            while let Err(error) = let_go(&ws).await {
                backoff.after(&ws.id, "disconnecting failed", &error).await;
            }
        };
        tokio::select! {
            () = trying => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    });
}

async fn let_go(ws: &WorkspaceContext) -> Result<(), ServiceError> {
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
        forget_cursor(ws, record.settings)
            .await
            .or_else(|error| pointless(&ws.id, error))?;
    }
    let event = ws.app.event("server", "disconnected", None);
    ws.app.db.set_disconnected(&ws.id, event)?;
    // A job that was signing in has put another one since.
    ws.app.tokens.forget_all(&ws.id);
    ws.app.metrics.forget(&ws.id);
    Ok(())
}

/// Has the connector forget where in the directory's changes it is.
async fn forget_cursor(ws: &WorkspaceContext, settings: String) -> Result<(), ServiceError> {
    let (app, id) = (Arc::clone(&ws.app), ws.id.clone());
    let (_lock, open) = blocking(move || {
        let store = app.stores.get(&id).map_err(ServiceError::closed)?;
        let directory = app.stores.directory(&id);
        let lock = directory
            .lock(Task::Disconnect.name())
            .map_err(ServiceError::closed)?;
        let mut open = OpenWorkspace {
            workspace: Workspace::new(store.clone()),
            connector: app.connector.component.clone(),
            store,
        };
        let held = open.hold(Task::Disconnect.name());
        held.map_err(|error| ServiceError::closed(error.into()))?;
        Ok((lock, open))
    })
    .await?;
    open.connector
        .disconnect(&open.workspace, &document(&ws.app, &settings))
        .await
        .result?;
    Ok(())
}

/// Of settings that name no directory, there is no place to forget.
fn pointless(workspace: &str, error: ServiceError) -> Result<(), ServiceError> {
    match error {
        ServiceError::Call(error) if refuses_settings(&error) => {
            tracing::warn!(workspace, %error, "settings refused; no cursor to forget");
            Ok(())
        }
        error => Err(error),
    }
}
