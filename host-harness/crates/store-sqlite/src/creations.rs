//! Creations in the journal: one row for the contacts that a commit makes one after another.
//!
//! A first sync creates everybody, and all that an entry of its own would say is known already: the contact
//! has the user and what it was given, and the neighbours have the reason, the run and the time. So contacts
//! that follow each other are one row, in which each has its number as if it were an entry. Readers of the
//! journal cannot tell the difference.
//!
//! Before a contact loses its link, or is deleted, its creation is written out as an entry under that number;
//! from then on the entry counts.

use connector_contract::Effect;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::errors::DatabaseError;
use super::object_key::{ObjectText, Order};

/// Contacts of one commit that follow each other, on their way into a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CreationRange {
    pub(super) number: i64,
    pub(super) first_contact: i64,
    pub(super) contacts: i64,
    pub(super) source_id: i64,
    pub(super) run_id: Option<i64>,
    pub(super) at_ms: i64,
    pub(super) reason: String,
    /// As in the journal: the lists that each of them was put on.
    pub(super) before: Option<String>,
}

impl CreationRange {
    /// Whether one more contact is the next of these; then it is.
    pub(super) fn takes(&mut self, one: &Self) -> bool {
        let is_next = one.number == self.number + self.contacts
            && one.first_contact == self.first_contact + self.contacts
            && one.reason == self.reason
            && one.before == self.before
            && (one.source_id, one.run_id, one.at_ms) == (self.source_id, self.run_id, self.at_ms);
        self.contacts += i64::from(is_next);
        is_next
    }

    /// Writes the row.
    pub(super) fn write(&self, connection: &Connection) -> Result<(), DatabaseError> {
        connection
            .prepare_cached(
                "INSERT INTO creations (number, first_contact, contacts, source_id, run_id, at_ms, \
                 reason, before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.number,
                self.first_contact,
                self.contacts,
                self.source_id,
                self.run_id,
                self.at_ms,
                self.reason,
                self.before,
            ])?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            first_contact: row.get(1)?,
            contacts: row.get(2)?,
            source_id: row.get(3)?,
            run_id: row.get(4)?,
            at_ms: row.get(5)?,
            reason: row.get(6)?,
            before: row.get(7)?,
        })
    }

    /// The creation of the contact that has such a place among these.
    fn at(&self, place: i64, object_id: String) -> Creation {
        Creation {
            number: self.number + place,
            contact: self.first_contact + place,
            object_id,
            source_id: self.source_id,
            run_id: self.run_id,
            at_ms: self.at_ms,
            reason: self.reason.clone(),
            before: self.before.clone(),
        }
    }
}

/// The creation of one contact, as an entry of the journal would have it.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    pub(super) number: i64,
    pub(super) contact: i64,
    pub(super) object_id: String,
    pub(super) source_id: i64,
    pub(super) run_id: Option<i64>,
    pub(super) at_ms: i64,
    pub(super) reason: String,
    pub(super) before: Option<String>,
}

const COLUMNS: &str = "b.number, b.first_contact, b.contacts, b.source_id, b.run_id, b.at_ms, b.reason, \
                       b.before";

/// The creation of a contact, unless it is an entry of its own or was forgotten.
pub(super) fn of_contact(
    connection: &Connection,
    contact: i64,
) -> Result<Option<Creation>, DatabaseError> {
    let series = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM creations b WHERE b.first_contact <= ?1 \
             ORDER BY b.first_contact DESC LIMIT 1"
        ))?
        .query_row([contact], CreationRange::read)
        .optional()?;
    match series {
        Some(series) => within(connection, &series, contact - series.first_contact),
        None => Ok(None),
    }
}

/// The creation that has a number, unless it is an entry of its own or was forgotten.
pub(super) fn numbered(
    connection: &Connection,
    number: i64,
) -> Result<Option<Creation>, DatabaseError> {
    let series = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM creations b WHERE b.number <= ?1 ORDER BY b.number DESC LIMIT 1"
        ))?
        .query_row([number], CreationRange::read)
        .optional()?;
    match series {
        Some(series) => within(connection, &series, number - series.number),
        None => Ok(None),
    }
}

