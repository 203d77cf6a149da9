//! The forms that are being carried out, so that one that comes twice waits for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

type Gate = tokio::sync::Mutex<()>;

/// The forms that are being carried out.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<String, Weak<Gate>>>);

impl InFlight {
    /// Waits until no other request is at the form with this key, and keeps others from it.
    pub(super) async fn turn(&self, key: &str) -> OwnedMutexGuard<()> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            gates.retain(|_, gate| gate.strong_count() > 0);
            let known = gates.get(key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let gate = Arc::new(Gate::default());
                gates.insert(key.to_owned(), Arc::downgrade(&gate));
                gate
            })
        };
        gate.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_comes_second_waits_for_the_first_and_another_form_does_not() {
        let forms = InFlight::default();
        let first = forms.turn("a").await;
        let other = tokio::time::timeout(Duration::from_secs(5), forms.turn("b")).await;
        assert!(other.is_ok());
        let second = forms.turn("a");
        tokio::pin!(second);
        let waiting = is_done(second.as_mut()).await;
        assert!(!waiting, "the first is still at it");
        drop(first);
        drop(second.await);
        drop(other);
        drop(forms.turn("c").await);
        assert_eq!(forms.0.lock().unwrap().len(), 1, "no more than are at work");
    }

    /// Polls once; whether it is done.
    async fn is_done(mut future: std::pin::Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_ready())
        })
        .await
    }
}
