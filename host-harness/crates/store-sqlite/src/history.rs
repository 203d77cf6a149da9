//! Reading the journal: entries as they stand in it, and those that the rows of creations stand for
//! (`creations.rs`), told as one.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use connector_contract::{
    Effect, EffectOnContact, Evidence, Field, FieldChange, JournalEntry, JournalNumber, Who,
};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde::Deserialize;

use super::creations::{self, Creation};
use super::errors::DatabaseError;
use super::evidence::StoredEvidence;
use super::identity::FIRST_VERSION;
use super::journal::find_run;
use super::levels::OBJECTS;
use super::lists::Spelling;
use super::object_key::ObjectKey;
use super::plan::effect_named;
use super::replaced::{Moves, Replaced};
use super::room::Room;
use super::{address_key, base, identity, lookup, sources};

/// An entry as it stands in the journal, wherever that is.
pub(super) struct Record {
    pub(super) number: i64,
    pub(super) run_id: Option<i64>,
    at_ms: i64,
    pub(super) object_id: String,
    pub(super) contact: i64,
    pub(super) effect: Effect,
    reason: String,
    evidence: Option<String>,
    /// Of the contact, after the change.
    pub(super) version: i64,
    pub(super) before: Option<String>,
    pub(super) source_id: i64,
}

const COLUMNS: &str = "j.number, j.run_id, j.at_ms, j.object_id, j.contact_id, j.effect, j.reason, \
                       j.evidence, j.version, j.before, j.source_id";

impl Record {
    /// A row with the [`COLUMNS`].
    fn read(row: &Row<'_>) -> Result<Self, DatabaseError> {
        let effect: String = row.get(5)?;
        Ok(Self {
            number: row.get(0)?,
            run_id: row.get(1)?,
            at_ms: row.get(2)?,
            object_id: row.get(3)?,
            contact: row.get(4)?,
            effect: effect_named(&effect)?,
            reason: row.get(6)?,
            evidence: row.get(7)?,
            version: row.get(8)?,
            before: row.get(9)?,
            source_id: row.get(10)?,
        })
    }

    /// Roughly what it takes up in an answer, in bytes.
    fn length(&self) -> usize {
        let texts = [&self.evidence, &self.before];
        let optional = texts.into_iter().flatten().map(String::len).sum::<usize>();
        self.object_id.len() + self.reason.len() + optional
    }
}

impl From<Creation> for Record {
    fn from(creation: Creation) -> Self {
        Self {
            number: creation.number,
            run_id: creation.run_id,
            at_ms: creation.at_ms,
            object_id: creation.object_id,
            contact: creation.contact,
            effect: Effect::Create,
            reason: creation.reason,
            evidence: None,
            version: FIRST_VERSION,
            before: creation.before,
            source_id: creation.source_id,
        }
    }
}

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
    let source_id = sources::source_or_none(connection, source)?;
    let mut records = Vec::new();
    let mut users = BTreeSet::new();
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT object_id FROM journal \
         WHERE run_id = ?1 AND source_id = ?2 AND object_id > ?3 ORDER BY object_id LIMIT ?4",
    )?;
    let place = after.unwrap_or_default();
    let mut rows = statement.query(params![run_id, source_id, place, limit])?;
    while let Some(row) = rows.next()? {
        users.insert(row.get::<_, String>(0)?);
    }
    let creations = creations::of_run(connection, source_id, run_id, after, limit)?;
    users.extend(creations.iter().map(|creation| creation.object_id.clone()));
    let users: BTreeSet<String> = users.into_iter().take(limit as usize).collect();
    records.extend(creations.into_iter().map(Record::from));
    records.retain(|record| users.contains(&record.object_id));
    let of_users = lookup::texts(users.into_iter());
    let sql = format!(
        "SELECT {COLUMNS} FROM journal j \
         WHERE j.run_id = ?1 AND j.source_id = ?2 AND j.object_id IN rarray(?3)"
    );
    let mut room = Room::new();
    collect(
        connection,
        &sql,
        params![run_id, source_id, of_users],
        &mut room,
        &mut records,
    )?;
    records.sort_unstable_by(|left, right| {
        (&left.object_id, right.number).cmp(&(&right.object_id, left.number))
    });
    tell(connection, records, room)
}

