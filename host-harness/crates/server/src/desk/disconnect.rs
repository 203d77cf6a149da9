//! The end of a connection: nothing is scheduled any more, secrets and cursor are forgotten, and the
//! contacts stay.
//!
//! It is a record before it is a deed: a server that ends in between goes on with it.

use std::sync::Arc;

use connector_runtime::Workspace;
use server_db::WorkspaceState;
use sync_runner::Opened;

use super::perform::Pause;
use super::{Desk, DeskError, blocking, refuses_settings};
use crate::host::Host;
use crate::settings::Settings;

impl Desk {
    /// Disconnects: what goes on is asked to stop, and the rest happens when it has. Gives back at once.
    pub(crate) fn disconnect(self: &Arc<Self>, who: &str) -> Result<(), DeskError> {
        let host = self.host()?;
        let event = Self::event(&host, who, "disconnecting", None);
        host.db.begin_disconnecting(&self.id, event)?;
        self.finish_disconnecting(host);
        Ok(())
    }

    /// Goes on with a disconnection, and tries again until it is done or the server ends.
    pub(crate) fn finish_disconnecting(self: &Arc<Self>, host: Arc<Host>) {
        let desk = Arc::clone(self);
        self.live.stop();
        tokio::spawn(async move {
            let mut closing = host.closing.subscribe();
            let trying = async {
                let mut pause = Pause::SHORTEST;
                while let Err(error) = desk.let_go(&host).await {
                    pause.after(&desk.id, "to disconnect", &error).await;
                }
            };
            tokio::select! {
                () = trying => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
    }

    async fn let_go(self: &Arc<Self>, host: &Arc<Host>) -> Result<(), DeskError> {
        let mut watching = self.live.watch();
        let _claim = loop {
            let _ = watching.wait_for(|scene| scene.progress.is_none()).await;
            match self.claim(host, "disconnect") {
                Ok(claim) => break claim,
                Err(DeskError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
        };
        let record = self.record()?;
        if record.state != WorkspaceState::Disconnecting {
            // Asked for twice; the other one has done it.
            return Ok(());
        }
        if Settings::read(&record.settings).is_ok_and(|settings| !settings.tenant().is_empty()) {
            self.forget_place(host, record.settings)
                .await
                .or_else(|error| pointless(&self.id, error))?;
        }
        let event = Self::event(host, "server", "disconnected", None);
        host.db.set_disconnected(&self.id, event)?;
        host.metrics.forget(&self.id);
        Ok(())
    }

    /// Has the connector forget where in the directory's changes it is.
    async fn forget_place(&self, host: &Arc<Host>, settings: String) -> Result<(), DeskError> {
        let (shared, id) = (Arc::clone(host), self.id.clone());
        let (_working, opened) = blocking(move || {
            let store = shared.store(&id).map_err(DeskError::closed)?;
            let directory = shared.directory(&id);
            let working = directory.work("disconnect").map_err(DeskError::closed)?;
            let mut opened = Opened {
                workspace: Workspace::new(store.clone()),
                connector: shared.connector.clone(),
                store,
            };
            let held = opened.hold("disconnect");
            held.map_err(|error| DeskError::closed(error.into()))?;
            Ok((working, opened))
        })
        .await?;
        opened
            .connector
            .disconnect(&opened.workspace, &Self::document(host, &settings))
            .await
            .result?;
        Ok(())
    }
}

/// Of settings that name no directory, there is no place to forget.
fn pointless(workspace: &str, error: DeskError) -> Result<(), DeskError> {
    match error {
        DeskError::Call(error) if refuses_settings(&error) => {
            tracing::warn!(workspace, %error, "nothing of the directory is forgotten");
            Ok(())
        }
        error => Err(error),
    }
}
