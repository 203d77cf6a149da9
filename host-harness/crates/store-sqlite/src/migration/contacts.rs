//! Contacts of an old file with their links, which become one row, and what finds them.

use std::collections::BTreeMap;

use connector_contract::Field;
use rusqlite::types::{Null, Value};
use rusqlite::{Connection, Transaction, params};

use crate::custom::CustomFields;
use crate::errors::DatabaseError;
use crate::fields::{DESCRIBED, column};
use crate::object_key::ObjectKey;
use crate::statements::{INSERT_ADDRESS, INSERT_CONTACT, INSERT_OBJECT};
use crate::{address_hash, base};

/// A link of the old file.
struct OldLink {
    number: i64,
    source_id: i64,
    object_id: String,
    base: String,
}

/// A contact of the old file.
struct OldContact {
    id: i64,
    version: i64,
    active: bool,
    filled: i64,
    described: Vec<Option<String>>,
    custom: Vec<Field>,
    /// By source.
    links: Vec<OldLink>,
}

/// Copies the next contacts; how many.
pub(super) fn copy_portion(
    old: &Connection,
    new: &Transaction<'_>,
    portion: usize,
) -> Result<usize, DatabaseError> {
    let after: i64 = new.query_row("SELECT coalesce(max(id), 0) FROM contacts", [], |row| {
        row.get(0)
    })?;
    let contacts = read(old, after, portion)?;
    for contact in contacts.values() {
        write(new, contact)?;
    }
    Ok(contacts.len())
}

fn read(
    old: &Connection,
    after: i64,
    portion: usize,
) -> Result<BTreeMap<i64, OldContact>, DatabaseError> {
    let columns: Vec<_> = DESCRIBED.iter().map(column).collect();
    let sql = format!(
        "SELECT id, version, active, filled, {} FROM contacts WHERE id > ?1 ORDER BY id LIMIT {portion}",
        columns.join(", ")
    );
    let mut contacts: BTreeMap<i64, OldContact> = old
        .prepare_cached(&sql)?
        .query_map([after], |row| {
            let described = (4..4 + DESCRIBED.len()).map(|column| row.get(column));
            let contact = OldContact {
                id: row.get(0)?,
                version: row.get(1)?,
                active: row.get(2)?,
                filled: row.get(3)?,
                described: described.collect::<Result<_, _>>()?,
                custom: Vec::new(),
                links: Vec::new(),
            };
            Ok((contact.id, contact))
        })?
        .collect::<Result<_, _>>()?;
    let Some((last, _)) = contacts.last_key_value() else {
        return Ok(contacts);
    };
    let (after, last) = (after, *last);
    let mut statement = old.prepare_cached(
        "SELECT contact_id, source_id, object_id, base, sequence FROM links \
         WHERE contact_id > ?1 AND contact_id <= ?2 ORDER BY contact_id, source_id",
    )?;
    let mut rows = statement.query([after, last])?;
    while let Some(row) = rows.next()? {
        if let Some(contact) = contacts.get_mut(&row.get(0)?) {
            contact.links.push(OldLink {
                source_id: row.get(1)?,
                object_id: row.get(2)?,
                base: row.get(3)?,
                number: row.get(4)?,
            });
        }
    }
    let known = CustomFields::read(old)?;
    let mut statement = old.prepare_cached(
        "SELECT v.contact_id, f.name, v.value FROM custom_values v \
         JOIN custom_fields f ON f.id = v.field_id WHERE v.contact_id > ?1 AND v.contact_id <= ?2",
    )?;
    if known.len() > 0 {
        let mut rows = statement.query([after, last])?;
        while let Some(row) = rows.next()? {
            if let Some(contact) = contacts.get_mut(&row.get(0)?) {
                contact.custom.push(Field {
                    name: row.get(1)?,
                    value: row.get(2)?,
                });
            }
        }
    }
    Ok(contacts)
}

fn write(new: &Connection, contact: &OldContact) -> Result<(), DatabaseError> {
    let first = contact.links.first();
    let mut held: Vec<Field> = DESCRIBED
        .iter()
        .zip(&contact.described)
        .filter_map(|(field, value)| {
            Some(Field {
                name: field.name.to_owned(),
                value: value.clone()?,
            })
        })
        .collect();
    held.extend(contact.custom.iter().cloned());
    // A base that is what the fields hold is not written a second time.
    let written = match first {
        Some(link) if !base::is_held(&base::from_text(&link.base)?, &held) => Some(&link.base),
        _ => None,
    };
    let mut statement = new.prepare_cached(&INSERT_CONTACT)?;
    statement.raw_bind_parameter(1, contact.id)?;
    statement.raw_bind_parameter(2, contact.version)?;
    statement.raw_bind_parameter(3, contact.active)?;
    statement.raw_bind_parameter(4, contact.filled)?;
    statement.raw_bind_parameter(5, first.map(|link| link.source_id))?;
    statement.raw_bind_parameter(6, first.map(|link| ObjectKey(&link.object_id)))?;
    statement.raw_bind_parameter(7, first.map(|link| link.number))?;
    statement.raw_bind_parameter(8, written)?;
    // Whoever is found in step is marked then.
    statement.raw_bind_parameter(9, Null)?;
    statement.raw_bind_parameter(10, Null)?;
    for (place, value) in contact.described.iter().enumerate() {
        statement.raw_bind_parameter(place + 11, value)?;
    }
    statement.raw_execute()?;
    for link in &contact.links {
        let key: Value = ObjectKey(&link.object_id).to_value();
        new.prepare_cached(INSERT_OBJECT)?.execute(params![
            link.source_id,
            key,
            contact.id,
            link.number
        ])?;
    }
    for link in contact.links.iter().skip(1) {
        new.prepare_cached(
            "INSERT INTO links (contact_id, source_id, object_id, link, base) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            contact.id,
            link.source_id,
            ObjectKey(&link.object_id),
            link.number,
            link.base
        ])?;
    }
    let email = held.iter().find(|field| field.name == "email");
    if let Some(email) = email {
        new.prepare_cached(INSERT_ADDRESS)?
            .execute([address_hash::hash_of(&email.value), contact.id])?;
    }
    Ok(())
}
