//! The database file: opened, and read and written in transactions.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use local_files::{NotHeld, SharedFlush, create_directory, create_file, hold};
use rusqlite::{Connection, OpenFlags, Params, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::audit_chain::{has_known_a_key, head};
use super::audit_key::{AuditKey, AuditKeyError};
use super::transaction::WriteTx;
use crate::blocking::run_blocking;
use crate::records::{AuditEvent, RecordsError};

/// The name of the file in the server's directory.
pub(super) const FILE_NAME: &str = "server.db";

/// "ECSB".
const APPLICATION_ID: i64 = 0x4543_5342;

pub(super) const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("../migrations/0001_initial.sql")),
    M::up(include_str!("../migrations/0002_secret_versions.sql")),
    M::up(include_str!("../migrations/0003_confirmed_settings.sql")),
    M::up(include_str!("../migrations/0004_round_trips.sql")),
];

/// How long a statement waits for another process to end its write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one who opens the records waits for others who open them: a hundred commands may be started at
/// once.
const OPENING_TIMEOUT: Duration = Duration::from_secs(60);

/// Why the records cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ServerDbError {
    /// The directory or the file cannot be made.
    #[error("the server's records in {path} cannot be opened: {source}; check its permissions")]
    File {
        /// The directory.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file holds something else, or was written by a newer program.
    #[error(
        "{path} was not written by this program, or by a newer version of it; choose another --data \
         directory, or use the newer program; it was left as it is"
    )]
    Foreign {
        /// The file.
        path: String,
    },
    /// No server has ever kept anything here.
    #[error(
        "there is no server's directory at {path}: name the one that `serve` or `workspaces add` made with \
         --data; nothing was made"
    )]
    Missing {
        /// The directory.
        path: String,
    },
    /// Others have been opening them for a minute.
    #[error("the server's records in {path} are being opened by another process; try again")]
    Opening {
        /// The directory.
        path: String,
    },
    /// What seals the audit log cannot be used.
    #[error(transparent)]
    AuditKey(#[from] AuditKeyError),
    /// The database did not do what was asked.
    #[error(transparent)]
    Database(#[from] RecordsError),
}

/// The records in their file.
pub struct ServerDb {
    pub(super) writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    /// Of the log in which transactions are before they are moved into the file.
    log: SharedFlush,
    pub(super) audit_key: AuditKey,
}

/// When what was written must be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durable {
    /// Before the call gives back: somebody relies on it.
    Now,
    /// With the next write that must. Until then the failure of the power may take it, and everything after
    /// it, and what it told of is done again; the end of the process takes nothing.
    Later,
}

impl ServerDb {
    /// Opens the records in a directory, which are made where they are missing. Of many processes that do
    /// so at once, one makes them, and all have them.
    ///
    /// # Errors
    ///
    /// See [`ServerDbError`].
    pub fn open(directory: &Path) -> Result<Self, ServerDbError> {
        let named = || directory.display().to_string();
        let file = |source| ServerDbError::File {
            path: named(),
            source,
        };
        create_directory(directory).map_err(file)?;
        // Turning a new database to WAL mode and bringing its schema up to date is nothing that two can do
        // at once, and SQLite asks nobody to wait for it.
        let opening = hold(&directory.join("opening.lock"), OPENING_TIMEOUT);
        let _opening = opening.map_err(|error| match error {
            NotHeld::Other { .. } => ServerDbError::Opening { path: named() },
            NotHeld::Failed { source, .. } => file(source),
        })?;
        let path = directory.join(FILE_NAME);
        create_file(&path).map_err(file)?;
        let mut writer = connect(&path)?;
        if !is_ours(&writer)? {
            return Err(ServerDbError::Foreign {
                path: path.display().to_string(),
            });
        }
        configure(&writer).map_err(RecordsError::from)?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut writer)
            .map_err(|error| match error {
                rusqlite_migration::Error::RusqliteError { err, .. } => RecordsError::from(err),
                _ => {
                    RecordsError::Other("the server's records cannot be brought up to date".into())
                }
            })?;
        let audit_key = AuditKey::open_or_create(
            directory,
            head(&writer)?.as_ref(),
            has_known_a_key(&writer)?,
        )?;
        let reader = connect(&path)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(RecordsError::from)?;
        Ok(Self {
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            log: SharedFlush::open(&directory.join(format!("{FILE_NAME}-wal"))).map_err(file)?,
            audit_key,
        })
    }

    /// Opens the records that are there. A directory that was misspelt is not made.
    ///
    /// # Errors
    ///
    /// See [`ServerDbError`].
    pub fn open_existing(directory: &Path) -> Result<Self, ServerDbError> {
        if directory.join(FILE_NAME).is_file() {
            Self::open(directory)
        } else {
            Err(ServerDbError::Missing {
                path: directory.display().to_string(),
            })
        }
    }

    /// Reads, without waiting for who writes.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        read(&guard(&self.reader))
    }

    /// Writes in one transaction, which is on the disk when this gives back.
    pub(super) fn write<T, E: From<RecordsError>>(
        &self,
        write: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_durable(Durable::Now, write)
    }

    /// Writes in one transaction. The disk is waited for behind it, together with whoever writes meanwhile.
    pub(super) fn write_durable<T, E: From<RecordsError>>(
        &self,
        durable: Durable,
        write: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        run_blocking(|| {
            let (written, number) = {
                let mut writer = guard(&self.writer);
                let transaction = writer
                    .transaction_with_behavior(TransactionBehavior::Immediate)
                    .map_err(RecordsError::from)?;
                let tx = WriteTx {
                    transaction,
                    audit_key: &self.audit_key,
                };
                let written = write(&tx)?;
                tx.transaction.commit().map_err(RecordsError::from)?;
                (written, self.log.wrote())
            };
            if durable == Durable::Now {
                self.log.flush(number).map_err(not_flushed)?;
            }
            Ok(written)
        })
    }

    /// How often the disk was waited for since the records were opened.
    pub fn flushes(&self) -> u64 {
        self.log.flushes()
    }

    /// Gives back when everything that was written is on the disk.
    pub(super) fn flush(&self) -> Result<(), RecordsError> {
        run_blocking(|| self.log.flush_all()).map_err(not_flushed)
    }

    /// Writes one statement about a workspace, and the event that it is.
    pub(super) fn update(
        &self,
        durable: Durable,
        id: &str,
        event: Option<AuditEvent<'_>>,
        sql: &str,
        parameters: impl Params,
    ) -> Result<(), RecordsError> {
        self.write_durable(durable, |tx| {
            tx.prepare_cached(sql)?.execute(parameters)?;
            match event {
                Some(event) => tx.note(Some(id), event),
                None => Ok(()),
            }
        })
    }
}

/// A panic while it was held has rolled its transaction back, so what a poisoned lock guards is sound.
pub(super) fn guard(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path) -> Result<Connection, RecordsError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn is_ours(connection: &Connection) -> Result<bool, RecordsError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let application = number("PRAGMA application_id")?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let is_new = version == 0 && tables == 0 && application == 0;
    Ok(is_new || (application == APPLICATION_ID && version <= known))
}

fn not_flushed(error: io::Error) -> RecordsError {
    tracing::error!(%error, "the server's records cannot be flushed to the disk");
    RecordsError::NotFlushed
}

/// A setting that was answered as saved must be saved, also when the power fails: [`Durable`] says when, and
/// SQLite flushes by itself only before it moves the log into the file, so that the order stays
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted (a secret, a session) is overwritten.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
}
