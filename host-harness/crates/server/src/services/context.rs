//! One workspace, as the services are given it.

use std::sync::Arc;

use server_db::WorkspaceRecord;
use store_api::{AdminStore, BackendError};

use super::error::ServiceError;
use crate::app::App;
use crate::task_state::TaskState;

/// Which workspace it is, what all of them share, and what goes on there. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct WorkspaceContext {
    pub(crate) app: Arc<App>,
    pub(crate) id: String,
    pub(crate) task: Arc<TaskState>,
}

impl WorkspaceContext {
    /// The workspace of that id, whether or not there is one.
    pub(crate) fn new(app: &Arc<App>, id: &str) -> Self {
        Self {
            app: Arc::clone(app),
            id: id.to_owned(),
            task: app.tasks.of(id),
        }
    }

    /// The workspace's record.
    ///
    /// # Errors
    ///
    /// Where there is none, or it cannot be read.
    pub(crate) fn record(&self) -> Result<WorkspaceRecord, ServiceError> {
        let record = self.app.db.workspace(&self.id)?;
        record.ok_or_else(|| ServiceError::NotNow("there is no such workspace".to_owned()))
    }

    /// The contacts.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Closed`].
    pub(crate) async fn store(&self) -> Result<Arc<dyn AdminStore>, ServiceError> {
        let (app, id) = (Arc::clone(&self.app), self.id.clone());
        blocking(move || app.stores.get(&id).map_err(ServiceError::closed)).await
    }

    /// Looks at the contacts, without waiting for a running sync.
    ///
    /// # Errors
    ///
    /// Where the contacts cannot be opened or read.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn AdminStore) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let store = self.store().await?;
        blocking(move || Ok(look(&*store)?)).await
    }
}

/// Runs what blocks where it may. What was begun is carried out, also when nobody waits any more.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(ServiceError::NotNow(
            "the server failed; see its log".to_owned(),
        ))
    })
}
