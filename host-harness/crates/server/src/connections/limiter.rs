//! Which connections there are, and since when each has nothing to do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, watch};

/// Bounds the number of connections.
#[derive(Clone, Debug)]
pub(super) struct ConnectionLimiter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    max: usize,
    admitted: Mutex<Admitted>,
    number: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Admitted {
    next: u64,
    connections: BTreeMap<u64, Activity>,
}

#[derive(Debug)]
struct Activity {
    requests: u32,
    idle_since: Instant,
    evicted: Arc<Notify>,
}

/// One connection, until it is dropped.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    id: u64,
    evicted: Arc<Notify>,
    connections: ConnectionLimiter,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct RequestGuard {
    id: u64,
    connections: ConnectionLimiter,
}

impl ConnectionLimiter {
    pub(super) fn at_most(max: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                max,
                admitted: Mutex::default(),
                number: watch::Sender::new(0),
            }),
        }
    }

    fn admitted(&self) -> MutexGuard<'_, Admitted> {
        self.inner
            .admitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection, where need be in the place of the one that has had nothing to do for longest; none,
    /// where all are being answered.
    pub(super) fn try_admit(&self) -> Option<ConnectionPermit> {
        let mut admitted = self.admitted();
        if admitted.connections.len() >= self.inner.max {
            let idle = admitted
                .connections
                .iter()
                .filter(|(_, activity)| activity.requests == 0)
                .min_by_key(|(_, activity)| activity.idle_since)
                .map(|(id, _)| *id)?;
            if let Some(activity) = admitted.connections.remove(&idle) {
                activity.evicted.notify_one();
            }
        }
        let id = admitted.next;
        admitted.next += 1;
        let evicted = Arc::new(Notify::new());
        admitted.connections.insert(
            id,
            Activity {
                requests: 0,
                idle_since: Instant::now(),
                evicted: Arc::clone(&evicted),
            },
        );
        drop(admitted);
        self.inner.number.send_modify(|number| *number += 1);
        Some(ConnectionPermit {
            id,
            evicted,
            connections: self.clone(),
        })
    }

    /// Until no connection is left.
    pub(super) async fn drained(&self) {
        let mut number = self.inner.number.subscribe();
        let _ = number.wait_for(|number| *number == 0).await;
    }
}

impl ConnectionPermit {
    /// Begins a request, until its answer is read.
    pub(super) fn begin_request(&self) -> RequestGuard {
        if let Some(activity) = self.connections.admitted().connections.get_mut(&self.id) {
            activity.requests += 1;
        }
        RequestGuard {
            id: self.id,
            connections: self.connections.clone(),
        }
    }

    /// Until another connection was admitted instead.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.connections.admitted().connections.remove(&self.id);
        let number = &self.connections.inner.number;
        number.send_modify(|number| *number = number.saturating_sub(1));
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(activity) = self.connections.admitted().connections.get_mut(&self.id) {
            activity.requests = activity.requests.saturating_sub(1);
            activity.idle_since = Instant::now();
        }
    }
}
