//! The database file: whose it is, which version it has, and how SQLite is to treat it.
//!
//! A file that is not this store's own, or that a newer version wrote, is refused before anything in
//! it is changed. One that an earlier version wrote is rewritten (`migration`).

pub(super) mod earlier;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local_files::{Held, NotHeld, SharedFlush, hold};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, vtab};
use thiserror::Error;

use super::errors::DatabaseError;
use super::files::beside;

/// The database's name in the data directory.
pub const FILE_NAME: &str = "connector.db";

/// Set by the first migration: "ECST".
const APPLICATION_ID: i64 = 0x4543_5354;

/// The version of the schema that this program writes.
pub(super) const VERSION: usize = 8;

/// The first version whose tables are these but for what was added since: its files are not rewritten.
const ADDED_TO: usize = 6;

/// What each version since then added to the one before.
const ADDED: [&str; VERSION - ADDED_TO] = [MARKS, EDITS];

const MARKS: &str = "ALTER TABLE contacts ADD COLUMN mark BLOB; \
                       ALTER TABLE contacts ADD COLUMN marked INTEGER;";

const EDITS: &str = include_str!("schema/edits.sql");

/// The schema, but for [`EDITS`].
const TABLES: &str = include_str!("schema/tables.sql");

/// How long a statement waits for another process to end its write.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one who opens a database waits for others who open it.
const OPENING_PATIENCE: Duration = Duration::from_secs(60);

/// More than the connector's statements and those of an administrator together.
const PREPARED_STATEMENTS: usize = 128;

/// Why a store could not be opened. Nothing was changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The data directory does not exist and could not be made.
    #[error("the data directory {path} cannot be made: {source}; choose one that may be written")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file could not be opened for writing.
    #[error(
        "the contact database {path} cannot be opened: {source}; check the permissions of the \
         data directory and its files"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{path} is not a contact database; move it away, or choose another data directory; it was \
         left as it is"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is empty, which no store leaves it.
    #[error(
        "the contact database {path} is an empty file: what was in it is lost, or it was never begun; \
         restore it from a backup, or move it away to start anew; it was left as it is"
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version of this program.
    #[error(
        "the contact database {path} has schema version {found}, and this program knows {known}; \
         use the newer program that wrote it; the file was left as it is"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The newest version that this program knows.
        known: usize,
    },
    /// A field was declared mandatory that the store has not.
    #[error("`{0}` cannot be mandatory: the contact store describes no such field")]
    UnknownField(String),
    /// The database did not do what was asked.
    #[error("the contact database {path} cannot be opened: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What happened, and what to do.
        source: DatabaseError,
    },
}

/// Makes the tables of a new file.
pub(super) fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(EDITS)
}

/// Gives a file of a version that lacks only something what it lacks, in one transaction; whether it is of this
/// version then.
pub(super) fn add_what_is_new(
    connection: &mut Connection,
    version: usize,
) -> rusqlite::Result<bool> {
    if !(ADDED_TO..VERSION).contains(&version) {
        return Ok(false);
    }
    let transaction = connection.transaction()?;
    for added in ADDED.iter().skip(version - ADDED_TO) {
        transaction.execute_batch(added)?;
    }
    name_version(&transaction)?;
    transaction.commit()?;
    Ok(true)
}

/// Says that a file has all tables of this version, and all that belongs into them.
pub(super) fn name_version(connection: &Connection) -> rusqlite::Result<()> {
    let version = i64::try_from(VERSION).unwrap_or(i64::MAX);
    connection.pragma_update(None, "user_version", version)
}

/// Gives a connection that only reads, of a database that [`opening`](super::opening) has opened.
pub(super) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Makes a file where it is missing, readable by its owner alone: it holds people's data. SQLite gives the
/// files beside it the same permissions.
pub(super) fn create_file(path: &Path) -> Result<(), OpenError> {
    local_files::create_file(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })
}

