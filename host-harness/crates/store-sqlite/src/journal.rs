//! The journal: every change that was applied, with what it replaced.
//!
//! An entry is written in the transaction of its change. A new contact replaces nothing, so its
//! entry is a few bytes; every other change keeps what is needed to take it back: the fields it wrote,
//! before and after, the link's base, the lists, and of a deleted contact everything.

use connector_contract::{Effect, Evidence, FieldChange, JournalEntry, Who};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde::{Deserialize, Serialize};

use super::errors::DatabaseError;
use super::evidence::StoredEvidence;
use super::fields::{DESCRIBED, EMAIL};
use super::lists::Spelling;
use super::plan::effect_named;
use super::replaced::{Before, Moves};
use super::room::Room;
use super::writing::Writing;
use super::{base, fields, identity, lookup, notes};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Entries that one commit forgets, at most.
const FORGOTTEN_AT_ONCE: u32 = 5_000;

/// How long the journal remembers: so many days, and so many runs however old they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    pub(super) days: u32,
    pub(super) runs: u32,
}

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
    pub(super) before: Option<&'a Before>,
}

/// What all entries of one commit have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chapter {
    source_id: i64,
    pub(super) run_id: Option<i64>,
    pub(super) at_ms: i64,
}

impl Chapter {
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
        writing: &Writing<'_>,
        entry: &Entry<'_>,
    ) -> Result<(), DatabaseError> {
        let evidence = entry.evidence.cloned().map(StoredEvidence::from);
        writing
            .connection()
            .prepare_cached(
                "INSERT INTO journal (source_id, run_id, at_ms, object_id, contact_id, effect, \
                 reason, evidence, version, before, address) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                self.source_id,
                self.run_id,
                self.at_ms,
                entry.object_id,
                entry.contact,
                entry.effect.name(),
                entry.reason,
                evidence.as_ref().map(to_json).transpose()?,
                entry.version,
                entry.before.map(to_json).transpose()?,
                former_address(writing.connection(), entry.before)?,
            ])?;
        Ok(())
    }
}

/// The address of a contact that is no more, by which somebody may still ask for it.
fn former_address(
    connection: &Connection,
    before: Option<&Before>,
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
        .map(|(_, address)| notes::hash(connection, address))
        .transpose()
}

fn to_json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value)
        .map_err(|_| DatabaseError::Other("an entry of the journal cannot be written".to_owned()))
}

fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|_| DatabaseError::unreadable("an entry of the journal"))
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

const COLUMNS: &str = "j.number, r.name, j.at_ms, j.object_id, j.contact_id, j.effect, j.reason, \
                       j.evidence, j.version, j.before, j.source_id";

