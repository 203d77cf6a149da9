//! Operations of a platform's store, which block: one at a time for a call, and none is abandoned.

use super::host_defect::HostDefect;
use connector_contract::StoreError;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Runs the blocking operations of one call, in turn.
#[derive(Clone, Default)]
pub(super) struct Operations {
    turn: Arc<Mutex<()>>,
}

impl Operations {
    /// Runs `operation` where it may block. `import` names it in an error.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        import: &'static str,
        operation: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> wasmtime::Result<Result<T, StoreError>> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let running = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            operation()
        });
        running.await.map_err(|_| HostDefect { import }.into())
    }

    /// Whether one is running.
    pub(super) fn is_running(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    /// Waits for the operation that is running, if one is.
    pub(super) async fn finish(&self) {
        drop(self.turn.lock().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_store_is_an_error_that_names_the_import_and_does_not_block_the_next() {
        let operations = Operations::default();
        let error = operations
            .run::<()>("state.get", || panic!("as asked"))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("state.get"));
        assert_eq!(operations.run("state.get", || Ok(1)).await.unwrap(), Ok(1));
    }

    #[tokio::test]
    async fn finish_waits_for_an_operation_whose_caller_has_gone() {
        let operations = Operations::default();
        let (release, released) = std::sync::mpsc::channel();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let caller = tokio::spawn({
            let operations = operations.clone();
            async move {
                let operation = move || {
                    let _ = started.send(());
                    released
                        .recv()
                        .map_err(|error| StoreError::Other(error.to_string()))
                };
                operations.run("contact-store.apply", operation).await
            }
        });
        has_started.await.unwrap();
        caller.abort();
        let finish = operations.finish();
        tokio::pin!(finish);
        tokio::select! {
            biased;
            () = &mut finish => panic!("did not wait"),
            () = tokio::task::yield_now() => {}
        }
        release.send(()).unwrap();
        finish.await;
    }
}
