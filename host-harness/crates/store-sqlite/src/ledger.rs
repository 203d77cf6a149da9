//! The memory of destinations: for each account of a service a ledger, as `ledger` of the contract says.
//!
//! It lies in the workspace's database, so that the lease is checked in the transaction that writes it. Its table is
//! made with the first entry: a workspace without a destination has none.

use std::fmt;
use std::sync::Arc;

use connector_contract::imports::Ledger;
use connector_contract::{Committed, Expectation, LedgerRow, LedgerWrite, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::access::{Access, fetch};
use super::errors::DatabaseError;
use super::lease::{self, LeasedTransaction};
use super::lookup;
use super::room::Room;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS ledger (\
                     account TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, \
                     PRIMARY KEY (account, key)) STRICT, WITHOUT ROWID";

/// Longest key, longest value, and both of one commit together, in bytes, as the contract says.
const MAX_KEY: usize = 1_024;
const MAX_VALUE: usize = 2 << 20;
const MAX_COMMIT: usize = 16 << 20;

/// The ledger of one account, by a way to the store that may be under a lease.
pub(super) struct SqliteLedger<A> {
    access: Arc<A>,
    account: String,
}

impl<A> SqliteLedger<A> {
    pub(super) fn new(access: Arc<A>, account: &str) -> Self {
        Self {
            access,
            account: account.to_owned(),
        }
    }
}

impl<A: Access> Ledger for SqliteLedger<A> {
    fn get(&self, keys: &[String]) -> Result<Vec<LedgerRow>, StoreError> {
        fetch(&*self.access, |connection| {
            if is_empty(connection)? {
                return Ok(Vec::new());
            }
            let asked = lookup::distinct(keys);
            let mut statement = connection.prepare_cached(
                "SELECT l.key, l.value FROM rarray(?2) AS asked \
                 CROSS JOIN ledger l ON l.account = ?1 AND l.key = asked.value",
            )?;
            let mut rows = statement.query(params![self.account, asked])?;
            let (mut room, mut entries) = (Room::new(), Vec::new());
            while let Some(row) = rows.next()? {
                room.whole(row)?;
                entries.push(entry(row)?);
            }
            Ok(entries)
        })
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        fetch(&*self.access, |connection| {
            if is_empty(connection)? {
                return Ok(Vec::new());
            }
            // Keys with a prefix stand together, the first at the prefix itself: walk until one has it not.
            let first = after.map_or(prefix, |after| prefix.max(after));
            let mut statement = connection.prepare_cached(
                "SELECT key, value FROM ledger WHERE account = ?1 AND key >= ?2 AND key IS NOT ?3 \
                 ORDER BY key LIMIT ?4",
            )?;
            let mut rows = statement.query(params![self.account, first, after, limit])?;
            let (mut room, mut entries) = (Room::new(), Vec::new());
            while let Some(row) = rows.next()? {
                room.whole(row)?;
                let entry = entry(row)?;
                if !entry.key.starts_with(prefix) {
                    break;
                }
                entries.push(entry);
            }
            Ok(entries)
        })
    }

    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[LedgerWrite],
    ) -> Result<Committed, StoreError> {
        accept(writes)?;
        let store = self.access.store();
        let context = store.context(self.access.lease());
        // Whoever asked goes on to send requests that only this remembers: it waits for the disk.
        Ok(store.write_durable(|connection| {
            let transaction = lease::begin(connection, context.lease, context.now_ms)?;
            self.kept(transaction, expect, writes)
        })?)
    }
}

impl<A> SqliteLedger<A> {
    fn kept(
        &self,
        transaction: LeasedTransaction<'_>,
        expect: &[Expectation],
        writes: &[LedgerWrite],
    ) -> Result<Committed, DatabaseError> {
        transaction.execute_batch(TABLE)?;
        for expected in expect {
            let value: Option<Vec<u8>> = transaction
                .prepare_cached("SELECT value FROM ledger WHERE account = ?1 AND key = ?2")?
                .query_row(params![self.account, expected.key], |row| row.get(0))
                .optional()?;
            if value != expected.value {
                return Ok(Committed::Unexpected);
            }
        }
        for write in writes {
            match &write.value {
                Some(value) => transaction
                    .prepare_cached(
                        "INSERT INTO ledger (account, key, value) VALUES (?1, ?2, ?3) \
                         ON CONFLICT (account, key) DO UPDATE SET value = excluded.value",
                    )?
                    .execute(params![self.account, write.key, value])?,
                None => transaction
                    .prepare_cached("DELETE FROM ledger WHERE account = ?1 AND key = ?2")?
                    .execute(params![self.account, write.key])?,
            };
        }
        transaction.commit()?;
        Ok(Committed::Kept)
    }
}

/// Whether nobody has ever kept anything here.
fn is_empty(connection: &Connection) -> Result<bool, DatabaseError> {
    let tables: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'ledger'",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(tables == 0)
}

fn entry(row: &rusqlite::Row<'_>) -> Result<LedgerRow, DatabaseError> {
    Ok(LedgerRow {
        key: row.get(0)?,
        value: row.get(1)?,
    })
}

/// Checks the lengths of a commit, before anything of it is done.
fn accept(writes: &[LedgerWrite]) -> Result<(), StoreError> {
    let too_long = |what: &str, most: usize| {
        StoreError::Other(format!("{what} of the ledger is longer than {most} bytes"))
    };
    let mut all = 0;
    for write in writes {
        let value = write.value.as_ref().map_or(0, Vec::len);
        if write.key.len() > MAX_KEY {
            return Err(too_long("a key", MAX_KEY));
        }
        if value > MAX_VALUE {
            return Err(too_long("a value", MAX_VALUE));
        }
        all += write.key.len() + value;
    }
    if all > MAX_COMMIT {
        return Err(too_long("a commit", MAX_COMMIT));
    }
    Ok(())
}

impl<A> fmt::Debug for SqliteLedger<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqliteLedger")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
