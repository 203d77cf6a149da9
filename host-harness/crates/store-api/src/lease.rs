//! Who may write: one holder at a time.
//!
//! A lease ends when it is given up or when it expires, and every write of its holder renews it. What
//! makes it safe is not the clock: a store checks with each write, in the same transaction, that nobody has
//! taken the lease over. So a holder that slept through its expiry, on a machine whose clock is wrong,
//! writes nothing once another has taken over.
//!
//! A store may wait until the first write to note down who holds it, so that a run which finds nothing to do is
//! one transaction. Of two processes that took the lease in the meantime, the one that writes first goes on, and
//! every write of the other is refused. It may also leave the note behind, for as long as it is open, or until it
//! expires: what was given up is free at once for whoever asks the same open store.

use std::fmt;
use std::sync::Arc;

use connector_contract::imports::{ConnectorStore, Ledger};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::BackendError;
use super::records::PlanRecord;

/// Who wants to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it does, in a word: `sync`.
    pub task: String,
    /// Its process.
    pub process: u32,
    /// The name of its machine.
    pub machine: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` (process {} on {})",
            self.task, self.process, self.machine
        )
    }
}

/// Another one holds the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHeld {
    /// Who.
    pub by: Holder,
    /// Since when. Milliseconds since 1970-01-01T00:00:00Z.
    pub since_ms: i64,
}

impl fmt::Display for LeaseHeld {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} is at work since {}",
            self.by,
            moment(self.since_ms)
        )
    }
}

fn moment(milliseconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| milliseconds.to_string())
}

/// Why there is no lease.
#[derive(Debug, Error)]
pub enum LeaseError {
    /// Another one holds it.
    #[error("{0}; try again when it is done")]
    Held(LeaseHeld),
    /// The store did not answer.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

/// Whom a new holder may replace before the lease has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    /// Nobody.
    Nobody,
    /// A holder on the same machine. Only for one who knows that no other process of this machine
    /// works here, because it holds a lock that the system releases when a process dies.
    SameMachine,
}

/// A store in the hands of the one who may write.
///
/// Each write checks in its own transaction that the lease is still the newest, and renews it; after
/// another has taken over, every write is refused with
/// [`StoreError::LeaseLost`](connector_contract::StoreError::LeaseLost), and reads go on. The lease is given
/// up when this is dropped; where that cannot be written, it expires.
pub trait LeasedStore: ConnectorStore + fmt::Debug {
    /// Says that the holder is still at work, where it writes nothing for a while.
    ///
    /// # Errors
    ///
    /// [`BackendError::LeaseLost`] where another has taken over, or where the store cannot be written.
    fn renew(&self) -> Result<(), BackendError>;

    /// Empties the plan in the making, as [`AdminStore::begin_plan`](crate::AdminStore::begin_plan) does.
    ///
    /// # Errors
    ///
    /// As there, and where the lease is lost.
    fn begin_plan(&self) -> Result<(), BackendError>;

    /// Keeps the plan in the making, as [`AdminStore::keep_plan`](crate::AdminStore::keep_plan) does.
    ///
    /// # Errors
    ///
    /// As there, and where the lease is lost.
    fn keep_plan(&self, record: &PlanRecord) -> Result<(), BackendError>;

    /// The memory of a destination, as [`AdminStore::ledger`](crate::AdminStore::ledger) gives it, written under this
    /// lease.
    fn ledger(self: Arc<Self>, account: &str) -> Arc<dyn Ledger>;
}
