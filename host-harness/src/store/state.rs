//! The connector's small durable state: keys and bytes, written only together with a commit.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::errors::DatabaseError;
use super::lookup;
use crate::contract::{StateEntry, StateWrite};

/// Longest key, in bytes, as the contract says.
const MAX_KEY: usize = 256;

/// Checks the writes of a commit, before anything of the commit is done.
pub(super) fn accept(writes: &[StateWrite]) -> Result<(), DatabaseError> {
    writes
        .iter()
        .try_for_each(|write| accept_key(write.key.len()))
}

/// Checks the length of a key.
pub(super) fn accept_key(length: usize) -> Result<(), DatabaseError> {
    if length > MAX_KEY {
        return Err(DatabaseError::Other(format!(
            "a key of the connector's state is longer than {MAX_KEY} bytes"
        )));
    }
    Ok(())
}

/// Writes and deletes entries, in order.
pub(super) fn write(connection: &Connection, writes: &[StateWrite]) -> Result<(), DatabaseError> {
    for write in writes {
        match &write.value {
            Some(value) => connection
                .prepare_cached(
                    "INSERT INTO state (key, value) VALUES (?1, ?2) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![write.key, value])?,
            None => connection
                .prepare_cached("DELETE FROM state WHERE key = ?1")?
                .execute([&write.key])?,
        };
    }
    Ok(())
}

/// The value of a key.
pub(super) fn get(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
    let value = connection
        .prepare_cached("SELECT value FROM state WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(value)
}

/// Those of the entries that are there.
pub(super) fn get_many(
    connection: &Connection,
    keys: &[String],
) -> Result<Vec<StateEntry>, DatabaseError> {
    let asked = lookup::texts(keys.iter().cloned());
    let entries = connection
        .prepare_cached(
            "SELECT s.key, s.value FROM rarray(?1) AS asked CROSS JOIN state s ON s.key = asked.value",
        )?
        .query_map([asked], |row| {
            Ok(StateEntry {
                key: row.get(0)?,
                value: row.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(entries)
}

/// Entries whose key starts with the prefix, in byte order, after a key.
pub(super) fn list(
    connection: &Connection,
    prefix: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StateEntry>, DatabaseError> {
    // Keys with a prefix stand together, the first at the prefix itself: walk until one has it not.
    let first = after.map_or(prefix, |after| prefix.max(after));
    let mut statement = connection.prepare_cached(
        "SELECT key, value FROM state WHERE key >= ?1 AND key IS NOT ?2 ORDER BY key LIMIT ?3",
    )?;
    let mut rows = statement.query(params![first, after, limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        entries.push(StateEntry {
            key,
            value: row.get(1)?,
        });
    }
    Ok(entries)
}
