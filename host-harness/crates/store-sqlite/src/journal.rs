//! The journal: every change that was applied, with what it replaced. `history.rs` reads it.
//!
//! An entry is written in the transaction of its change. A new contact replaces nothing, and shares its
//! entry with those made before and after it (`creations.rs`); every other change keeps what is needed to take it
//! back: the fields it wrote, before and after, the link's base, the lists, what the directory was given with it,
//! and of a deleted contact everything.

use connector_contract::{Effect, Evidence};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;

use super::creations::{self, CreationRange};
use super::errors::DatabaseError;
use super::evidence::StoredEvidence;
use super::fields::{DESCRIBED, EMAIL};
use super::replaced::Replaced;
use super::retention::Retention;
use super::write_tx::WriteTx;
use super::{address_key, identity};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Entries that one commit forgets, at most.
const FORGOTTEN_AT_ONCE: u32 = 5_000;

/// A change on its way into the journal.
pub(super) struct Entry<'a> {
    pub(super) object_id: &'a str,
    pub(super) contact: i64,
    pub(super) effect: Effect,
    pub(super) reason: &'a str,
    pub(super) evidence: Option<&'a Evidence>,
    /// Of the contact, after the change.
    pub(super) version: i64,
    /// `None` where nothing was replaced.
    pub(super) before: Option<&'a Replaced>,
}

/// What all entries of one commit have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct JournalContext {
    source_id: i64,
    pub(super) run_id: Option<i64>,
    pub(super) at_ms: i64,
}

impl JournalContext {
    /// The part of the journal that a commit writes.
    pub(super) fn open(
        connection: &Connection,
        source_id: i64,
        run: Option<&str>,
        retention: Retention,
        at_ms: i64,
    ) -> Result<Self, DatabaseError> {
        let run_id = run.map(|run| run_id(connection, run, at_ms)).transpose()?;
        if run_id.is_some() {
            forget(connection, retention, at_ms)?;
        }
        Ok(Self {
            source_id,
            run_id,
            at_ms,
        })
    }

    /// Notes a change that was applied.
    pub(super) fn write(
        &self,
        tx: &mut WriteTx<'_>,
        entry: &Entry<'_>,
    ) -> Result<(), DatabaseError> {
        let before = entry.before.map(to_json).transpose()?;
        // One that is made again was made before, and has a version of then.
        if entry.effect == Effect::Create && entry.version == identity::FIRST_VERSION {
            return tx.note_creation(CreationRange {
                number: 0,
                first_contact: entry.contact,
                contacts: 1,
                source_id: self.source_id,
                run_id: self.run_id,
                at_ms: self.at_ms,
                reason: entry.reason.to_owned(),
                before,
            });
        }
        let number = tx.next_entry()?;
        let evidence = entry.evidence.cloned().map(StoredEvidence::from);
        tx.connection()
            .prepare_cached(
                "INSERT INTO journal (number, source_id, run_id, at_ms, object_id, contact_id, effect, \
                 reason, evidence, version, before, address) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                number,
                self.source_id,
                self.run_id,
                self.at_ms,
                entry.object_id,
                entry.contact,
                entry.effect.name(),
                entry.reason,
                evidence.as_ref().map(to_json).transpose()?,
                entry.version,
                before,
                former_address(tx.connection(), entry.before)?,
            ])?;
        Ok(())
    }
}

/// The address of a contact that is no more, by which somebody may still ask for it.
fn former_address(
    connection: &Connection,
    before: Option<&Replaced>,
) -> Result<Option<Vec<u8>>, DatabaseError> {
    let Some(whole) = before.and_then(|before| before.whole.as_ref()) else {
        return Ok(None);
    };
    let email = DESCRIBED.get(EMAIL).map(|field| field.name);
    let address = whole
        .fields
        .iter()
        .find(|(name, _)| Some(name.as_str()) == email);
    address
        .map(|(_, address)| address_key::hash(connection, address))
        .transpose()
}

fn to_json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value)
        .map_err(|_| DatabaseError::Other("an entry of the journal cannot be written".to_owned()))
}

/// The number of a run's name, made on first use.
fn run_id(connection: &Connection, run: &str, now_ms: i64) -> Result<i64, DatabaseError> {
    if let Some(id) = find_run(connection, run)? {
        return Ok(id);
    }
    let id = connection
        .prepare_cached("INSERT INTO run_names (name, began_ms) VALUES (?1, ?2) RETURNING id")?
        .query_row(params![run, now_ms], |row| row.get(0))?;
    Ok(id)
}

pub(super) fn find_run(connection: &Connection, run: &str) -> Result<Option<i64>, DatabaseError> {
    let id = connection
        .prepare_cached("SELECT id FROM run_names WHERE name = ?1")?
        .query_row([run], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// Forgets a portion of the oldest run that is neither young nor among the last ones, so that no commit
/// has much to forget.
fn forget(connection: &Connection, retention: Retention, now_ms: i64) -> Result<(), DatabaseError> {
    let youngest = now_ms.saturating_sub(i64::from(retention.days) * DAY_MS);
    let oldest: Option<i64> = connection
        .prepare_cached(
            "SELECT id FROM run_names WHERE began_ms < ?1 AND id NOT IN \
             (SELECT id FROM run_names ORDER BY id DESC LIMIT ?2) ORDER BY id LIMIT 1",
        )?
        .query_row(params![youngest, retention.runs.max(1)], |row| row.get(0))
        .optional()?;
    let Some(run) = oldest else {
        return Ok(());
    };
    // Creations first: one that was written out must not come back when its entry is forgotten.
    if creations::forget(connection, run, FORGOTTEN_AT_ONCE)? == FORGOTTEN_AT_ONCE as usize {
        return Ok(());
    }
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM journal WHERE number IN \
             (SELECT number FROM journal WHERE run_id = ?1 LIMIT ?2)",
        )?
        .execute(params![run, FORGOTTEN_AT_ONCE])?;
    if forgotten < FORGOTTEN_AT_ONCE as usize {
        connection
            .prepare_cached("DELETE FROM run_names WHERE id = ?1")?
            .execute([run])?;
    }
    Ok(())
}