fn within(
    connection: &Connection,
    series: &CreationRange,
    place: i64,
) -> Result<Option<Creation>, DatabaseError> {
    if place >= series.contacts || is_written_out(connection, series.number + place)? {
        return Ok(None);
    }
    let object_id: Option<ObjectText> = connection
        .prepare_cached(
            "SELECT object_id FROM contacts WHERE id = ?1 AND source_id = ?2 \
             UNION ALL SELECT object_id FROM links WHERE contact_id = ?1 AND source_id = ?2",
        )?
        .query_row([series.first_contact + place, series.source_id], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(object_id.map(|ObjectText(object_id)| series.at(place, object_id)))
}

fn is_written_out(connection: &Connection, number: i64) -> Result<bool, DatabaseError> {
    let is = connection
        .prepare_cached("SELECT 1 FROM journal WHERE number = ?1")?
        .exists([number])?;
    Ok(is)
}

/// The creations of a run, of the next users in order of the object id.
pub(super) fn of_run(
    connection: &Connection,
    source_id: i64,
    run_id: i64,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Creation>, DatabaseError> {
    // The user is that of the contact's link of this source, wherever that stands.
    let linked = |from: &str, contact: &str| {
        format!(
            "SELECT {COLUMNS}, {contact} - b.first_contact AS place, l.object_id AS object_id \
             FROM creations b CROSS JOIN {from} l \
             ON {contact} >= b.first_contact AND {contact} < b.first_contact + b.contacts \
             WHERE b.run_id = ?1 AND b.source_id = ?2 AND l.source_id = ?2 \
             AND l.object_id >= ?3 AND l.object_id < ?4 \
             AND NOT EXISTS (SELECT 1 FROM journal j \
                 WHERE j.number = b.number + {contact} - b.first_contact)"
        )
    };
    let sql = format!(
        "{} UNION ALL {} ORDER BY object_id LIMIT ?5",
        linked("contacts", "l.id"),
        linked("links", "l.contact_id")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut creations = Vec::new();
    for (from, to) in Order::after(after).ranges() {
        let mut rows = statement.query(params![run_id, source_id, from, to, limit])?;
        while let Some(row) = rows.next()? {
            let ObjectText(object_id) = row.get(9)?;
            creations.push(CreationRange::read(row)?.at(row.get(8)?, object_id));
        }
    }
    creations.sort_unstable_by(|left, right| left.object_id.cmp(&right.object_id));
    creations.truncate(limit as usize);
    Ok(creations)
}

/// How many creations of a run are no entries of their own.
pub(super) fn count(connection: &Connection, run_id: i64) -> Result<i64, DatabaseError> {
    let count = connection
        .prepare_cached(
            "SELECT coalesce(sum(b.contacts - (SELECT count(*) FROM journal j \
                 WHERE j.number >= b.number AND j.number < b.number + b.contacts)), 0) \
             FROM creations b WHERE b.run_id = ?1",
        )?
        .query_row([run_id], |row| row.get(0))?;
    Ok(count)
}

/// Writes the creation of a contact out as an entry, where it is none yet.
pub(super) fn write_out(connection: &Connection, contact: i64) -> Result<(), DatabaseError> {
    let Some(creation) = of_contact(connection, contact)? else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO journal (number, source_id, run_id, at_ms, object_id, contact_id, effect, \
             reason, version, before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9)",
        )?
        .execute(params![
            creation.number,
            creation.source_id,
            creation.run_id,
            creation.at_ms,
            creation.object_id,
            creation.contact,
            Effect::Create.name(),
            creation.reason,
            creation.before,
        ])?;
    Ok(())
}

/// Forgets creations of a run, at most so many rows of them; how many.
pub(super) fn forget(
    connection: &Connection,
    run_id: i64,
    limit: u32,
) -> Result<usize, DatabaseError> {
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM creations WHERE number IN \
             (SELECT number FROM creations WHERE run_id = ?1 LIMIT ?2)",
        )?
        .execute(params![run_id, limit])?;
    Ok(forgotten)
}
