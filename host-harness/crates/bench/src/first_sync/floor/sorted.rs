//! The cheapest tables that were found to keep what a sync must keep.
//!
//! One row a person, in the order in which they came: the object id as 16 bytes, a hash of the address, and the
//! fields as one value. Whoever is looked for by an id or an address is found in two index tables, which take
//! 25,000 entries at a time, in order; the newest are in memory until then. A page is looked up, written,
//! entered into the journal as one range, and passed by the cursor, in one transaction.
//!
//! It is a floor and no store: nothing is ever changed or taken away, a hash that collides would mix people up,
//! and whoever opened the file would have to read the newest rows into memory first.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::rc::Rc;

use rusqlite::types::Value;
use rusqlite::vtab::array;
use rusqlite::{Connection, Transaction, params, params_from_iter};

use super::super::people::{FIELDS, Person};
use super::{Tables, connect};

/// Entries with which the index tables grow at a time.
const MERGED_AT_ONCE: usize = 25_000;

/// Rows that one statement inserts.
const ROWS: usize = 27;

const TABLES: &str = "
    CREATE TABLE contacts (
        id INTEGER PRIMARY KEY,
        object_id BLOB NOT NULL,
        address INTEGER,
        fields BLOB NOT NULL
    ) STRICT;
    CREATE TABLE objects (object_id BLOB PRIMARY KEY, contact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE addresses (
        hash INTEGER NOT NULL,
        contact INTEGER NOT NULL,
        PRIMARY KEY (hash, contact)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE members (
        list INTEGER NOT NULL,
        contact INTEGER NOT NULL,
        PRIMARY KEY (list, contact)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY,
        first_contact INTEGER NOT NULL,
        contacts INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/// 16 bytes, or what else the directory calls an object id.
type ObjectId = Vec<u8>;

pub(super) struct SortedTables {
    connection: Connection,
    /// The id of the last contact.
    last: i64,
    pages: i64,
    /// What the index tables do not have yet.
    new_objects: HashMap<ObjectId, i64>,
    new_addresses: Vec<(i64, i64)>,
}

/// Somebody as a row.
struct Row {
    object_id: ObjectId,
    address: Option<i64>,
    fields: Vec<u8>,
}

impl Tables for SortedTables {
    fn make(path: &Path) -> rusqlite::Result<Self> {
        let connection = connect(path)?;
        array::load_module(&connection)?;
        connection.execute_batch(TABLES)?;
        Ok(Self {
            connection,
            last: 0,
            pages: 0,
            new_objects: HashMap::new(),
            new_addresses: Vec::new(),
        })
    }

    fn page(&mut self, people: &[Person]) -> rusqlite::Result<()> {
        let rows: Vec<Row> = people.iter().map(row).collect();
        let transaction = self.connection.transaction()?;
        let known = known(&transaction, &rows)?;
        let known_here = |row: &Row| {
            known.contains(&row.object_id) || self.new_objects.contains_key(&row.object_id)
        };
        let created: Vec<Row> = rows.into_iter().filter(|row| !known_here(row)).collect();
        let first = self.last + 1;
        insert_contacts(&transaction, first, &created)?;
        for row in created {
            self.last += 1;
            if let Some(address) = row.address {
                self.new_addresses.push((address, self.last));
            }
            self.new_objects.insert(row.object_id, self.last);
        }
        if self.last >= first {
            transaction
                .prepare_cached("INSERT INTO journal (first_contact, contacts) VALUES (?1, ?2)")?
                .execute([first, self.last + 1 - first])?;
        }
        self.pages += 1;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO state VALUES ('cursor', ?1)")?
            .execute([self.pages])?;
        if self.new_objects.len() >= MERGED_AT_ONCE {
            merge(&transaction, &mut self.new_objects, &mut self.new_addresses)?;
        }
        transaction.commit()
    }

    fn close(mut self) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        merge(&transaction, &mut self.new_objects, &mut self.new_addresses)?;
        transaction.commit()?;
        self.connection.close().map_err(|(_, error)| error)
    }
}

/// Whom of a page the index tables know, and, as a sync must, who has their addresses.
fn known(transaction: &Transaction<'_>, rows: &[Row]) -> rusqlite::Result<HashSet<ObjectId>> {
    let ids = rows.iter().map(|row| Value::Blob(row.object_id.clone()));
    let hashes = rows
        .iter()
        .filter_map(|row| row.address.map(Value::Integer));
    // Everybody is created here; a sync would link whoever holds one.
    let _holders: i64 = transaction
        .prepare_cached(
            "SELECT count(*) FROM rarray(?1) AS asked CROSS JOIN addresses ON hash = asked.value",
        )?
        .query_row([Rc::new(hashes.collect::<Vec<_>>())], |row| row.get(0))?;
    transaction
        .prepare_cached(
            "SELECT object_id FROM rarray(?1) AS asked CROSS JOIN objects ON object_id = asked.value",
        )?
        .query_map([Rc::new(ids.collect::<Vec<_>>())], |row| row.get(0))?
        .collect()
}

fn insert_contacts(
    transaction: &Transaction<'_>,
    first: i64,
    rows: &[Row],
) -> rusqlite::Result<()> {
    let mut id = first;
    for portion in rows.chunks(ROWS) {
        let places = |row: &str| vec![row; portion.len()].join(", ");
        let mut contacts = transaction.prepare_cached(&format!(
            "INSERT INTO contacts VALUES {}",
            places("(?, ?, ?, ?)")
        ))?;
        let mut members = transaction
            .prepare_cached(&format!("INSERT INTO members VALUES {}", places("(1, ?)")))?;
        let ids = id..;
        contacts.execute(params_from_iter(portion.iter().zip(ids.clone()).flat_map(
            |(row, id)| {
                [
                    Value::Integer(id),
                    Value::Blob(row.object_id.clone()),
                    row.address.map_or(Value::Null, Value::Integer),
                    Value::Blob(row.fields.clone()),
                ]
            },
        )))?;
        members.execute(params_from_iter(ids.take(portion.len())))?;
        id += portion.len() as i64;
    }
    Ok(())
}

/// Puts what is new into the index tables, in order.
fn merge(
    transaction: &Transaction<'_>,
    objects: &mut HashMap<ObjectId, i64>,
    addresses: &mut Vec<(i64, i64)>,
) -> rusqlite::Result<()> {
    let mut in_order: Vec<_> = objects.drain().collect();
    in_order.sort_unstable();
    let mut insert = transaction.prepare_cached("INSERT INTO objects VALUES (?1, ?2)")?;
    for (object_id, contact) in in_order {
        insert.execute(params![object_id, contact])?;
    }
    addresses.sort_unstable();
    let mut insert = transaction.prepare_cached("INSERT INTO addresses VALUES (?1, ?2)")?;
    for (hash, contact) in addresses.drain(..) {
        insert.execute([hash, contact])?;
    }
    Ok(())
}

fn row(person: &Person) -> Row {
    let (object_id, values) = person
        .split_first()
        .map_or((&Value::Null, &[][..]), |(id, values)| (id, values));
    let mut fields = Vec::new();
    let mut address = None;
    for ((number, name), value) in (0_u8..).zip(FIELDS).zip(values) {
        let Value::Text(text) = value else { continue };
        if name == "email" {
            address = Some(hash(text));
        }
        fields.push(number);
        // No field of the store is longer than that.
        fields.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
        fields.extend(text.as_bytes());
    }
    Row {
        object_id: bytes(object_id),
        address,
        fields,
    }
}

fn hash(address: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    address.to_lowercase().hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// The bytes of a UUID; of anything else, those of the text.
fn bytes(object_id: &Value) -> ObjectId {
    let Value::Text(text) = object_id else {
        return ObjectId::new();
    };
    let digits: String = text.chars().filter(|digit| *digit != '-').collect();
    match u128::from_str_radix(&digits, 16) {
        Ok(number) if digits.len() == 32 => number.to_be_bytes().to_vec(),
        _ => text.clone().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::person;
    use super::*;

    #[test]
    fn a_row_has_the_id_as_bytes_and_the_filled_fields_alone() {
        let row = row(&person(0xab));
        assert_eq!(row.object_id.len(), 16);
        assert_eq!(row.object_id.last(), Some(&0xab));
        assert!(row.address.is_some());
        let first_name = b"\x00\x07\x00Zoe 171";
        assert!(row.fields.starts_with(first_name), "{:?}", row.fields);
        assert_eq!(bytes(&Value::Text("no uuid".to_owned())), b"no uuid");
    }
}
