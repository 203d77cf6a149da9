//! Fetching contacts for the connector: a page at a time, in a handful of statements whatever the
//! page's size.
//!
//! A fetch has two steps: which rows (those that are asked for, and candidates with the hash of an address),
//! and what is in them (one statement each for columns, custom values and lists); a candidate with another
//! address is dropped there. The ids go in as an array, so that the statements' texts, and their plans, stay
//! the same.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use connector_contract::{Contact, Field, Link, Query};
use rusqlite::types::Value;
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, Row, params};

use super::custom::CustomFields;
use super::errors::DatabaseError;
use super::fields::{self, DESCRIBED, EMAIL, FIRST_CUSTOM_BIT, email_key};
use super::levels::{ADDRESSES, OBJECTS};
use super::object_key::{ObjectKey, ObjectText};
use super::presence::Presence;
use super::room::Room;
use super::{address_hash, base, identity, sources, write_tx};

/// Most ids and keys of one query, and most changes of one commit.
pub(super) const MAX_BATCH: u32 = 5_000;

/// All contacts that meet the query.
pub(super) fn lookup(
    connection: &Connection,
    presence: &Presence,
    query: &Query,
) -> Result<Vec<Contact>, DatabaseError> {
    let source_id = sources::source_or_none(connection, &query.source)?;
    let (certain, linked) = named(connection, presence, source_id, query)?;
    let (mut keys, mut hashes) = (HashSet::new(), Vec::new());
    for key in &query.match_keys {
        let key = email_key(key);
        let hash = address_hash::hash(&key);
        if presence.may_have_address(hash) {
            keys.insert(key);
            hashes.push(hash);
        }
    }
    let mut wanted = Wanted { certain, keys };
    wanted.certain.sort_unstable();
    let mut ids = wanted.certain.clone();
    ids.extend(with_address_like(connection, hashes)?);
    ids.sort_unstable();
    ids.dedup();
    let found = read(connection, source_id, &ids, &query.fields, Some(&wanted))?;
    are_there(query, linked, &found)?;
    Ok(found)
}

/// The index and the rows are written in one transaction. Where a row is not as the index says, the file was
/// damaged in a place that SQLite does not check; taken for a person without a contact, somebody would be
/// created again, and refused, in every run.
fn are_there(query: &Query, linked: usize, found: &[Contact]) -> Result<(), DatabaseError> {
    if linked == 0 {
        return Ok(());
    }
    let asked: HashSet<&str> = query.object_ids.iter().map(String::as_str).collect();
    let links = found.iter().filter_map(|contact| contact.link.as_ref());
    let there = links.filter(|link| asked.contains(link.object_id.as_str()));
    if there.count() < linked {
        return Err(DatabaseError::unreadable("a contact that is linked"));
    }
    Ok(())
}

/// Contacts of the users and with the ids that are asked for; and how many users have one that is linked.
fn named(
    connection: &Connection,
    presence: &Presence,
    source_id: i64,
    query: &Query,
) -> Result<(Vec<i64>, usize), DatabaseError> {
    // CROSS JOIN keeps the order: SQLite must walk the few that are asked for, not the table.
    let linked = OBJECTS.over(|objects| {
        format!(
            "SELECT o.contact_id, true FROM rarray(?2) AS asked \
             CROSS JOIN {objects} o ON o.source_id = ?1 AND o.object_id = asked.value"
        )
    });
    let mut statement = connection.prepare_cached(&format!(
        "{linked} UNION ALL SELECT f.contact_id, false FROM rarray(?3) AS asked \
             CROSS JOIN former_links f ON f.source_id = ?1 AND f.object_id = asked.value \
         UNION ALL SELECT c.id, false FROM rarray(?4) AS asked CROSS JOIN contacts c ON c.id = asked.value"
    ))?;
    let users = query.object_ids.iter().map(String::as_str);
    let users = object_keys(users.filter(|user| presence.may_have_user(source_id, user)));
    let former = if write_tx::any_former(connection)? {
        texts(query.object_ids.iter().cloned())
    } else {
        texts(std::iter::empty())
    };
    let contacts = numbers(
        query
            .contacts
            .iter()
            .filter_map(|id| identity::from_text(id)),
    );
    let mut ids = Vec::new();
    let mut linked = BTreeSet::new();
    let mut rows = statement.query(params![source_id, users, former, contacts])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        ids.push(id);
        if row.get(1)? {
            linked.insert(id);
        }
    }
    Ok((ids, linked.len()))
}