/// What one run did to each of the next users, newest first for each.
pub(super) fn of_run(
    connection: &Connection,
    source: &str,
    run: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<JournalEntry>, DatabaseError> {
    let Some(run_id) = find_run(connection, run)? else {
        return Ok(Vec::new());
    };
    let source_id = lookup::source_or_none(connection, source)?;
    let sql = format!(
        "SELECT {COLUMNS} FROM journal j LEFT JOIN run_names r ON r.id = j.run_id \
         WHERE j.run_id = ?1 AND j.source_id = ?2 AND j.object_id IN \
             (SELECT DISTINCT object_id FROM journal \
              WHERE run_id = ?1 AND source_id = ?2 AND object_id > ?3 ORDER BY object_id LIMIT ?4) \
         ORDER BY j.object_id, j.number DESC"
    );
    read(
        connection,
        &sql,
        params![run_id, source_id, after.unwrap_or_default(), limit],
    )
}

/// The last changes to somebody, newest first.
pub(super) fn of(
    connection: &Connection,
    source: &str,
    who: &Who,
    limit: u32,
) -> Result<Vec<JournalEntry>, DatabaseError> {
    let source_id = lookup::source_or_none(connection, source)?;
    let about = |condition: &str| {
        format!(
            "SELECT {COLUMNS} FROM journal j LEFT JOIN run_names r ON r.id = j.run_id \
             WHERE {condition} AND j.source_id = ?2 ORDER BY j.number DESC LIMIT ?3"
        )
    };
    match who {
        Who::User(user) => read(
            connection,
            // Who was only created is found by the contact.
            &about(
                "j.object_id = ?1 AND j.number IN \
                 (SELECT number FROM journal WHERE object_id = ?1 AND effect <> 'create' \
                  UNION SELECT number FROM journal WHERE contact_id IN \
                      (SELECT contact_id FROM links WHERE source_id = ?2 AND object_id = ?1 \
                       UNION SELECT contact_id FROM former_links \
                           WHERE source_id = ?2 AND object_id = ?1 \
                       UNION SELECT contact_id FROM journal \
                           WHERE object_id = ?1 AND effect <> 'create'))",
            ),
            params![user, source_id, limit],
        ),
        Who::Contact(contact) => read(
            connection,
            &about("j.contact_id = ?1"),
            params![identity::from_text(contact), source_id, limit],
        ),
        Who::Address(address) => read(
            connection,
            &about(
                "(j.contact_id IN (SELECT id FROM contacts WHERE email_key = ?1) OR j.contact_id IN \
                 (SELECT contact_id FROM journal WHERE address = ?4))",
            ),
            params![
                fields::email_key(address),
                source_id,
                limit,
                notes::hash(connection, address)?
            ],
        ),
    }
}

fn read(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Vec<JournalEntry>, DatabaseError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let (mut room, mut entries) = (Room::new(), Vec::new());
    let mut spelling = Spelling::default();
    while let Some(row) = rows.next()? {
        room.whole(row)?;
        let entry = entry(connection, row, &mut spelling)?;
        if entry.effect == Effect::Create {
            // Read from elsewhere, see `given`.
            room.row(entry.fields.iter().map(length).sum())?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Roughly what a field takes up in an answer.
fn length(change: &FieldChange) -> usize {
    let value = |value: &Option<String>| value.as_ref().map_or(0, String::len);
    change.field.len() + value(&change.before) + value(&change.after) + size_of::<FieldChange>()
}

/// What a new contact was given. Its own entry does not hold it, so that a first sync writes little: what
/// it was given is the base of its link, until a later change replaced that and kept it.
fn given(
    connection: &Connection,
    source_id: i64,
    number: i64,
    contact: i64,
) -> Result<Vec<FieldChange>, DatabaseError> {
    let mut statement = connection.prepare_cached(
        "SELECT before FROM journal WHERE contact_id = ?1 AND source_id = ?2 AND number > ?3 \
         ORDER BY number",
    )?;
    let mut rows = statement.query(params![contact, source_id, number])?;
    let mut base = None;
    while let (None, Some(row)) = (&base, rows.next()?) {
        let text: Option<String> = row.get(0)?;
        let before = Before::read(text.as_deref())?;
        let links = before.whole.map(|whole| whole.links).unwrap_or_default();
        let of_deleted = links.into_iter().find(|(source, ..)| *source == source_id);
        base = before.base.or(of_deleted.map(|(_, _, base)| base));
    }
    if base.is_none() {
        base = connection
            .prepare_cached("SELECT base FROM links WHERE contact_id = ?1 AND source_id = ?2")?
            .query_row([contact, source_id], |row| row.get(0))
            .optional()?;
    }
    let given = base.as_deref().map(base::from_text).transpose()?;
    let given = given.into_iter().flatten().map(|field| FieldChange {
        field: field.name,
        before: None,
        after: Some(field.value),
    });
    let mut given: Vec<_> = given.collect();
    given.sort_unstable_by(|left, right| left.field.cmp(&right.field));
    Ok(given)
}

fn entry(
    connection: &Connection,
    row: &Row<'_>,
    spelling: &mut Spelling,
) -> Result<JournalEntry, DatabaseError> {
    let effect: String = row.get(5)?;
    let evidence: Option<String> = row.get(7)?;
    let evidence: Option<StoredEvidence> = evidence.as_deref().map(from_json).transpose()?;
    let before: Option<String> = row.get(9)?;
    let before = Before::read(before.as_deref())?.spelt(connection, spelling)?;
    let at_ms: i64 = row.get(2)?;
    let (number, contact, source_id) = (row.get(0)?, row.get(4)?, row.get(10)?);
    let effect = effect_named(&effect)?;
    let Moves { joins, leaves } = before.moves(connection, source_id)?;
    let fields = match &before.whole {
        Some(whole) => whole.lost(),
        None if effect == Effect::Create && before.fields.is_empty() => {
            given(connection, source_id, number, contact)?
        }
        None => before
            .fields
            .into_iter()
            .map(|(field, before, after)| FieldChange {
                field,
                before,
                after,
            })
            .collect(),
    };
    Ok(JournalEntry {
        number: identity::to_version(number),
        run: row.get(1)?,
        at_ms: at_ms.unsigned_abs(),
        object_id: row.get(3)?,
        contact: identity::to_text(contact),
        effect,
        reason: row.get(6)?,
        evidence: evidence.map(Evidence::from),
        fields,
        joins,
        leaves,
        version: identity::to_version(row.get(8)?),
    })
}
