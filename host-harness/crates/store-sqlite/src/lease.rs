//! Who may write: one holder at a time, and a token by which a stale one is recognised.
//!
//! A lease ends when it is given up or when it expires, and every write of its holder renews it. What makes it
//! safe is not the clock but the token: each write of a holder counts it up, in its own transaction, and only
//! where it is what the holder last saw. So a holder that slept through its expiry, on a machine whose clock is
//! wrong, writes nothing once another has written; and nobody writes what was decided on contacts as they were
//! before somebody else wrote.
//!
//! To take a lease and to give it up are no transactions of their own. Who holds it stands in the [`LeaseRegistry`] of
//! the open store, and comes into the file with the first write; of two processes that took it at the same time,
//! the one that writes first goes on. What a holder leaves in the file is free for whoever asks the same registry,
//! and is taken out when the store is closed. To everybody else it is held until then, or until it expires.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use store_api::{Holder, LeaseError, LeaseHeld, TakeOver};

use super::errors::DatabaseError;

/// Who holds the lease, as far as the open store knows.
#[derive(Debug, Default)]
pub(super) struct LeaseRegistry(Mutex<RegistryState>);

#[derive(Debug, Default)]
struct RegistryState {
    /// How many leases were given.
    given: u64,
    /// The last one, until it is given up.
    current: Option<Current>,
    /// The token of the last write under a lease that was given up here. Where the file still has it, the lease
    /// is free.
    left: Option<i64>,
}

/// A lease that is held.
#[derive(Clone, Debug)]
struct Current {
    number: u64,
    held: LeaseHeld,
    expires_at_ms: i64,
    /// As its holder last saw it.
    token: i64,
    /// Whether the file tells of it, or of one whose place it took.
    is_in_file: bool,
}

/// The right to write, as long as nobody took it over.
#[derive(Debug)]
pub(super) struct Lease {
    registry: Arc<LeaseRegistry>,
    number: u64,
    time_to_live: Duration,
}

/// What the file tells.
struct Row {
    token: i64,
    held: Option<(LeaseHeld, i64)>,
}

/// A transaction that writes, under a lease where there is one. Dropping it undoes everything.
pub(super) struct LeasedTransaction<'c> {
    transaction: Transaction<'c>,
    renewal: Option<Renewal>,
}

/// What the registry is told, once the transaction is committed.
struct Renewal {
    registry: Arc<LeaseRegistry>,
    number: u64,
    expires_at_ms: i64,
}

impl<'c> Deref for LeasedTransaction<'c> {
    type Target = Transaction<'c>;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

impl LeasedTransaction<'_> {
    /// Keeps all of it.
    pub(super) fn commit(self) -> rusqlite::Result<()> {
        self.transaction.commit()?;
        if let Some(renewal) = self.renewal {
            renewal
                .registry
                .renewed(renewal.number, renewal.expires_at_ms);
        }
        Ok(())
    }
}

impl LeaseRegistry {
    fn state(&self) -> MutexGuard<'_, RegistryState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The holder's write was committed.
    fn renewed(&self, number: u64, expires_at_ms: i64) {
        let mut state = self.state();
        let current = state.current.as_mut();
        if let Some(current) = current.filter(|current| current.number == number) {
            current.token += 1;
            current.expires_at_ms = expires_at_ms;
            current.is_in_file = true;
        }
    }
}

impl RegistryState {
    /// Who holds the lease, and until when, whether or not that has passed.
    fn holder(&self, row: Row) -> Option<(LeaseHeld, i64)> {
        match &self.current {
            Some(current) if current.token == row.token => {
                Some((current.held.clone(), current.expires_at_ms))
            }
            _ if self.left == Some(row.token) => None,
            _ => row.held,
        }
    }
}

fn expiry(now_ms: i64, time_to_live: Duration) -> i64 {
    let milliseconds = i64::try_from(time_to_live.as_millis()).unwrap_or(i64::MAX);
    now_ms.saturating_add(milliseconds)
}

fn read(connection: &Connection) -> Result<Row, DatabaseError> {
    let row = connection
        .prepare_cached("SELECT token, task, process, machine, since_ms, expires_at_ms FROM lease")?
        .query_row([], |row| {
            let token = row.get(0)?;
            let held = match row.get::<_, Option<String>>(1)? {
                None => None,
                Some(task) => {
                    let by = Holder {
                        task,
                        process: row.get(2)?,
                        machine: row.get(3)?,
                    };
                    let since_ms = row.get(4)?;
                    Some((LeaseHeld { by, since_ms }, row.get(5)?))
                }
            };
            Ok(Row { token, held })
        })?;
    Ok(row)
}

