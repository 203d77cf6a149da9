//! Who is connected, and since when each has nothing to do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, watch};

/// Everybody who is connected.
#[derive(Clone, Debug)]
pub(super) struct Visitors {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    most: usize,
    present: Mutex<Present>,
    number: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Present {
    next: u64,
    visitors: BTreeMap<u64, Standing>,
}

#[derive(Debug)]
struct Standing {
    asking: u32,
    idle_since: Instant,
    has_to_go: Arc<Notify>,
}

/// One connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Visitor {
    id: u64,
    has_to_go: Arc<Notify>,
    visitors: Visitors,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Asking {
    id: u64,
    visitors: Visitors,
}

impl Visitors {
    pub(super) fn at_most(most: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                most,
                present: Mutex::default(),
                number: watch::Sender::new(0),
            }),
        }
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.inner
            .present
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in, where need be in the place of whoever has had nothing to do for longest; nobody,
    /// where everybody is being answered.
    pub(super) fn let_in(&self) -> Option<Visitor> {
        let mut present = self.present();
        if present.visitors.len() >= self.inner.most {
            let idle = present
                .visitors
                .iter()
                .filter(|(_, standing)| standing.asking == 0)
                .min_by_key(|(_, standing)| standing.idle_since)
                .map(|(id, _)| *id)?;
            if let Some(standing) = present.visitors.remove(&idle) {
                standing.has_to_go.notify_one();
            }
        }
        let id = present.next;
        present.next += 1;
        let has_to_go = Arc::new(Notify::new());
        present.visitors.insert(
            id,
            Standing {
                asking: 0,
                idle_since: Instant::now(),
                has_to_go: Arc::clone(&has_to_go),
            },
        );
        drop(present);
        self.inner.number.send_modify(|number| *number += 1);
        Some(Visitor {
            id,
            has_to_go,
            visitors: self.clone(),
        })
    }

    /// Until nobody is there any more.
    pub(super) async fn gone(&self) {
        let mut number = self.inner.number.subscribe();
        let _ = number.wait_for(|number| *number == 0).await;
    }
}

impl Visitor {
    /// Begins to ask, until the answer is read.
    pub(super) fn is_asking(&self) -> Asking {
        if let Some(standing) = self.visitors.present().visitors.get_mut(&self.id) {
            standing.asking += 1;
        }
        Asking {
            id: self.id,
            visitors: self.visitors.clone(),
        }
    }

    /// Until somebody else was let in instead.
    pub(super) async fn has_to_go(&self) {
        self.has_to_go.notified().await;
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.visitors.present().visitors.remove(&self.id);
        let number = &self.visitors.inner.number;
        number.send_modify(|number| *number = number.saturating_sub(1));
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(standing) = self.visitors.present().visitors.get_mut(&self.id) {
            standing.asking = standing.asking.saturating_sub(1);
            standing.idle_since = Instant::now();
        }
    }
}
