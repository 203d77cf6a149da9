//! Fetching contacts for the connector: a page at a time, in a handful of statements whatever the
//! page's size.
//!
//! A fetch has two steps: which rows (one statement over all criteria, each contact once), and what
//! is in them (one statement each for columns, custom values and lists). The ids go in as an array,
//! so that the statements' texts, and their plans, stay the same.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use connector_contract::{Contact, Field, Link, Query};
use rusqlite::types::Value;
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, Row, params};

use super::custom::CustomFields;
use super::errors::DatabaseError;
use super::fields::{self, DESCRIBED, Described};
use super::room::Room;
use super::{base, identity, writing};

/// Most ids and keys of one query, and most changes of one commit.
pub(super) const MAX_BATCH: u32 = 5_000;

/// All contacts that meet the query.
pub(super) fn lookup(
    connection: &Connection,
    query: &Query,
) -> Result<Vec<Contact>, DatabaseError> {
    let source_id = source_or_none(connection, &query.source)?;
    let ids = matching(connection, source_id, query)?;
    contacts(connection, source_id, &ids, &query.fields)
}

/// The id of a source; one that no row has where the source is new, so that every question about it
/// has its natural answer.
pub(super) fn source_or_none(connection: &Connection, source: &str) -> Result<i64, DatabaseError> {
    Ok(writing::find_source(connection, source)?.unwrap_or(-1))
}

fn matching(
    connection: &Connection,
    source_id: i64,
    query: &Query,
) -> Result<Vec<i64>, DatabaseError> {
    // CROSS JOIN keeps the order: SQLite must walk the few that are asked for, not the table.
    let mut statement = connection.prepare_cached(
        "SELECT l.contact_id FROM rarray(?2) AS asked \
             CROSS JOIN links l ON l.source_id = ?1 AND l.object_id = asked.value \
         UNION SELECT f.contact_id FROM rarray(?2) AS asked \
             CROSS JOIN former_links f ON f.source_id = ?1 AND f.object_id = asked.value \
         UNION SELECT c.id FROM rarray(?3) AS asked \
             CROSS JOIN contacts c ON c.email_key = asked.value \
         UNION SELECT c.id FROM rarray(?4) AS asked CROSS JOIN contacts c ON c.id = asked.value",
    )?;
    let object_ids = texts(query.object_ids.iter().cloned());
    let keys = texts(query.match_keys.iter().map(|key| fields::email_key(key)));
    let contacts = numbers(
        query
            .contacts
            .iter()
            .filter_map(|id| identity::from_text(id)),
    );
    let ids = statement
        .query_map(params![source_id, object_ids, keys, contacts], |row| {
            row.get(0)
        })?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Texts as an array parameter.
pub(super) fn texts(values: impl Iterator<Item = String>) -> Array {
    Rc::new(values.map(Value::Text).collect())
}

/// Texts as an array parameter, each once.
pub(super) fn distinct(values: &[String]) -> Array {
    let values: BTreeSet<&String> = values.iter().collect();
    texts(values.into_iter().cloned())
}

/// Row ids as an array parameter.
pub(super) fn numbers(values: impl Iterator<Item = i64>) -> Array {
    Rc::new(values.map(Value::Integer).collect())
}

/// The contacts of those rows, in that order, with the fields that are asked for and what the source
/// knows of them.
pub(super) fn contacts(
    connection: &Connection,
    source_id: i64,
    ids: &[i64],
    asked: &[String],
) -> Result<Vec<Contact>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let array = numbers(ids.iter().copied());
    let mut named = BTreeSet::new();
    let asked: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|name| named.insert(*name))
        .collect();
    let mut found = Found::with_capacity(ids.len());
    read_rows(connection, source_id, &array, &asked, &mut found)?;
    read_custom(connection, &array, &asked, &mut found)?;
    read_lists(connection, source_id, &array, &mut found)?;
    Ok(found.contacts)
}

/// Contacts in order, and where each row's contact stands among them.
struct Found {
    room: Room,
    contacts: Vec<Contact>,
    places: HashMap<i64, usize>,
}

impl Found {
    fn with_capacity(contacts: usize) -> Self {
        Self {
            room: Room::new(),
            contacts: Vec::with_capacity(contacts),
            places: HashMap::with_capacity(contacts),
        }
    }

