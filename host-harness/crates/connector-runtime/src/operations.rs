//! Operations of a platform's store, which block: one at a time for a call, and none is abandoned.
//!
//! A commit answers as soon as its outcomes are certain, and is kept while the component computes on
//! ([`Operations::run_ahead`]). Whatever is asked of the store next waits for that, and so does the end of the
//! call; where it failed, they all say so, so that nothing that builds on it is done or told.

use super::host_defect::HostDefect;
use connector_contract::imports::Tell;
use connector_contract::{Outcome, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, oneshot};

/// Runs the blocking operations of one call, in turn.
#[derive(Clone, Default)]
pub(super) struct Operations {
    turn: Arc<AsyncMutex<()>>,
    after: Arc<After>,
}

/// What an operation leaves behind that ends after its answer.
#[derive(Default)]
struct After {
    /// Why what was answered is not kept.
    failure: OnceLock<NotKept>,
    /// Whom to wake when none is running any more.
    waiting: Mutex<Option<Waker>>,
}

enum NotKept {
    Store(StoreError),
    /// The store panicked in this import.
    Defect(&'static str),
}

type Answer<T> = wasmtime::Result<Result<T, StoreError>>;

impl NotKept {
    fn answer<T>(&self) -> Answer<T> {
        match self {
            Self::Store(error) => Ok(Err(error.clone())),
            Self::Defect(import) => Err(HostDefect { import }.into()),
        }
    }
}

impl Operations {
    /// Runs `operation` where it may block. `import` names it in an error.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        import: &'static str,
        operation: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let turn = self.next_turn().await;
        if let Some(failure) = self.failure() {
            return failure;
        }
        blocking(turn, import, operation).await
    }

    /// Runs `operation` as [`Self::run`] does, also where something that was answered is not kept.
    pub(super) async fn run_whatever_failed<T: Send + 'static>(
        &self,
        import: &'static str,
        operation: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let turn = self.next_turn().await;
        blocking(turn, import, operation).await
    }

    /// Runs `operation`, a commit, where it may block, and gives its outcomes as soon as it tells them.
    pub(super) async fn run_ahead(
        &self,
        import: &'static str,
        operation: impl FnOnce(Tell<'static>) -> Result<(), StoreError> + Send + 'static,
    ) -> Answer<Vec<Outcome>> {
        let turn = self.next_turn().await;
        if let Some(failure) = self.failure() {
            return failure;
        }
        let (answer, answered) = oneshot::channel();
        let answer = Arc::new(Mutex::new(Some(answer)));
        let tell = Arc::clone(&answer);
        let tell = move |outcomes| {
            let answer = tell.lock().unwrap_or_else(PoisonError::into_inner).take();
            // A call that is over hears nothing more.
            let _ = answer.map(|answer| answer.send(Ok(outcomes)));
        };
        let after = Arc::clone(&self.after);
        tokio::spawn(async move {
            let kept = tokio::task::spawn_blocking(move || operation(Box::new(tell))).await;
            let failure = match kept {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(NotKept::Store(error)),
                Err(_) => Some(NotKept::Defect(import)),
            };
            let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
            match (failure, answer) {
                (Some(failure), Some(answer)) => {
                    let _ = answer.send(Err(failure));
                }
                (Some(failure), None) => {
                    let _ = after.failure.set(failure);
                }
                (None, _) => {}
            }
            after.end(turn);
        });
        match answered.await {
            Ok(Ok(outcomes)) => Ok(Ok(outcomes)),
            Ok(Err(failure)) => failure.answer(),
            Err(_) => Err(HostDefect { import }.into()),
        }
    }

    async fn next_turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Why something that was answered is not kept, where that is so.
    pub(super) fn failure<T>(&self) -> Option<Answer<T>> {
        self.after.failure.get().map(NotKept::answer)
    }

    /// Whether one is running.
    pub(super) fn is_running(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    /// Whether one is running; then `waker` is woken when it has ended.
    pub(super) fn is_running_or_wakes(&self, waker: &Waker) -> bool {
        let mut waiting = self.after.waiting();
        let is_running = self.is_running();
        *waiting = is_running.then(|| waker.clone());
        is_running
    }

    /// Waits for the operation that is running, if one is.
    pub(super) async fn finish(&self) {
        drop(self.turn.lock().await);
    }
}

async fn blocking<T: Send + 'static>(
    turn: OwnedMutexGuard<()>,
    import: &'static str,
    operation: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Answer<T> {
    let running = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        operation()
    });
    running.await.map_err(|_| HostDefect { import }.into())
}

