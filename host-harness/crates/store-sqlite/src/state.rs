//! The connector's small durable state: keys and bytes, written only together with a commit.

use connector_contract::{StateEntry, StateWrite};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::errors::DatabaseError;
use super::lookup;
use super::room::Room;

/// Longest key, in bytes, as the contract says.
const MAX_KEY: usize = 256;

/// Longest value, in bytes, as the contract says.
const MAX_VALUE: usize = 1 << 20;

/// Keys and values of a workspace together, in bytes, as the contract says.
const MAX_STATE: i64 = 512 << 20;

/// The setting that holds how many there are.
const BYTES: &str = "state-bytes";

/// Checks the writes of a commit, before anything of the commit is done.
pub(super) fn accept(writes: &[StateWrite]) -> Result<(), DatabaseError> {
    writes.iter().try_for_each(|write| {
        accept_key(write.key.len())?;
        accept_value(write.value.as_ref().map_or(0, Vec::len))
    })
}

/// Checks the length of a value.
pub(super) fn accept_value(length: usize) -> Result<(), DatabaseError> {
    if length > MAX_VALUE {
        return Err(DatabaseError::Other(format!(
            "a value of the connector's state is longer than {MAX_VALUE} bytes"
        )));
    }
    Ok(())
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
    let mut more = 0;
    for write in writes {
        more += growth(connection, write)?;
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
    count(connection, more)
}

/// How many bytes of state there are more with an entry than with the one in its place.
fn growth(connection: &Connection, write: &StateWrite) -> Result<i64, DatabaseError> {
    let before: Option<i64> = connection
        .prepare_cached("SELECT octet_length(key) + octet_length(value) FROM state WHERE key = ?1")?
        .query_row([&write.key], |row| row.get(0))
        .optional()?;
    let value = write.value.as_ref();
    let after = value.map_or(0, |value| write.key.len() + value.len());
    Ok(i64::try_from(after).unwrap_or(i64::MAX) - before.unwrap_or(0))
}

/// Keeps the number of bytes, and refuses more of them than there may be: then the commit is undone.
fn count(connection: &Connection, more: i64) -> Result<(), DatabaseError> {
    if more == 0 {
        return Ok(());
    }
    let known: Option<i64> = connection
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?1")?
        .query_row([BYTES], |row| row.get(0))
        .optional()?;
    let bytes = match known {
        Some(known) => known + more,
        // The first commit since the number is kept; what it wrote is there already.
        None => connection.query_row(
            "SELECT coalesce(sum(octet_length(key) + octet_length(value)), 0) FROM state",
            [],
            |row| row.get(0),
        )?,
    };
    if bytes > MAX_STATE && more > 0 {
        return Err(DatabaseError::Unavailable(format!(
            "the connector's state may have at most {MAX_STATE} bytes; a full sync makes it anew after \
             the workspace was disconnected"
        )));
    }
    connection
        .prepare_cached(
            "INSERT INTO settings (name, value) VALUES (?1, CAST(?2 AS TEXT)) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![BYTES, bytes])?;
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
    let asked = lookup::distinct(keys);
    let mut statement = connection.prepare_cached(
        "SELECT s.key, s.value FROM rarray(?1) AS asked CROSS JOIN state s ON s.key = asked.value",
    )?;
    let mut rows = statement.query([asked])?;
    let (mut room, mut entries) = (Room::new(), Vec::new());
    while let Some(row) = rows.next()? {
        room.whole(row)?;
        entries.push(StateEntry {
            key: row.get(0)?,
            value: row.get(1)?,
        });
    }
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
    let (mut room, mut entries) = (Room::new(), Vec::new());
    while let Some(row) = rows.next()? {
        room.whole(row)?;
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