/// The last changes to somebody, newest first.
pub(super) fn of(
    connection: &Connection,
    source: &str,
    who: &Who,
    limit: u32,
) -> Result<Vec<JournalEntry>, DatabaseError> {
    let source_id = sources::source_or_none(connection, source)?;
    let mut records = Vec::new();
    let mut room = Room::new();
    let contacts = match who {
        Who::User(user) => contacts_of(connection, source_id, user)?,
        Who::Contact(contact) => identity::from_text(contact).into_iter().collect(),
        Who::Address(address) => {
            let mut contacts = lookup::with_address(connection, address)?;
            let deleted: Vec<i64> = connection
                .prepare_cached("SELECT contact_id FROM journal WHERE address = ?1")?
                .query_map([address_key::hash(connection, address)?], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            contacts.extend(deleted);
            contacts.into_iter().collect()
        }
    };
    for contact in &contacts {
        let creation = creations::of_contact(connection, *contact)?;
        records.extend(creation.map(Record::from));
    }
    records.retain(|record| record.source_id == source_id);
    let contacts = lookup::numbers(contacts.into_iter());
    let of_contacts = "SELECT number FROM journal WHERE contact_id IN rarray(?1)";
    let last = "AND j.source_id = ?2 ORDER BY j.number DESC LIMIT ?3";
    if let Who::User(user) = who {
        records.retain(|record| record.object_id == *user);
        let sql = format!(
            "SELECT {COLUMNS} FROM journal j WHERE j.object_id = ?4 AND j.number IN \
                 (SELECT number FROM journal WHERE object_id = ?4 AND effect <> 'create' \
                  UNION {of_contacts}) {last}"
        );
        let parameters = params![contacts, source_id, limit, user];
        collect(connection, &sql, parameters, &mut room, &mut records)?;
    } else {
        let sql =
            format!("SELECT {COLUMNS} FROM journal j WHERE j.number IN ({of_contacts}) {last}");
        let parameters = params![contacts, source_id, limit];
        collect(connection, &sql, parameters, &mut room, &mut records)?;
    }
    records.sort_unstable_by_key(|record| Reverse(record.number));
    records.truncate(limit as usize);
    tell(connection, records, room)
}

/// The contacts of a user: linked to them now or until the link was taken away, or known to the journal. Who
/// was only created is found by the contact.
pub(super) fn contacts_of(
    connection: &Connection,
    source_id: i64,
    user: &str,
) -> Result<BTreeSet<i64>, DatabaseError> {
    let linked = OBJECTS.over(|objects| {
        format!("SELECT contact_id FROM {objects} WHERE source_id = ?1 AND object_id = ?2")
    });
    let sql = format!(
        "{linked} UNION ALL SELECT contact_id FROM former_links \
             WHERE source_id = ?1 AND object_id = ?3 \
         UNION ALL SELECT contact_id FROM journal WHERE object_id = ?3 AND effect <> 'create'"
    );
    let contacts = connection
        .prepare_cached(&sql)?
        .query_map(params![source_id, ObjectKey(user), user], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(contacts)
}

/// The entry of a number.
pub(super) fn numbered(
    connection: &Connection,
    number: i64,
) -> Result<Option<Record>, DatabaseError> {
    let sql = format!("SELECT {COLUMNS} FROM journal j WHERE j.number = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([number])?;
    match rows.next()? {
        Some(row) => Record::read(row).map(Some),
        None => Ok(creations::numbered(connection, number)?.map(Record::from)),
    }
}

/// How many entries the run of an entry has of a contact, for users of a source.
pub(super) fn entries_beside(
    connection: &Connection,
    source_id: i64,
    contact: i64,
    number: i64,
) -> Result<i64, DatabaseError> {
    let run_id = numbered(connection, number)?.and_then(|record| record.run_id);
    let written: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM journal \
             WHERE contact_id = ?1 AND source_id = ?2 AND run_id IS ?3",
        )?
        .query_row(params![contact, source_id, run_id], |row| row.get(0))?;
    let creation = creations::of_contact(connection, contact)?
        .filter(|creation| (creation.source_id, creation.run_id) == (source_id, run_id));
    Ok(written + i64::from(creation.is_some()))
}

/// Whether a run has done anything to a user, of whichever source.
pub(super) fn has_done(
    connection: &Connection,
    run_id: i64,
    user: &str,
) -> Result<bool, DatabaseError> {
    let sources: Vec<i64> = connection
        .prepare_cached("SELECT id FROM sources WHERE id <> 0")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut entries = connection.prepare_cached(
        "SELECT 1 FROM journal WHERE run_id = ?1 AND object_id = ?2 AND contact_id = ?3",
    )?;
    for source_id in sources {
        for contact in contacts_of(connection, source_id, user)? {
            let creation = creations::of_contact(connection, contact)?;
            let is_created = creation.is_some_and(|creation| {
                creation.run_id == Some(run_id) && creation.object_id == user
            });
            if is_created || entries.exists(params![run_id, user, contact])? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// How many users a run has done something to, and how many changes that were.
pub(super) fn extent_of(connection: &Connection, run_id: i64) -> Result<(u64, u64), DatabaseError> {
    let creations = creations::count(connection, run_id)?;
    let entries: i64 = connection
        .prepare_cached("SELECT count(*) FROM journal WHERE run_id = ?1")?
        .query_row([run_id], |row| row.get(0))?;
    let mut people = creations;
    let mut statement = connection
        .prepare_cached("SELECT DISTINCT object_id, source_id FROM journal WHERE run_id = ?1")?;
    let mut rows = statement.query([run_id])?;
    while let Some(row) = rows.next()? {
        let (user, source_id): (String, i64) = (row.get(0)?, row.get(1)?);
        // Whoever was created, too, is counted already.
        let is_counted = creations > 0 && is_created_in(connection, run_id, source_id, &user)?;
        people += i64::from(!is_counted);
    }
    Ok((people.unsigned_abs(), (creations + entries).unsigned_abs()))
}

fn is_created_in(
    connection: &Connection,
    run_id: i64,
    source_id: i64,
    user: &str,
) -> Result<bool, DatabaseError> {
    for contact in contacts_of(connection, source_id, user)? {
        let creation = creations::of_contact(connection, contact)?;
        if creation
            .is_some_and(|creation| creation.run_id == Some(run_id) && creation.object_id == user)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn collect(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
    room: &mut Room,
    records: &mut Vec<Record>,
) -> Result<(), DatabaseError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let record = Record::read(row)?;
        room.row(record.length())?;
        records.push(record);
    }
    Ok(())
}

/// The entries in the contract's words.
fn tell(
    connection: &Connection,
    records: Vec<Record>,
    mut room: Room,
) -> Result<Vec<JournalEntry>, DatabaseError> {
    let mut entries = Vec::with_capacity(records.len());
    let mut spelling = Spelling::default();
    for record in records {
        let entry = entry(connection, record, &mut spelling)?;
        let what = &entry.what;
        if what.effect == Effect::Create {
            // Read from elsewhere, see `given`.
            room.row(what.fields.iter().map(length).sum())?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|_| DatabaseError::unreadable("an entry of the journal"))
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
        let before = Replaced::read(text.as_deref())?;
        let links = before.whole.map(|whole| whole.links).unwrap_or_default();
        let of_deleted = links.into_iter().find(|(source, ..)| *source == source_id);
        base = before.base.or(of_deleted.map(|(_, _, base)| base));
    }
    let given = match base {
        Some(base) => base::from_text(&base)?,
        None => base_now(connection, source_id, contact)?,
    };
    let given = given.into_iter().map(|field| FieldChange {
        field: field.name,
        before: None,
        after: Some(field.value),
    });
    let mut given: Vec<_> = given.collect();
    given.sort_unstable_by(|left, right| left.field.cmp(&right.field));
    Ok(given)
}

/// The base of a contact's link of a source, as it is now.
fn base_now(
    connection: &Connection,
    source_id: i64,
    contact: i64,
) -> Result<Vec<Field>, DatabaseError> {
    let found = lookup::contacts(connection, source_id, &[contact], &[])?;
    let link = found.into_iter().find_map(|contact| contact.link);
    Ok(link.map(|link| link.base).unwrap_or_default())
}

fn entry(
    connection: &Connection,
    record: Record,
    spelling: &mut Spelling,
) -> Result<JournalEntry, DatabaseError> {
    let evidence = record.evidence.as_deref();
    let evidence: Option<StoredEvidence> = evidence.map(from_json).transpose()?;
    let before = Replaced::read(record.before.as_deref())?.spelt(connection, spelling)?;
    let (contact, source_id) = (record.contact, record.source_id);
    let Moves { joins, leaves } = before.moves(connection, source_id)?;
    let directory = before.given.clone();
    let fields = match &before.whole {
        Some(whole) => whole.lost(),
        None if record.effect == Effect::Create && before.fields.is_empty() => {
            given(connection, source_id, record.number, contact)?
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
        number: JournalNumber {
            number: identity::to_version(record.number),
        },
        run: run_name(connection, record.run_id)?,
        at_ms: record.at_ms.unsigned_abs(),
        contact: identity::to_text(contact),
        version: identity::to_version(record.version),
        what: EffectOnContact {
            object_id: record.object_id,
            effect: record.effect,
            reason: record.reason,
            evidence: evidence.map(Evidence::from),
            fields,
            joins,
            leaves,
        },
        directory: directory.into_iter().map(Into::into).collect(),
    })
}

fn run_name(connection: &Connection, run_id: Option<i64>) -> Result<Option<String>, DatabaseError> {
    let name = connection
        .prepare_cached("SELECT name FROM run_names WHERE id = ?1")?
        .query_row([run_id], |row| row.get(0))
        .optional()?;
    Ok(name)
}
