//! When a commit waits for the disk.
//!
//! In WAL mode a commit with `synchronous = FULL` flushes the log, and with it every commit before; one with
//! `NORMAL` leaves that to the next. A failure of the power takes the last of those, all or from one of them on, and
//! never one without those after it (<https://www.sqlite.org/wal.html#performance_considerations>).

use std::ops::{Deref, DerefMut};

use rusqlite::Connection;

use super::errors::DatabaseError;

/// What `PRAGMA synchronous` tells of a connection whose commits wait for the disk.
const FULL: i64 = 2;

/// A connection whose commits become durable together with the next one that waits for the disk, as long as this is
/// held.
pub(super) struct Deferring<'c> {
    connection: &'c mut Connection,
    waits_otherwise: bool,
}

impl<'c> Deferring<'c> {
    /// Defers commits from now on; those of a connection that never waits stay as they are.
    pub(super) fn begin(connection: &'c mut Connection) -> Result<Self, DatabaseError> {
        let waits_otherwise = waits(connection)?;
        if waits_otherwise {
            connection.pragma_update(None, "synchronous", "normal")?;
        }
        Ok(Self {
            connection,
            waits_otherwise,
        })
    }
}

impl Drop for Deferring<'_> {
    fn drop(&mut self) {
        if self.waits_otherwise {
            // It is refused within a transaction alone, and whatever was begun here has ended.
            let _ = self.connection.pragma_update(None, "synchronous", "full");
        }
    }
}

impl Deref for Deferring<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl DerefMut for Deferring<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
    }
}

/// Whether commits wait for the disk.
pub(super) fn waits(connection: &Connection) -> Result<bool, DatabaseError> {
    let level: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    Ok(level >= FULL)
}