/// Contacts whose address has one of these hashes. Whether it is an address that has the hash, only the
/// address tells.
fn with_address_like(
    connection: &Connection,
    mut hashes: Vec<i64>,
) -> Result<Vec<i64>, DatabaseError> {
    // In the order of the index: neighbours are on one leaf.
    hashes.sort_unstable();
    let hashes = numbers(hashes.into_iter());
    let sql = ADDRESSES.over(|addresses| {
        format!(
            "SELECT a.contact_id FROM rarray(?1) AS asked CROSS JOIN {addresses} a ON a.hash = asked.value"
        )
    });
    let ids = connection
        .prepare_cached(&sql)?
        .query_map([hashes], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// The contacts with an address, in ascending order.
pub(super) fn with_address(
    connection: &Connection,
    address: &str,
) -> Result<Vec<i64>, DatabaseError> {
    let key = email_key(address);
    let mut ids = with_address_like(connection, vec![address_hash::hash(&key)])?;
    ids.sort_unstable();
    ids.dedup();
    let mut statement = connection.prepare_cached("SELECT email FROM contacts WHERE id = ?1")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let email: Option<String> = statement.query_row([id], |row| row.get(0))?;
        if email.is_some_and(|email| email_key(&email) == key) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Object ids as an array parameter, in the order of the index: neighbours are on one leaf.
pub(super) fn object_keys<'u>(users: impl Iterator<Item = &'u str>) -> Array {
    let mut users: Vec<&str> = users.collect();
    users.sort_unstable();
    array(users.into_iter().map(|user| ObjectKey(user).to_value()))
}

/// Values as an array parameter.
pub(super) fn array(values: impl Iterator<Item = Value>) -> Array {
    Rc::new(values.collect())
}

/// Texts as an array parameter.
pub(super) fn texts(values: impl Iterator<Item = String>) -> Array {
    array(values.map(Value::Text))
}

/// Texts as an array parameter, each once.
pub(super) fn distinct(values: &[String]) -> Array {
    let values: BTreeSet<&String> = values.iter().collect();
    texts(values.into_iter().cloned())
}

/// Row ids as an array parameter.
pub(super) fn numbers(values: impl Iterator<Item = i64>) -> Array {
    array(values.map(Value::Integer))
}

/// What a query wants beside rows of which it is certain.
struct Wanted {
    /// In ascending order.
    certain: Vec<i64>,
    /// Addresses of the others, as they are compared.
    keys: HashSet<String>,
}

impl Wanted {
    fn has(&self, id: i64, email: Option<&str>) -> bool {
        self.certain.binary_search(&id).is_ok()
            || email.is_some_and(|email| self.keys.contains(&email_key(email)))
    }
}

/// The contacts of those rows, in that order, with the fields that are asked for and what the source
/// knows of them.
pub(super) fn contacts(
    connection: &Connection,
    source_id: i64,
    ids: &[i64],
    asked: &[String],
) -> Result<Vec<Contact>, DatabaseError> {
    read(connection, source_id, ids, asked, None)
}

/// Everything that a contact holds: described fields in their order, then those custom ones.
pub(super) fn held(
    connection: &Connection,
    contact: i64,
    custom: impl Iterator<Item = String>,
) -> Result<Vec<Field>, DatabaseError> {
    let described = DESCRIBED.iter().map(|field| field.name.to_owned());
    let names: Vec<_> = described.chain(custom).collect();
    let found = contacts(connection, -1, &[contact], &names)?;
    Ok(found
        .into_iter()
        .flat_map(|contact| contact.fields)
        .collect())
}

fn read(
    connection: &Connection,
    source_id: i64,
    ids: &[i64],
    asked: &[String],
    wanted: Option<&Wanted>,
) -> Result<Vec<Contact>, DatabaseError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let array = numbers(ids.iter().copied());
    let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let mut found = Found::with_capacity(ids.len());
    read_rows(connection, source_id, &array, &asked, wanted, &mut found)?;
    read_custom(connection, &array, &asked, &mut found)?;
    read_lists(connection, source_id, &array, &mut found)?;
    Ok(found.contacts)
}

/// Contacts in order, and where each row's contact stands among them.
struct Found {
    room: Room,
    contacts: Vec<Contact>,
    places: HashMap<i64, usize>,
    /// Contacts whose base is what they hold, where that is custom fields, too.
    with_custom_base: HashSet<i64>,
}

impl Found {
    fn with_capacity(contacts: usize) -> Self {
        Self {
            room: Room::new(),
            contacts: Vec::with_capacity(contacts),
            places: HashMap::with_capacity(contacts),
            with_custom_base: HashSet::new(),
        }
    }

    fn contact(&mut self, id: i64) -> Option<&mut Contact> {
        let place = self.places.get(&id)?;
        self.contacts.get_mut(*place)
    }
}

/// What [`read_rows`] reads before the described fields.
const COLUMNS: &str = "c.id, c.version, c.active, c.filled, c.source_id = ?2, c.object_id, c.base, \
                       l.object_id, l.base, f.object_id";

/// The place of the first described field behind [`COLUMNS`].
const FIELDS: usize = 10;

fn read_rows(
    connection: &Connection,
    source_id: i64,
    ids: &Array,
    asked: &HashSet<&str>,
    wanted: Option<&Wanted>,
    found: &mut Found,
) -> Result<(), DatabaseError> {
    let columns: String = DESCRIBED
        .iter()
        .map(|field| format!(", c.{}", fields::column(field)))
        .collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}{columns} \
         FROM rarray(?1) AS asked CROSS JOIN contacts c ON c.id = asked.value \
         LEFT JOIN links l ON l.contact_id = c.id AND l.source_id = ?2 \
         LEFT JOIN former_links f ON f.contact_id = c.id AND f.source_id = ?2"
    ))?;
    let mut rows = statement.query(params![ids, source_id])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let email = row.get_ref(FIELDS + EMAIL)?.as_str_or_null();
        let email = email.map_err(|_| DatabaseError::unreadable("an address"))?;
        if wanted.is_some_and(|wanted| !wanted.has(id, email)) {
            continue;
        }
        found.room.whole(row)?;
        let link = read_link(row, id, found)?;
        found.places.insert(id, found.contacts.len());
        found.contacts.push(Contact {
            id: identity::to_text(id),
            version: identity::to_version(row.get(1)?),
            active: row.get(2)?,
            fields: filled_columns(row, |name| asked.contains(name))?,
            link,
            former: row.get(9)?,
            lists: Vec::new(),
        });
    }
    Ok(())
}