/// Turning a new database to WAL mode and bringing a schema up to date is nothing that two can do at once,
/// and SQLite asks nobody to wait for it.
pub(super) fn alone_to_open(path: &Path) -> Result<Held, OpenError> {
    hold(&path.with_file_name("opening.lock"), OPENING_PATIENCE).map_err(|error| match error {
        NotHeld::Failed { path, source } => OpenError::File { path, source },
        NotHeld::Other { .. } => OpenError::Database {
            path: path.to_owned(),
            source: DatabaseError::Unavailable(
                "another process has been opening it for a minute; try again".to_owned(),
            ),
        },
    })
}

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // A statement with a bound `LIMIT` is planned for the number, and anew for every other one: then it would be
    // kept prepared for nothing (<https://www.sqlite.org/queryplanner-ng.html#qpstab>).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    vtab::array::load_module(&connection)?;
    Ok(connection)
}

/// The version of a file of this store; 0 where it is empty. Any other file is refused.
pub(super) fn version_of_ours(connection: &Connection, path: &Path) -> Result<usize, OpenError> {
    let foreign = || OpenError::Foreign {
        path: path.to_owned(),
    };
    let (application, version, tables) =
        identify(connection).map_err(|source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => foreign(),
            _ => OpenError::Database {
                path: path.to_owned(),
                source: source.into(),
            },
        })?;
    let is_new = version == 0 && tables == 0 && application == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(foreign());
    }
    if version > VERSION {
        return Err(OpenError::TooNew {
            path: path.to_owned(),
            found: version,
            known: VERSION,
        });
    }
    Ok(version)
}

fn identify(connection: &Connection) -> rusqlite::Result<(i64, usize, i64)> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    Ok((
        number("PRAGMA application_id")?,
        // A negative version is none that this store ever wrote.
        usize::try_from(version).unwrap_or(usize::MAX),
        number("SELECT count(*) FROM sqlite_schema")?,
    ))
}

/// * `WAL`: people can look while the connector writes.
/// * `synchronous = NORMAL`: a failure of the power may take the last commits, and never one before a later
///   one, until the log was flushed ([`log_of`]). The contract promises no more before an export gives back:
///   one flush for a hundred pages of the directory, where `FULL` takes a hundred. See
///   <https://www.sqlite.org/pragma.html#pragma_synchronous>.
/// * The log is moved into the file every 16 MiB: pages that many commits touch are moved once.
/// * 32 MiB of cache hold the inner pages and the hot leaves of a million contacts' indexes.
pub(super) fn configure_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.pragma_update(None, "temp_store", "memory")
}

/// Lets the file grow to so many bytes and no further
/// (<https://www.sqlite.org/pragma.html#pragma_max_page_count>); one that is larger already stays so.
pub(super) fn bound(connection: &Connection, path: &Path, bytes: u64) -> Result<(), OpenError> {
    let bound = || {
        let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))
    };
    bound().map_err(|source: rusqlite::Error| OpenError::Database {
        path: path.to_owned(),
        source: source.into(),
    })
}

/// The log in which commits are before they are moved into the file, of a database that is open.
pub(super) fn log_of(connection: &Connection, path: &Path) -> Result<SharedFlush, OpenError> {
    // It is there once something was read.
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|source| OpenError::Database {
            path: path.to_owned(),
            source: source.into(),
        })?;
    let log = beside(path, "-wal");
    SharedFlush::open(&log).map_err(|source| OpenError::File { path: log, source })
}

/// Whether the log of a database that nobody works with takes room that it need not.
pub(super) fn log_is_long(path: &Path) -> bool {
    const LONG: u64 = 4 << 20;
    std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > LONG)
}

/// Moves the log into the file and empties it, unless somebody reads from it now: nobody waits for that here.
/// Whoever uses the store next tries it again, and nothing depends on it, so that no failure is told.
pub(super) fn move_log(connection: &Connection) {
    let _ = connection.busy_timeout(Duration::ZERO);
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let _ = connection.busy_timeout(PATIENCE);
}

/// Nothing waits for the disk.
pub(super) fn leave_flushing_to_the_system(
    connection: &Connection,
    path: &Path,
) -> Result<(), OpenError> {
    connection
        .pragma_update(None, "synchronous", "off")
        .map_err(|source| OpenError::Database {
            path: path.to_owned(),
            source: source.into(),
        })
}
