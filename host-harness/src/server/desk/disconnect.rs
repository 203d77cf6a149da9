//! The end of a connection: nothing is scheduled any more, secrets and cursor are forgotten, and the
//! contacts stay.
//!
//! It is a record before it is a deed: a server that ends in between goes on with it.

use std::sync::Arc;

use super::{Desk, DeskError, blocking};
use crate::connection::Opened;
use crate::runtime::Workspace;
use crate::server::host::Host;

impl Desk {
    /// Disconnects: what goes on is asked to stop, and the rest happens when it has. Gives back at once.
    pub(crate) fn disconnect(self: &Arc<Self>, who: &str) -> Result<(), DeskError> {
        let host = self.host()?;
        let act = Self::act(&host, who, "disconnecting", None);
        host.books.begin_disconnecting(&self.id, act)?;
        self.finish_disconnecting(host);
        Ok(())
    }

    /// Goes on with a disconnection.
    pub(crate) fn finish_disconnecting(self: &Arc<Self>, host: Arc<Host>) {
        let desk = Arc::clone(self);
        self.live.stop();
        tokio::spawn(async move {
            if let Err(error) = desk.let_go(&host).await {
                tracing::error!(workspace = desk.id, %error, "not disconnected; tried again at the next start");
            }
            desk.live.changed();
        });
    }

    async fn let_go(self: &Arc<Self>, host: &Arc<Host>) -> Result<(), DeskError> {
        let claim = loop {
            match self.claim("disconnect") {
                Ok(claim) => break claim,
                Err(DeskError::Busy(_)) => {
                    let mut watching = self.live.watch();
                    let _ = watching.wait_for(|scene| scene.progress.is_none()).await;
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error),
            }
        };
        let settings = self.record()?.settings;
        let (shared, id) = (Arc::clone(host), self.id.clone());
        let (_working, opened) = blocking(move || {
            let store = shared.store(&id).map_err(DeskError::Closed)?;
            let directory = shared.directory(&id);
            let working = directory.work("disconnect").map_err(DeskError::Closed)?;
            let mut opened = Opened {
                workspace: Workspace::new(store.clone()),
                connector: shared.connector.clone(),
                store,
            };
            let held = opened.hold("disconnect");
            held.map_err(|error| DeskError::Closed(error.into()))?;
            Ok((working, opened))
        })
        .await?;
        opened
            .connector
            .disconnect(&opened.workspace, &Self::document(host, &settings))
            .await
            .result?;
        let act = Self::act(host, "server", "disconnected", None);
        host.books.set_disconnected(&self.id, act)?;
        host.metrics.forget(&self.id);
        drop(claim);
        Ok(())
    }
}