impl After {
    fn end(&self, turn: OwnedMutexGuard<()>) {
        drop(turn);
        if let Some(waker) = self.waiting().take() {
            waker.wake();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::Conflict;

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

    fn refused() -> StoreError {
        StoreError::Unavailable("the disk is full".to_owned())
    }

    #[tokio::test]
    async fn a_commit_answers_before_it_is_kept_and_the_next_operation_waits_for_it() {
        let operations = Operations::default();
        let (release, released) = std::sync::mpsc::channel();
        let commit = move |tell: Tell<'static>| {
            tell(vec![Outcome::Conflict(Conflict::Gone)]);
            released
                .recv()
                .map_err(|error| StoreError::Other(error.to_string()))
        };
        let outcomes = operations.run_ahead("contact-store.apply", commit).await;
        assert_eq!(outcomes.unwrap().unwrap().len(), 1);
        let next = operations.run("state.get", || Ok(1));
        tokio::pin!(next);
        tokio::select! {
            biased;
            _ = &mut next => panic!("did not wait"),
            () = tokio::task::yield_now() => {}
        }
        release.send(()).unwrap();
        assert_eq!(next.await.unwrap(), Ok(1));
        assert!(operations.failure::<()>().is_none());
    }

    #[tokio::test]
    async fn what_was_told_and_is_not_kept_fails_everything_that_comes_after_it() {
        let operations = Operations::default();
        let commit = |tell: Tell<'static>| {
            tell(Vec::new());
            Err(refused())
        };
        let told = operations.run_ahead("contact-store.apply", commit).await;
        assert_eq!(told.unwrap().unwrap().len(), 0);
        for _ in 0..2 {
            let next = operations.run("state.get", || Ok(1)).await;
            assert_eq!(next.unwrap(), Err(refused()));
        }
        let next = operations.run_ahead("contact-store.apply", |_| panic!("is not begun"));
        assert_eq!(next.await.unwrap().unwrap_err(), refused());
        // What was kept before it is kept well, all the same.
        let flushed = operations.run_whatever_failed("contact-store.flush", || Ok(2));
        assert_eq!(flushed.await.unwrap(), Ok(2));
    }

    #[tokio::test]
    async fn a_commit_that_fails_before_it_answers_fails_alone() {
        let operations = Operations::default();
        let commit = |_: Tell<'static>| Err(refused());
        let told = operations.run_ahead("contact-store.apply", commit).await;
        assert_eq!(told.unwrap().unwrap_err(), refused());
        assert!(operations.failure::<()>().is_none());
        assert_eq!(operations.run("state.get", || Ok(1)).await.unwrap(), Ok(1));
    }

    #[tokio::test]
    async fn a_store_that_panics_after_its_answer_is_an_error_of_what_comes_next() {
        let operations = Operations::default();
        let commit = |tell: Tell<'static>| {
            tell(Vec::new());
            panic!("as asked")
        };
        let told = operations.run_ahead("contact-store.apply", commit).await;
        assert_eq!(told.unwrap().unwrap().len(), 0);
        let error = operations.run("state.get", || Ok(1)).await.unwrap_err();
        assert!(error.to_string().contains("contact-store.apply"));
    }
}