fn filled_columns(
    row: &Row<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Field>, DatabaseError> {
    let mut filled = Vec::with_capacity(8);
    for (column, field) in (FIELDS..).zip(&DESCRIBED) {
        if is_wanted(field.name)
            && let Some(value) = row.get(column)?
        {
            filled.push(Field {
                name: field.name.to_owned(),
                value,
            });
        }
    }
    Ok(filled)
}

fn read_link(row: &Row<'_>, id: i64, found: &mut Found) -> Result<Option<Link>, DatabaseError> {
    let is_first = row.get::<_, Option<bool>>(4)?.unwrap_or_default();
    let (object_id, text) = if is_first { (5, 6) } else { (7, 8) };
    let Some(ObjectText(object_id)) = row.get(object_id)? else {
        return Ok(None);
    };
    let text = row
        .get_ref(text)?
        .as_str_or_null()
        .map_err(|_| DatabaseError::unreadable("the base of a link"))?;
    let base = match text {
        Some(text) => base::from_text(text)?,
        None => {
            let held = filled_columns(row, |_| true)?;
            found
                .room
                .row(held.iter().map(|field| field.value.len()).sum())?;
            if row.get::<_, i64>(3)? >> FIRST_CUSTOM_BIT != 0 {
                found.with_custom_base.insert(id);
            }
            held
        }
    };
    Ok(Some(Link { object_id, base }))
}

fn read_custom(
    connection: &Connection,
    ids: &Array,
    asked: &HashSet<&str>,
    found: &mut Found,
) -> Result<(), DatabaseError> {
    let is_described = |name: &&str| fields::position(name).is_some();
    if found.with_custom_base.is_empty() && asked.iter().all(is_described) {
        return Ok(());
    }
    let known = CustomFields::read(connection)?;
    let names: HashMap<i64, &str> = known
        .names()
        .filter_map(|name| known.id(name).map(|id| (id, name)))
        .collect();
    let mut statement = connection.prepare_cached(
        "SELECT v.contact_id, v.field_id, v.value FROM rarray(?1) AS asked \
         CROSS JOIN custom_values v ON v.contact_id = asked.value",
    )?;
    let mut rows = statement.query([ids])?;
    while let Some(row) = rows.next()? {
        let (id, field): (i64, i64) = (row.get(0)?, row.get(1)?);
        let Some(name) = names.get(&field) else {
            continue;
        };
        let (is_asked, base_is_held) = (asked.contains(name), found.with_custom_base.contains(&id));
        for _ in 0..usize::from(is_asked) + usize::from(base_is_held) {
            found.room.whole(row)?;
        }
        let Some(contact) = found.contact(id) else {
            continue;
        };
        let field = Field {
            name: (*name).to_owned(),
            value: row.get(2)?,
        };
        if let Some(link) = contact.link.as_mut().filter(|_| base_is_held) {
            link.base.push(field.clone());
        }
        if is_asked {
            contact.fields.push(field);
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
