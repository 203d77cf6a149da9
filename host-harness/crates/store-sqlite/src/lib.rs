//! The contact store on SQLite: one file per workspace, `connector.db` in its data directory.
//!
//! The file holds everything that must survive a call: contacts with custom fields, links and lists,
//! the connector's state, open rounds, plans, the journal, and the configuration document. Secrets are never
//! in it.
//!
//! What makes it safe to sync into:
//!
//! * **One commit, one transaction.** A page's changes, its sightings and the cursor that skips the
//!   page are kept together when [`ContactStore::apply`](connector_contract::imports::ContactStore::apply) returns, or
//!   none of them is; [`ContactStore::flush`](connector_contract::imports::ContactStore::flush) waits for the disk.
//! * **Nothing comes back.** A contact's id, its version and the sequence of a link only count up,
//!   also across deletions; so a precondition can never fit a state that it was not made for.
//! * **Whatever is derived moves with its cause.** All writes go through one type, which keeps the
//!   indexes, the sets of filled fields and the report's tallies in the same transaction.
//!
//! What makes a first sync of many people cheap: a person is one row, with the link, and the base only where
//! it differs from the fields; a page of creations is one row of the journal (`creations.rs`); and what is found
//! by object id or address is kept in indexes that are written in order (`levels.rs`); who is not in them is known
//! without a look (`presence.rs`).
//!
//! What is done with a store is in the traits that [`SqliteStore`] implements: [`AdminStore`](store_api::AdminStore)
//! for people and their programs, the three interfaces of the contract for connectors.
//!
//! The connector has one connection, whose cache stays warm because nobody else writes through
//! another; people look through a second one, and do not wait for a running sync.

mod access;
mod address_hash;
mod address_key;
mod admin;
mod administration;
mod apply;
mod base;
mod browsing;
mod contingency;
mod creating;
mod creations;
mod custom;
mod edits;
mod errors;
mod evidence;
mod fields;
mod files;
mod history;
mod identity;
mod journal;
mod lease;
mod leased;
mod ledger;
mod levels;
mod lists;
mod lookup;
mod marks;
mod migration;
mod notes;
mod object_key;
mod one_form;
mod opening;
mod parts;
mod plan;
mod ports;
mod preimage;
mod presence;
mod read_only;
mod replaced;
mod restoring;
mod retention;
mod revert;
mod review;
mod room;
mod rounds;
mod rules;
mod schema;
mod sequences;
mod settings;
mod sources;
mod state;
mod statements;
mod statistics;
mod target;
mod unlinked;
mod users;
mod write_tx;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connector_contract::WallClock;
use local_files::SharedFlush;
use rusqlite::Connection;

pub use self::errors::DatabaseError;
pub use self::migration::MigrationProgress;
pub use self::schema::{FILE_NAME, OpenError};

use self::fields::Filled;
use self::lease::{Lease, LeaseRegistry};
use self::presence::Presence;
use self::retention::Retention;
use self::rules::Rules;
use self::write_tx::TxContext;

/// What a store demands of contacts. The default takes custom fields and demands nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Fields that are not described are made on first use; at most 47.
    pub custom_fields: bool,
    /// Described fields that no contact may be without.
    pub mandatory: Vec<String>,
    /// Whether what was flushed outlives a failure of the power, as the contract promises. Without it a
    /// commit still outlives the process: for stores that are thrown away, as those of tests are.
    pub durable: bool,
    /// Days for which the journal keeps a run, 90 unless it is said otherwise. What a deleted contact
    /// held stays in the journal as long.
    pub journal_days: u32,
    /// Runs that the journal keeps however old they are, 400 unless it is said otherwise; at least the
    /// last one.
    pub journal_runs: u32,
    /// The largest that the file may become, in bytes: 8 GiB unless it is said otherwise, which is a
    /// million contacts with their journal and ten plans. A commit that would need more is refused as a
    /// whole.
    pub largest_file: u64,
    /// Whether contacts that are in step are known again. Without it a sync fetches each of them, which comes
    /// to the same and costs more.
    pub marks: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            custom_fields: true,
            mandatory: Vec::new(),
            durable: true,
            journal_days: 90,
            journal_runs: 400,
            largest_file: 8 << 30,
            marks: true,
        }
    }
}

impl StoreOptions {
    fn rules(&self) -> Result<Rules, OpenError> {
        let mut mandatory = Filled::default();
        for name in &self.mandatory {
            let place =
                fields::position(name).ok_or_else(|| OpenError::UnknownField(name.clone()))?;
            mandatory = mandatory.with(place, true);
        }
        Ok(Rules {
            custom_fields: self.custom_fields,
            mandatory,
            marks: self.marks,
        })
    }
}

/// The contacts, the state and the plan of one workspace, in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    connector: Mutex<Writer>,
    /// Opened when somebody looks: hundreds of stores are synced, and few are looked at.
    reader: Mutex<Option<Connection>>,
    /// Of the log that holds what was committed; `None` where nothing waits for the disk.
    log: Option<SharedFlush>,
    /// Who may write.
    lease_registry: Arc<LeaseRegistry>,
    rules: Rules,
    retention: Retention,
    clock: Arc<dyn WallClock>,
}

