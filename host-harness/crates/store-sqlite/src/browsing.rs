//! The people behind a number, a page at a time: contacts that lack a field, contacts that a filter
//! finds, contacts that have an address.
//!
//! A page that a person waits for must cost the same in a store of a million contacts as in one of a
//! thousand. So each query looks at a bounded number of contacts and no more: it walks an index from
//! where the last page ended, and says where the next one begins, also where it has found nobody yet.
//! All of it reads beside a running sync, and does not wait for it.

use contact_identity::list::comparable;
use rusqlite::{Connection, OptionalExtension as _, params};
use store_api::{ContactFilter, ContactPage, ContactRow};

use super::administration::{contains, read_page, read_rows, with_folded_text};
use super::custom::CustomFields;
use super::errors::DatabaseError;
use super::fields::Filled;
use super::levels::OBJECTS;
use super::object_key::ObjectKey;
use super::{identity, lookup, sources, statistics};

/// Contacts that one call looks at, at most.
const SCANNED: u32 = 5_000;

/// Contacts of one page, at most.
const LARGEST_PAGE: u32 = 500;

/// A page of active linked contacts that hold no value in a field.
pub(super) fn missing(
    connection: &Connection,
    source: Option<&str>,
    field: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<ContactPage, DatabaseError> {
    let after = after
        .and_then(BrowsingCursor::from_text)
        .unwrap_or_default();
    let limit = limit.clamp(1, LARGEST_PAGE) as usize;
    let linked_by = match source {
        None => None,
        Some(source) => match sources::find_source(connection, source)? {
            Some(source_id) => Some(source_id),
            // Nobody was ever linked to it.
            None => return Ok(ContactPage::default()),
        },
    };
    let classes = lacking(connection, linked_by, field)?;
    let (ids, next) = walk(connection, linked_by, &classes, after, limit)?;
    Ok(ContactPage {
        contacts: read_rows(connection, &ids)?,
        next: next.map(BrowsingCursor::to_text),
    })
}

/// A page of contacts that a filter finds, in the order in which they were made.
pub(super) fn page(
    connection: &Connection,
    filter: &ContactFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<ContactPage, DatabaseError> {
    let after = after.and_then(identity::from_text).unwrap_or_default();
    let limit = limit.clamp(1, LARGEST_PAGE) as usize;
    browse(connection, &with_folded_text(filter), after, limit)
}

/// The contacts of these ids that there are, of the first that a page holds.
pub(super) fn by_ids(
    connection: &Connection,
    ids: &[&str],
) -> Result<Vec<ContactRow>, DatabaseError> {
    let ids: Vec<i64> = ids
        .iter()
        .filter_map(|id| identity::from_text(id))
        .take(LARGEST_PAGE as usize)
        .collect();
    read_rows(connection, &ids)
}

/// The contact that is linked to a directory user.
pub(super) fn linked_to(
    connection: &Connection,
    user: &str,
) -> Result<Option<ContactRow>, DatabaseError> {
    let id: Option<i64> = connection
        .prepare_cached(&linked_to_sql())?
        .query_row([ObjectKey(user)], |row| row.get(0))
        .optional()?;
    let ids: Vec<i64> = id.into_iter().collect();
    Ok(read_rows(connection, &ids)?.pop())
}

/// The contacts with an e-mail address, in the order in which they were made; as many as a page holds.
pub(super) fn by_address(
    connection: &Connection,
    address: &str,
) -> Result<Vec<ContactRow>, DatabaseError> {
    let mut ids = lookup::with_address(connection, address)?;
    ids.truncate(LARGEST_PAGE as usize);
    read_rows(connection, &ids)
}

/// The contact of a user, of whichever source.
pub(super) fn linked_to_sql() -> String {
    OBJECTS.over(|objects| {
        format!(
            "SELECT o.contact_id FROM sources s CROSS JOIN {objects} o \
             ON o.source_id = s.id AND o.object_id = ?1"
        )
    }) + " LIMIT 1"
}

/// One class of active contacts, from a contact on, and whether each is linked.
pub(super) const OF_CLASS: &str = "SELECT c.id, c.source_id IS NOT NULL AND (?4 IS NULL \
     OR c.source_id = ?4 \
     OR EXISTS (SELECT 1 FROM links l WHERE l.contact_id = c.id AND l.source_id = ?4)) \
     FROM contacts c INDEXED BY contacts_by_class \
     WHERE c.active = 1 AND c.filled = ?1 AND c.id > ?2 ORDER BY c.id LIMIT ?3";

/// A place in the order of classes and contacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct BrowsingCursor {
    class: i64,
    contact: i64,
}

impl BrowsingCursor {
    fn to_text(self) -> String {
        format!("{:x}-{:x}", self.class, self.contact)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (class, contact) = text.split_once('-')?;
        let number = |digits| i64::from_str_radix(digits, 16).ok();
        Some(Self {
            class: number(class)?,
            contact: number(contact)?,
        })
    }
}

/// The classes of active linked contacts without the field, in ascending order.
fn lacking(
    connection: &Connection,
    source_id: Option<i64>,
    field: &str,
) -> Result<Vec<i64>, DatabaseError> {
    let bit = statistics::bit_of(field, &CustomFields::read(connection)?);
    let classes: Vec<i64> = connection
        .prepare_cached(
            "SELECT DISTINCT filled FROM tallies \
             WHERE active = 1 AND (?1 IS NULL OR source_id = ?1) ORDER BY filled",
        )?
        .query_map([source_id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let lacks = |class: &i64| !bit.is_some_and(|bit| Filled(*class).contains(bit));
    Ok(classes.into_iter().filter(lacks).collect())
}

/// Walks the classes from a place on: the linked contacts found, and where to go on.
fn walk(
    connection: &Connection,
    source_id: Option<i64>,
    classes: &[i64],
    after: BrowsingCursor,
    limit: usize,
) -> Result<(Vec<i64>, Option<BrowsingCursor>), DatabaseError> {
    let mut statement = connection.prepare_cached(OF_CLASS)?;
    let mut left = SCANNED;
    let mut found: Vec<BrowsingCursor> = Vec::new();
    for &class in classes.iter().filter(|class| **class >= after.class) {
        let mut last = if class == after.class {
            after.contact
        } else {
            0
        };
        let mut rows = statement.query(params![class, last, left, source_id])?;
        while let Some(row) = rows.next()? {
            left -= 1;
            last = row.get(0)?;
            if row.get(1)? {
                // One more than asked for tells that there is a next page.
                if found.len() == limit {
                    return Ok((contacts_of(&found), found.last().copied().or(Some(after))));
                }
                found.push(BrowsingCursor {
                    class,
                    contact: last,
                });
            }
        }
        if left == 0 {
            let place = BrowsingCursor {
                class,
                contact: last,
            };
            return Ok((contacts_of(&found), Some(place)));
        }
    }
    Ok((contacts_of(&found), None))
}

fn contacts_of(places: &[BrowsingCursor]) -> Vec<i64> {
    places.iter().map(|place| place.contact).collect()
}

/// Reads what a filter finds among the next contacts.
fn browse(
    connection: &Connection,
    filter: &ContactFilter,
    after: i64,
    limit: usize,
) -> Result<ContactPage, DatabaseError> {
    let (until, is_last) = window(connection, filter, after)?;
    let mut found: Vec<(i64, ContactRow)> = Vec::new();
    let mut place = Some(after);
    while let Some(after) = place {
        let rows = read_page(connection, filter, after, until)?;
        place = rows.last().map(|(id, _)| *id);
        let text = filter.text.as_deref();
        found.extend(
            rows.into_iter()
                .filter(|(_, contact)| contains(contact, text)),
        );
        if found.len() > limit {
            found.truncate(limit);
            let last = found.last().map_or(after, |(id, _)| *id);
            return Ok(page_of(found, Some(last)));
        }
    }
    Ok(page_of(found, (!is_last).then_some(until)))
}

fn page_of(found: Vec<(i64, ContactRow)>, next: Option<i64>) -> ContactPage {
    ContactPage {
        contacts: found.into_iter().map(|(_, contact)| contact).collect(),
        next: next.map(identity::to_text),
    }
}

/// The last contact that this call looks at, and whether it is the last of all.
fn window(
    connection: &Connection,
    filter: &ContactFilter,
    after: i64,
) -> Result<(i64, bool), DatabaseError> {
    let last: Option<i64> = match &filter.list {
        None => connection
            .prepare_cached(NTH_CONTACT)?
            .query_row(params![after, SCANNED - 1], |row| row.get(0))
            .optional()?,
        Some(list) => connection
            .prepare_cached(NTH_MEMBER)?
            .query_row(params![after, SCANNED - 1, comparable(list)], |row| {
                row.get(0)
            })
            .optional()?,
    };
    Ok(last.map_or((i64::MAX, true), |last| (last, false)))
}

pub(super) const NTH_CONTACT: &str =
    "SELECT id FROM contacts NOT INDEXED WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";

pub(super) const NTH_MEMBER: &str = "SELECT contact_id FROM memberships \
     WHERE list_id = (SELECT id FROM lists WHERE key = ?3) AND contact_id > ?1 \
     ORDER BY contact_id LIMIT 1 OFFSET ?2";
