//! Who may write: one holder at a time, and a token by which a stale one is recognised.
//!
//! A lease ends when it is released or when it expires, and every write of its holder renews it. What
//! makes it safe is not the clock but the token: it counts up with every holder, and each write
//! checks, in its own transaction, that its token is still the newest. So a holder that slept through
//! its expiry, on a machine whose clock is wrong, writes nothing once another has taken over.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use store_api::{Holder, LeaseError, LeaseHeld, TakeOver};

use super::errors::DatabaseError;

/// The right to write, as long as nobody took it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    token: i64,
    time_to_live: Duration,
}

impl Lease {
    fn expiry(&self, now_ms: i64) -> i64 {
        let milliseconds = i64::try_from(self.time_to_live.as_millis()).unwrap_or(i64::MAX);
        now_ms.saturating_add(milliseconds)
    }
}

struct Row {
    token: i64,
    held: Option<(LeaseHeld, i64)>,
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

/// Takes the lease where it is free, has expired, or may be taken over.
pub(super) fn acquire(
    connection: &mut Connection,
    holder: &Holder,
    time_to_live: Duration,
    take_over: TakeOver,
    now_ms: i64,
) -> Result<Lease, LeaseError> {
    let transaction = immediate(connection)?;
    let row = read(&transaction)?;
    if let Some((held, expires_at_ms)) = row.held {
        let replaceable = take_over == TakeOver::SameMachine && held.by.machine == holder.machine;
        if now_ms < expires_at_ms && !replaceable {
            return Err(LeaseError::Held(held));
        }
    }
    let lease = Lease {
        token: row.token + 1,
        time_to_live,
    };
    transaction
        .execute(
            "UPDATE lease SET token = ?1, task = ?2, process = ?3, machine = ?4, since_ms = ?5, \
             expires_at_ms = ?6",
            params![
                lease.token,
                holder.task,
                holder.process,
                holder.machine,
                now_ms,
                lease.expiry(now_ms)
            ],
        )
        .map_err(DatabaseError::from)?;
    transaction.commit().map_err(DatabaseError::from)?;
    Ok(lease)
}

/// Gives the lease up. One that is lost already is nothing to give up.
pub(super) fn release(connection: &Connection, lease: &Lease) -> Result<(), DatabaseError> {
    connection.execute(
        "UPDATE lease SET task = NULL, process = NULL, machine = NULL, since_ms = NULL, \
         expires_at_ms = NULL WHERE token = ?1",
        [lease.token],
    )?;
    Ok(())
}

/// Who holds the lease now, expired or not.
pub(super) fn holder(connection: &Connection) -> Result<Option<LeaseHeld>, DatabaseError> {
    Ok(read(connection)?.held.map(|(held, _)| held))
}

/// Begins a transaction that writes, and where it is done under a lease, checks and renews that.
pub(super) fn begin<'c>(
    connection: &'c mut Connection,
    lease: Option<&Lease>,
    now_ms: i64,
) -> Result<Transaction<'c>, DatabaseError> {
    let transaction = immediate(connection)?;
    if let Some(lease) = lease {
        check(&transaction, lease, now_ms)?;
    }
    Ok(transaction)
}

fn immediate(connection: &mut Connection) -> Result<Transaction<'_>, DatabaseError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

fn check(connection: &Connection, lease: &Lease, now_ms: i64) -> Result<(), DatabaseError> {
    let renewed = connection
        .prepare_cached(
            "UPDATE lease SET expires_at_ms = ?2 WHERE token = ?1 AND task IS NOT NULL",
        )?
        .execute([lease.token, lease.expiry(now_ms)])?;
    if renewed == 1 {
        return Ok(());
    }
    Err(DatabaseError::LeaseLost(match holder(connection)? {
        Some(held) => held.to_string(),
        None => "the lease was given up".to_owned(),
    }))
}
