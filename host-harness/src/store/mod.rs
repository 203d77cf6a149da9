//! The contact store on SQLite: one file per workspace, `connector.db` in its data directory.
//!
//! The file holds everything that must survive a call: contacts with custom fields, links and lists,
//! the connector's state, open rounds, the current plan, the host's record of its calls, and the
//! configuration document. Secrets are never in it.
//!
//! What makes it safe to sync into:
//!
//! * **One commit, one transaction.** A page's changes, its sightings and the cursor that skips the
//!   page are durable together when [`ContactStore::apply`] returns, or none of them is.
//! * **Nothing comes back.** A contact's id, its version and the sequence of a link only count up,
//!   also across deletions; so a precondition can never fit a state that it was not made for.
//! * **Whatever is derived moves with its cause.** All writes go through one type, which keeps the
//!   match keys, the sets of filled fields and the report's tallies in the same transaction.
//!
//! The connector has one connection, whose cache stays warm because nobody else writes through
//! another; people look through a second one, and do not wait for a running sync.

mod administration;
mod apply;
mod base;
mod contingency;
mod custom;
mod errors;
mod evidence;
mod fields;
mod identity;
mod image;
mod journal;
mod lookup;
mod notes;
mod plan;
mod restoring;
mod revert;
mod review;
mod rounds;
mod rules;
mod runs;
mod schema;
mod state;
pub mod statements;
mod statistics;
mod writing;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

pub use self::administration::{ContactFilter, ContactRow, Contacts, EditError};
pub use self::errors::DatabaseError;
pub use self::plan::PlanRecord;
pub use self::review::{ChangedRun, PlanFilter};
pub use self::runs::{RUNNING, RunEnd, RunRecord};
pub(crate) use self::schema::open_writer;
pub use self::schema::{FILE_NAME, OpenError};

use self::fields::Filled;
use self::lookup::MAX_BATCH;
use self::rules::Rules;
use crate::contract::{
    Claim, Commit, Contact, ContactList, JournalEntry, Noted, Outcome, PlanEntry, Query, RoundInfo,
    StateEntry, Statistics, StoreDescription, StoreError, Tally, Who,
};
use crate::runtime::imports::{ContactStore, PlanSink, State};

/// What a store demands of contacts. The default takes custom fields and demands nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Fields that are not described are made on first use; at most 47.
    pub custom_fields: bool,
    /// Described fields that no contact may be without.
    pub mandatory: Vec<String>,
    /// Whether a commit outlives a failure of the power, as the contract promises. Without it a
    /// commit still outlives the process: for stores that are thrown away, as those of tests are.
    pub durable: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            custom_fields: true,
            mandatory: Vec::new(),
            durable: true,
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
        })
    }
}

/// The contacts, the state and the plan of one workspace, in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connector: Mutex<Connection>,
    reader: Mutex<Connection>,
    rules: Rules,
}

impl SqliteStore {
    /// Opens the store of a data directory, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// Where the directory or the file cannot be written, where the file is not a contact database,
    /// is damaged, or was written by a newer version. Nothing is overwritten.
    pub fn open(data_directory: &Path, options: &StoreOptions) -> Result<Self, OpenError> {
        let rules = options.rules()?;
        let path = data_directory.join(FILE_NAME);
        let writer = schema::open_writer(&path)?;
        if !options.durable {
            schema::leave_flushing_to_the_system(&writer, &path)?;
        }
        Ok(Self {
            connector: Mutex::new(writer),
            reader: Mutex::new(schema::open_reader(&path)?),
            rules,
        })
    }

    /// The connection that writes. A panic while it was held has rolled its transaction back, so
    /// what a poisoned lock guards is sound.
    fn connector(&self) -> MutexGuard<'_, Connection> {
        self.connector
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one state of the database on behalf of the connector.
    fn fetch<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, StoreError> {
        Ok(read_snapshot(&mut self.connector(), read)?)
    }