    fn contact(&mut self, id: i64) -> Option<&mut Contact> {
        let place = self.places.get(&id)?;
        self.contacts.get_mut(*place)
    }
}

fn read_rows(
    connection: &Connection,
    source_id: i64,
    ids: &Array,
    asked: &[&str],
    found: &mut Found,
) -> Result<(), DatabaseError> {
    let described: Vec<&Described> = asked
        .iter()
        .filter_map(|name| fields::position(name))
        .filter_map(|place| DESCRIBED.get(place))
        .collect();
    let columns: String = described
        .iter()
        .map(|field| format!(", c.{}", fields::column(field)))
        .collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT c.id, c.version, c.active, l.object_id, l.base, f.object_id{columns} \
         FROM rarray(?1) AS asked CROSS JOIN contacts c ON c.id = asked.value \
         LEFT JOIN links l ON l.contact_id = c.id AND l.source_id = ?2 \
         LEFT JOIN former_links f ON f.contact_id = c.id AND f.source_id = ?2"
    ))?;
    let mut rows = statement.query(params![ids, source_id])?;
    while let Some(row) = rows.next()? {
        found.room.whole(row)?;
        let id: i64 = row.get(0)?;
        found.places.insert(id, found.contacts.len());
        found.contacts.push(Contact {
            id: identity::to_text(id),
            version: identity::to_version(row.get(1)?),
            active: row.get(2)?,
            fields: filled_columns(row, &described)?,
            link: read_link(row)?,
            former: row.get(5)?,
            lists: Vec::new(),
        });
    }
    Ok(())
}

fn filled_columns(row: &Row<'_>, described: &[&Described]) -> Result<Vec<Field>, DatabaseError> {
    let mut filled = Vec::with_capacity(described.len());
    for (column, field) in (6..).zip(described) {
        if let Some(value) = row.get(column)? {
            filled.push(Field {
                name: field.name.to_owned(),
                value,
            });
        }
    }
    Ok(filled)
}

fn read_link(row: &Row<'_>) -> Result<Option<Link>, DatabaseError> {
    let Some(object_id) = row.get(3)? else {
        return Ok(None);
    };
    let text = row
        .get_ref(4)?
        .as_str()
        .map_err(|_| DatabaseError::unreadable("the base of a link"))?;
    Ok(Some(Link {
        object_id,
        base: base::from_text(text)?,
    }))
}

fn read_custom(
    connection: &Connection,
    ids: &Array,
    asked: &[&str],
    found: &mut Found,
) -> Result<(), DatabaseError> {
    if asked.iter().all(|name| fields::position(name).is_some()) {
        return Ok(());
    }
    let known = CustomFields::read(connection)?;
    let names: HashMap<i64, &&str> = asked
        .iter()
        .filter_map(|name| known.id(name).map(|id| (id, name)))
        .collect();
    let mut statement = connection.prepare_cached(
        "SELECT v.contact_id, v.field_id, v.value FROM rarray(?1) AS asked \
         CROSS JOIN custom_values v ON v.contact_id = asked.value",
    )?;
    let mut rows = statement.query([ids])?;
    while let Some(row) = rows.next()? {
        let (contact, field): (i64, i64) = (row.get(0)?, row.get(1)?);
        let Some(name) = names.get(&field) else {
            continue;
        };
        found.room.whole(row)?;
        if let Some(contact) = found.contact(contact) {
            contact.fields.push(Field {
                name: (**name).to_owned(),
                value: row.get(2)?,
            });
        }
    }
    Ok(())
}

fn read_lists(
    connection: &Connection,
    source_id: i64,
    ids: &Array,
    found: &mut Found,
) -> Result<(), DatabaseError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.contact_id, t.name FROM rarray(?1) AS asked \
         CROSS JOIN memberships m ON m.contact_id = asked.value \
         CROSS JOIN lists t ON t.id = m.list_id WHERE m.manager = ?2",
    )?;
    let mut rows = statement.query(params![ids, source_id])?;
    while let Some(row) = rows.next()? {
        found.room.whole(row)?;
        if let Some(contact) = found.contact(row.get(0)?) {
            contact.lists.push(row.get(1)?);
        }
    }
    Ok(())
}
