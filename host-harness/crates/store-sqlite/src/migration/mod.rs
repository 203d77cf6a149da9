//! Migration of a file of an earlier version: the new file is made beside the old one, in portions, and takes its
//! name when it is whole.
//!
//! The old file is held exclusively meanwhile, and nothing in it is changed: what brings the schemas of before
//! [`earlier::LAST`] up to that one happens in a transaction that is rolled back at the end. Each portion
//! is a transaction in the new file, which so says by itself how far it is. Whoever opens the store after an
//! interruption goes on there; but where the old file was written meanwhile, by the earlier program, what
//! there is of the new one is thrown away.

mod contacts;
mod tables;

use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior};

use super::errors::DatabaseError;
use super::files::{beside, put_in_place, remove};
use super::levels::{ADDRESSES, OBJECTS, PLAN_USERS};
use super::schema::{self, OpenError, earlier};

/// How far a migration is, after a portion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationProgress {
    /// Rows of the old file whose contents are in the new one.
    pub done: u64,
    /// Rows of the old file.
    pub total: u64,
}

/// Which old file a new one is made from. Every run of the connector, and every write to a contact, changes
/// it.
const ORIGIN: &str = "SELECT (SELECT token FROM lease) \
         || ' ' || (SELECT count(*) || ' ' || coalesce(sum(version), 0) FROM contacts) \
         || ' ' || (SELECT coalesce(group_concat(name || ' ' || seq, ' '), '') \
                    FROM (SELECT name, seq FROM sqlite_sequence ORDER BY name))";

/// Rewrites the file of an earlier version. The caller sees to it that nobody else opens it.
pub(super) fn rewrite(
    path: &Path,
    version: usize,
    tell: &mut dyn FnMut(MigrationProgress),
) -> Result<(), OpenError> {
    let unopened = |source: DatabaseError| OpenError::Database {
        path: path.to_owned(),
        source,
    };
    let unwritten = |source: io::Error| OpenError::File {
        path: path.to_owned(),
        source,
    };
    let new = beside(path, ".new");
    let mut old = hold(path).map_err(|error| unopened(others_have_it(error)))?;
    let held = old
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| unopened(others_have_it(error)))?;
    earlier::bring(&held, version).map_err(unopened)?;
    let connection = begin_or_go_on(&held, &new)?;
    fill(&held, connection, tell).map_err(unopened)?;
    held.rollback().map_err(|error| unopened(error.into()))?;
    // Closing moves what stood in the log into the file, and takes the log away: it has the name of that of
    // the new file.
    drop(old);
    for log in ["-wal", "-shm"] {
        remove(&beside(path, log)).map_err(unwritten)?;
    }
    put_in_place(&new, path).map_err(unwritten)
}

/// Whoever has the file open keeps it from being rewritten, also where nothing is written to it.
fn others_have_it(error: rusqlite::Error) -> DatabaseError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Unavailable(
            "an earlier version wrote it, so that it has to be rewritten once, and another process has it \
             open; end that process, and try again"
                .to_owned(),
        ),
        _ => error.into(),
    }
}

/// Opens the old file so that nobody else can, and nobody else has.
fn hold(path: &Path) -> rusqlite::Result<Connection> {
    let old = schema::connect(path)?;
    old.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
    Ok(old)
}

/// Opens the new file: one that was begun from the same old one, or else an empty one.
fn begin_or_go_on(old: &Transaction<'_>, new: &Path) -> Result<Connection, OpenError> {
    let within = |source: rusqlite::Error| OpenError::Database {
        path: new.to_owned(),
        source: source.into(),
    };
    let origin: String = old
        .query_row(ORIGIN, [], |row| row.get(0))
        .map_err(within)?;
    if new.exists() {
        // One that cannot be read was begun and is not wanted.
        let begun = open_new(new).ok().and_then(|connection| {
            let from = from_where(&connection).ok().flatten()?;
            (from == origin).then_some(connection)
        });
        if let Some(begun) = begun {
            return Ok(begun);
        }
    }
    for part in [new.to_owned(), beside(new, "-wal"), beside(new, "-shm")] {
        remove(&part).map_err(|source| OpenError::File {
            path: part.clone(),
            source,
        })?;
    }
    schema::create_file(new)?;
    let mut connection = open_new(new).map_err(within)?;
    let mut begin = || {
        let transaction = connection.transaction()?;
        schema::make_tables(&transaction)?;
        // What a new file has in its tables comes from the old one.
        transaction.execute_batch(
            "DELETE FROM sources; DELETE FROM settings; DELETE FROM lease; \
             CREATE TABLE migration (origin TEXT NOT NULL) STRICT;",
        )?;
        transaction.execute("INSERT INTO migration (origin) VALUES (?1)", [&origin])?;
        transaction.commit()
    };
    begin().map_err(within)?;
    Ok(connection)
}

fn from_where(new: &Connection) -> rusqlite::Result<Option<String>> {
    new.query_row("SELECT origin FROM migration", [], |row| row.get(0))
        .optional()
}

/// Portions are flushed when the file is whole; until then a failure of the power takes the last of them.
fn open_new(path: &Path) -> rusqlite::Result<Connection> {
    let new = schema::connect(path)?;
    new.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    new.pragma_update(None, "synchronous", "normal")?;
    new.pragma_update(None, "foreign_keys", false)?;
    new.pragma_update(None, "cache_size", -32_768)?;
    Ok(new)
}

/// Copies everything that the new file has not yet, and closes it.
fn fill(
    old: &Transaction<'_>,
    mut new: Connection,
    tell: &mut dyn FnMut(MigrationProgress),
) -> Result<(), DatabaseError> {
    let mut progress = MigrationProgress { done: 0, total: 0 };
    for table in tables::ALL {
        let count = |connection: &Connection| -> rusqlite::Result<u64> {
            let sql = format!("SELECT count(*) FROM {}", table.name);
            let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            Ok(rows.unsigned_abs())
        };
        progress.total += count(old)?;
        progress.done += count(&new)?;
    }
    for table in tables::ALL {
        loop {
            let transaction = new.transaction()?;
            let copied = table.copy_portion(old, &transaction)?;
            if copied == 0 {
                break;
            }
            let all = i64::try_from(progress.done).unwrap_or(i64::MAX);
            for index in [OBJECTS, ADDRESSES, PLAN_USERS] {
                index.compact(&transaction, all)?;
            }
            transaction.commit()?;
            progress.done += copied;
            tell(progress);
        }
    }
    finish(old, new)
}

/// Goes on counting where the old file was, and says that the new one is whole.
fn finish(old: &Transaction<'_>, mut new: Connection) -> Result<(), DatabaseError> {
    let last = |name: &str| -> rusqlite::Result<i64> {
        let last = old
            .query_row(
                "SELECT seq FROM sqlite_sequence WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        Ok(last.unwrap_or_default())
    };
    let transaction = new.transaction()?;
    for name in ["contacts", "plans", "run_names"] {
        transaction.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [name])?;
        transaction.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            rusqlite::params![name, last(name)?],
        )?;
    }
    for (name, counted) in [("link", "links"), ("journal", "journal")] {
        transaction.execute(
            "UPDATE sequences SET last = ?2 WHERE name = ?1",
            rusqlite::params![name, last(counted)?],
        )?;
    }
    transaction.execute("DROP TABLE migration", [])?;
    schema::name_version(&transaction)?;
    transaction.commit()?;
    new.pragma_update(None, "synchronous", "full")?;
    new.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    new.close().map_err(|(_, error)| error.into())
}