    /// Reads one state of the database without waiting for the connector.
    fn look<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        read_snapshot(&mut reader, read)
    }

    /// Lists contacts in the order in which they were made, reading a page at a time.
    #[must_use]
    pub fn contacts(&self, filter: ContactFilter) -> Contacts<'_> {
        Contacts::new(self, filter)
    }

    /// Writes or empties one field of a contact by hand; the contact's new version.
    ///
    /// # Errors
    ///
    /// Where there is no such contact, or the store does not take the value.
    pub fn edit_field(
        &self,
        contact: &str,
        field: &str,
        value: Option<&str>,
    ) -> Result<u64, EditError> {
        administration::edit_field(&mut self.connector(), self.rules, contact, field, value)
    }

    /// Makes an active, unlinked contact by hand; its id.
    ///
    /// # Errors
    ///
    /// Where the store does not take one of the fields, or a mandatory one is missing.
    pub fn add_contact(&self, fields: &BTreeMap<String, String>) -> Result<String, EditError> {
        administration::add_contact(&mut self.connector(), self.rules, fields)
    }

    /// Puts a contact on a list by hand; the connector neither sees nor ends such a membership.
    /// The contact's new version.
    ///
    /// # Errors
    ///
    /// Where there is no such contact, or the list cannot have that name.
    pub fn put_on_list(&self, contact: &str, list: &ContactList) -> Result<u64, EditError> {
        administration::put_on_list(&mut self.connector(), self.rules, contact, list)
    }

    /// Notes that a call to the component begins, at that time; its number.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn begin_run(
        &self,
        call: &str,
        trigger: &str,
        started_at_ms: i64,
    ) -> Result<i64, DatabaseError> {
        runs::begin(&self.connector(), call, trigger, started_at_ms)
    }

    /// Notes how a call ended.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn finish_run(&self, run: i64, end: &RunEnd<'_>) -> Result<(), DatabaseError> {
        runs::finish(&self.connector(), run, end)
    }

    /// The last calls, newest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, DatabaseError> {
        self.look(|connection| runs::latest(connection, limit))
    }

    /// Keeps the workspace's configuration document, as it is.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn save_document(&self, text: &str) -> Result<(), DatabaseError> {
        runs::save_document(&self.connector(), text)
    }

    /// The workspace's configuration document, as it was saved.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn document(&self) -> Result<Option<String>, DatabaseError> {
        self.look(runs::document)
    }

    /// Begins a plan, as the contract asks before each call that makes one.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn begin_plan(&self) -> Result<(), DatabaseError> {
        plan::begin(&mut self.connector())
    }

    /// Keeps the plan in the making under its digest. The last ten plans are kept.
    ///
    /// # Errors
    ///
    /// Where no plan is in the making, or the database cannot be written.
    pub fn keep_plan(&self, record: &PlanRecord) -> Result<(), DatabaseError> {
        plan::keep(&mut self.connector(), record)
    }

    /// The plans that are kept, newest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn kept_plans(&self) -> Result<Vec<PlanRecord>, DatabaseError> {
        self.look(plan::kept)
    }

    /// The plan that is kept under a digest.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn kept_plan(&self, digest: &str) -> Result<Option<PlanRecord>, DatabaseError> {
        let kept = self.kept_plans()?;
        Ok(kept.into_iter().find(|plan| plan.digest == digest))
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

/// Milliseconds since 1970-01-01T00:00:00Z.
fn now_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Refuses what is over the batch limit.
fn bounded(entries: usize) -> Result<(), StoreError> {
    if u32::try_from(entries).is_ok_and(|entries| entries <= MAX_BATCH) {
        Ok(())
    } else {
        Err(StoreError::BatchTooLarge(MAX_BATCH))
    }
}

impl ContactStore for SqliteStore {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        Ok(StoreDescription {
            fields: fields::descriptions(|place| self.rules.mandatory.contains(place)),
            custom_fields: self.rules.custom_fields,
            atomic: true,
            max_batch: MAX_BATCH,
            journal: true,
        })
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        bounded(query.object_ids.len() + query.match_keys.len() + query.contacts.len())?;
        self.fetch(|connection| lookup::lookup(connection, &query))
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        bounded(commit.changes.len())?;
        let at_ms = now_ms();
        Ok(apply::apply(
            &mut self.connector(),
            self.rules,
            &commit,
            at_ms,
        )?)
    }

    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        Ok(rounds::open(
            &mut self.connector(),
            self.rules,
            source,
            round,
            resume,
        )?)
    }

    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.fetch(|connection| rounds::unseen(connection, source, round, after, limit, fields))
    }

    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        Ok(rounds::close(
            &mut self.connector(),
            self.rules,
            source,
            round,
        )?)
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.fetch(|connection| journal::of_run(connection, source, run, after, limit))
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.fetch(|connection| journal::of(connection, source, who, limit))
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        self.fetch(|connection| notes::about(connection, source, who))
    }

    fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
        self.fetch(|connection| statistics::read(connection, source, fields))
    }
}

impl State for SqliteStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.fetch(|connection| state::get(connection, key))
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError> {
        bounded(keys.len())?;
        self.fetch(|connection| state::get_many(connection, keys))
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StateEntry>, StoreError> {
        self.fetch(|connection| state::list(connection, prefix, after, limit))
    }
}

impl PlanSink for SqliteStore {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        Ok(plan::put(&mut self.connector(), entries)?)
    }

    fn claimed(&self, contacts: &[String]) -> Result<Vec<Claim>, StoreError> {
        self.fetch(|connection| plan::claimed(connection, contacts))
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        self.fetch(|connection| plan::changes(connection, plan, after, limit))
    }

    fn entries(&self, plan: Option<&str>, users: &[String]) -> Result<Vec<PlanEntry>, StoreError> {
        bounded(users.len())?;
        self.fetch(|connection| plan::entries(connection, plan, users))
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        self.fetch(plan::count)
    }
}