/// Takes the lease where it is free, has expired, or may be taken over. Writes nothing.
pub(super) fn acquire(
    connection: &Connection,
    registry: &Arc<LeaseRegistry>,
    holder: &Holder,
    time_to_live: Duration,
    take_over: TakeOver,
    now_ms: i64,
) -> Result<Lease, LeaseError> {
    let row = read(connection)?;
    let token = row.token;
    let is_in_file = row.held.is_some();
    let mut state = registry.state();
    if let Some((held, expires_at_ms)) = state.holder(row) {
        let replaceable = take_over == TakeOver::SameMachine && held.by.machine == holder.machine;
        if now_ms < expires_at_ms && !replaceable {
            return Err(LeaseError::Held(held));
        }
    }
    state.given += 1;
    let number = state.given;
    state.current = Some(Current {
        number,
        held: LeaseHeld {
            by: holder.clone(),
            since_ms: now_ms,
        },
        expires_at_ms: expiry(now_ms, time_to_live),
        token,
        is_in_file,
    });
    Ok(Lease {
        registry: Arc::clone(registry),
        number,
        time_to_live,
    })
}

impl Lease {
    /// Gives it up. One that is lost already is nothing to give up.
    pub(super) fn give_up(&self) {
        let mut state = self.registry.state();
        let current = state
            .current
            .take_if(|current| current.number == self.number);
        if let Some(current) = current.filter(|current| current.is_in_file) {
            state.left = Some(current.token);
        }
    }

    /// Writes into the transaction who holds the lease, where nobody has written under another one since its
    /// holder last looked.
    fn renew(&self, connection: &Connection, now_ms: i64) -> Result<Renewal, DatabaseError> {
        let current = self.registry.state().current.clone();
        let lost = |held: Option<LeaseHeld>| {
            DatabaseError::LeaseLost(match held {
                Some(held) => held.to_string(),
                None => "the lease was given up".to_owned(),
            })
        };
        let Some(current) = current else {
            return Err(lost(holder(connection, &self.registry)?));
        };
        if current.number != self.number {
            return Err(lost(Some(current.held)));
        }
        let expires_at_ms = expiry(now_ms, self.time_to_live);
        let LeaseHeld { by, since_ms } = &current.held;
        let renewed = connection
            .prepare_cached(
                "UPDATE lease SET token = token + 1, task = ?2, process = ?3, machine = ?4, \
                 since_ms = ?5, expires_at_ms = ?6 WHERE token = ?1",
            )?
            .execute(params![
                current.token,
                by.task,
                by.process,
                by.machine,
                since_ms,
                expires_at_ms
            ])?;
        if renewed == 0 {
            return Err(lost(holder(connection, &self.registry)?));
        }
        Ok(Renewal {
            registry: Arc::clone(&self.registry),
            number: self.number,
            expires_at_ms,
        })
    }
}

/// Who holds the lease now, expired or not.
pub(super) fn holder(
    connection: &Connection,
    registry: &LeaseRegistry,
) -> Result<Option<LeaseHeld>, DatabaseError> {
    let row = read(connection)?;
    Ok(registry.state().holder(row).map(|(held, _)| held))
}

/// Takes out of the file what holders have left there, where nobody has written since.
pub(super) fn release(
    connection: &Connection,
    registry: &LeaseRegistry,
) -> Result<(), DatabaseError> {
    if let Some(token) = registry.state().left.take() {
        connection.execute(
            "UPDATE lease SET task = NULL, process = NULL, machine = NULL, since_ms = NULL, \
             expires_at_ms = NULL WHERE token = ?1",
            [token],
        )?;
    }
    Ok(())
}

/// Begins a transaction that writes, and where it is done under a lease, checks and renews that.
pub(super) fn begin<'c>(
    connection: &'c mut Connection,
    lease: Option<&Lease>,
    now_ms: i64,
) -> Result<LeasedTransaction<'c>, DatabaseError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let renewal = match lease {
        Some(lease) => Some(lease.renew(&transaction, now_ms)?),
        None => None,
    };
    Ok(LeasedTransaction {
        transaction,
        renewal,
    })
}