/// The connection that writes, and what it knows of the file.
struct Writer {
    connection: Connection,
    presence: Presence,
}

/// The machine's time of day.
struct SystemClock;

impl WallClock for SystemClock {
    fn since_epoch(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }
}

impl SqliteStore {
    /// Opens the store of a data directory, which is made where it is missing. A file of an earlier version
    /// is rewritten, see [`Self::open_with_progress`].
    ///
    /// # Errors
    ///
    /// Where the directory or the file cannot be written, where the file is not a contact database,
    /// is damaged, or was written by a newer version. Nothing is overwritten.
    pub fn open(data_directory: &Path, options: &StoreOptions) -> Result<Self, OpenError> {
        Self::open_with_progress(data_directory, options, &mut |_| ())
    }

    /// Opens the store of a data directory, and tells how far it is with a file of an earlier
    /// version.
    ///
    /// The new file is made beside the old one, in portions. Until it is whole the old one stays as it is,
    /// and nobody else can open it; whoever opens the store after this was interrupted goes on with it.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; also where another process has a file of an earlier version open.
    pub fn open_with_progress(
        data_directory: &Path,
        options: &StoreOptions,
        tell: &mut dyn FnMut(MigrationProgress),
    ) -> Result<Self, OpenError> {
        let rules = options.rules()?;
        let (writer, path) = opening::open_writer(&data_directory.join(FILE_NAME), tell)?;
        schema::bound(&writer, &path, options.largest_file)?;
        if !options.durable {
            schema::leave_flushing_to_the_system(&writer, &path)?;
        }
        let log = options.durable.then(|| schema::log_of(&writer, &path));
        Ok(Self {
            log: log.transpose()?,
            path,
            connector: Mutex::new(Writer {
                connection: writer,
                presence: Presence::default(),
            }),
            reader: Mutex::default(),
            lease_registry: Arc::default(),
            rules,
            retention: Retention {
                days: options.journal_days,
                runs: options.journal_runs,
            },
            clock: Arc::new(SystemClock),
        })
    }

    /// Tells the time by this clock instead of the machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn WallClock>) -> Self {
        self.clock = clock;
        self
    }

    /// What a write that happens now goes by.
    fn context<'l>(&self, lease: Option<&'l Lease>) -> TxContext<'l> {
        TxContext {
            rules: self.rules,
            retention: self.retention,
            lease,
            now_ms: i64::try_from(self.clock.since_epoch().as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// The connection that writes. A panic while it was held has rolled its transaction back, so
    /// what a poisoned lock guards is sound.
    fn connector(&self) -> MutexGuard<'_, Writer> {
        self.connector
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes; what is committed is on the disk after the next [`Self::flush_log`].
    fn write<T, E>(&self, write: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        self.write_knowing(|connection, presence| {
            presence.forget();
            write(connection)
        })
    }

    /// Writes as [`Self::write`], and adds who is there then to what is known.
    fn write_knowing<T, E>(
        &self,
        write: impl FnOnce(&mut Connection, &mut Presence) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connector = self.connector();
        let Writer {
            connection,
            presence,
        } = &mut *connector;
        let written = write(connection, presence);
        if let Some(log) = &self.log {
            // Noted, and flushed later with everything else.
            let _ = log.wrote();
        }
        written
    }

    /// Writes what somebody relies on: it is on the disk when this gives back.
    fn write_durable<T, E: From<DatabaseError>>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let written = self.write(write)?;
        self.flush_log()?;
        Ok(written)
    }

    /// Gives back when everything that was committed is on the disk.
    fn flush_log(&self) -> Result<(), DatabaseError> {
        match &self.log {
            Some(log) => log.flush_noted().map_err(|_| DatabaseError::not_flushed()),
            None => Ok(()),
        }
    }

    /// Reads one state of the database without waiting for the connector.
    fn look<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = match &mut *reader {
            Some(reader) => reader,
            closed => closed.insert(schema::connect_reader(&self.path)?),
        };
        read_snapshot(reader, read)
    }

    /// Reads a little: through the connection that writes where nobody writes now, so that the other one is opened
    /// for whoever looks at people.
    fn glance<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        match self.connector.try_lock() {
            Ok(mut connector) => read_snapshot(&mut connector.connection, read),
            Err(_) => self.look(read),
        }
    }

    /// Gives back the memory in which pages of the file were kept, and whoever only looked closes the file: a
    /// store that nobody works with costs little, so that hundreds can stay open.
    fn rest(&self) {
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut connector = self.connector();
        connector.presence.forget();
        // What cannot be given back now is no failure.
        let _ = connector.connection.execute_batch("PRAGMA shrink_memory");
        if schema::log_is_long(&self.path) {
            schema::move_log(&connector.connection);
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // There is nobody left to tell, and a lease ends by itself.
        let _ = lease::release(&self.connector().connection, &self.lease_registry);
    }
}

fn read_snapshot<T>(
    connection: &mut Connection,
    read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    let transaction = connection.transaction()?;
    let found = read(&transaction)?;
    transaction.commit()?;
    Ok(found)
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqliteStore")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
