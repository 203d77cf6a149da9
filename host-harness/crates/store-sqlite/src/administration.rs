//! What people do with contacts, beside the connector: look, edit a field, add one by hand.
//!
//! Reading goes page by page, so that listing a million contacts holds a page of them. Writing goes
//! the same way as the connector's, so that the connector notices by the version.

use std::collections::BTreeMap;

use connector_contract::ContactList;
use contact_identity::list::comparable;
use contact_identity::text::folded;
use rusqlite::{Connection, Row};
use store_api::{ContactFilter, ContactPage, ContactRow, EditError};

use super::errors::DatabaseError;
use super::fields::{self, DESCRIBED};
use super::lists::Naming;
use super::object_key::ObjectText;
use super::rules;
use super::write_tx::{BY_HAND, ContactState, NewContact, TxContext, WriteTx};
use super::{identity, lookup};

/// Contacts read at a time.
const PAGE: u32 = 500;

/// The filter as [`contains`] takes it.
pub(super) fn with_folded_text(filter: &ContactFilter) -> ContactFilter {
    ContactFilter {
        text: filter.text.as_ref().map(|text| folded(text).into_owned()),
        ..filter.clone()
    }
}

/// The next contacts in the order in which they were made, after one of them; its text is folded.
pub(super) fn list(
    connection: &Connection,
    filter: &ContactFilter,
    after: Option<&str>,
) -> Result<ContactPage, DatabaseError> {
    let after = after.and_then(identity::from_text).unwrap_or_default();
    let rows = read_page(connection, filter, after, i64::MAX)?;
    let next = rows.last().map(|(id, _)| identity::to_text(*id));
    let text = filter.text.as_deref();
    let contacts = rows.into_iter().map(|(_, contact)| contact);
    Ok(ContactPage {
        contacts: contacts.filter(|contact| contains(contact, text)).collect(),
        next,
    })
}

/// Whether a field contains the text, which is folded.
pub(super) fn contains(contact: &ContactRow, text: Option<&str>) -> bool {
    text.is_none_or(|text| {
        let mut values = contact.fields.values();
        values.any(|value| folded(value).contains(text))
    })
}

/// The next contacts that the filter's other clauses let pass, of those after one contact until another.
pub(super) fn read_page(
    connection: &Connection,
    filter: &ContactFilter,
    after: i64,
    until: i64,
) -> Result<Vec<(i64, ContactRow)>, DatabaseError> {
    let mut statement = connection.prepare_cached(&page_sql(filter.list.is_some()))?;
    statement.raw_bind_parameter(1, after)?;
    statement.raw_bind_parameter(2, filter.active)?;
    statement.raw_bind_parameter(3, filter.linked)?;
    statement.raw_bind_parameter(4, PAGE)?;
    statement.raw_bind_parameter(5, until)?;
    if let Some(list) = &filter.list {
        statement.raw_bind_parameter(6, comparable(list))?;
    }
    let mut rows = statement.raw_query();
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(read_row(row)?);
    }
    read_custom_and_lists(connection, &mut page)?;
    Ok(page)
}

fn page_sql(of_list: bool) -> String {
    // The members of a list are walked in its index, the others in the table: both in order of the
    // contact and from where the last page ended, so that no page is read twice or sorted. A contact
    // that several managers put on the list is one row.
    let (from, order) = if of_list {
        (
            "memberships m CROSS JOIN contacts c ON c.id = m.contact_id \
             WHERE m.list_id = (SELECT id FROM lists WHERE key = ?6) AND m.contact_id > ?1 \
             AND m.contact_id <= ?5",
            "GROUP BY m.contact_id ORDER BY m.contact_id",
        )
    } else {
        ("contacts c WHERE c.id > ?1 AND c.id <= ?5", "ORDER BY c.id")
    };
    format!(
        "SELECT {} FROM {from} AND (?2 IS NULL OR c.active = ?2) \
         AND (?3 IS NULL OR (c.source_id IS NOT NULL) = ?3) {order} LIMIT ?4",
        columns()
    )
}

/// What [`read_row`] reads.
fn columns() -> String {
    let described: Vec<String> = DESCRIBED
        .iter()
        .map(|field| format!("c.{}", fields::column(field)))
        .collect();
    format!(
        "c.id, c.version, c.active, c.object_id, {}",
        described.join(", ")
    )
}

/// The contacts with these ids, in their order.
pub(super) fn read_rows(
    connection: &Connection,
    ids: &[i64],
) -> Result<Vec<ContactRow>, DatabaseError> {
    let sql = format!(
        "SELECT {} FROM rarray(?1) AS asked CROSS JOIN contacts c ON c.id = asked.value \
         ORDER BY c.id",
        columns()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([lookup::numbers(ids.iter().copied())])?;
    let mut read = Vec::with_capacity(ids.len());
    while let Some(row) = rows.next()? {
        read.push(read_row(row)?);
    }
    read_custom_and_lists(connection, &mut read)?;
    Ok(read.into_iter().map(|(_, contact)| contact).collect())
}

fn read_row(row: &Row<'_>) -> Result<(i64, ContactRow), DatabaseError> {
    let id: i64 = row.get(0)?;
    let object_id: Option<ObjectText> = row.get(3)?;
    let mut filled = BTreeMap::new();
    for (column, field) in (4..).zip(&DESCRIBED) {
        if let Some(value) = row.get(column)? {
            filled.insert(field.name.to_owned(), value);
        }
    }
    let contact = ContactRow {
        id: identity::to_text(id),
        version: identity::to_version(row.get(1)?),
        active: row.get(2)?,
        linked: object_id.is_some(),
        object_id: object_id.map(|ObjectText(id)| id),
        fields: filled,
        lists: Vec::new(),
    };
    Ok((id, contact))
}

fn read_custom_and_lists(
    connection: &Connection,
    page: &mut [(i64, ContactRow)],
) -> Result<(), DatabaseError> {
    let ids = lookup::numbers(page.iter().map(|(id, _)| *id));
    let mut statement = connection.prepare_cached(
        "SELECT v.contact_id, f.name, v.value FROM rarray(?1) AS asked \
         CROSS JOIN custom_values v ON v.contact_id = asked.value \
         CROSS JOIN custom_fields f ON f.id = v.field_id",
    )?;
    let mut rows = statement.query([&ids])?;
    while let Some(row) = rows.next()? {
        if let Some(contact) = in_page(page, row.get(0)?) {
            contact.fields.insert(row.get(1)?, row.get(2)?);
        }
    }
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT m.contact_id, t.name FROM rarray(?1) AS asked \
         CROSS JOIN memberships m ON m.contact_id = asked.value \
         CROSS JOIN lists t ON t.id = m.list_id ORDER BY m.contact_id, t.name",
    )?;
    let mut rows = statement.query([&ids])?;
    while let Some(row) = rows.next()? {
        if let Some(contact) = in_page(page, row.get(0)?) {
            contact.lists.push(row.get(1)?);
        }
    }
    Ok(())
}

fn in_page(page: &mut [(i64, ContactRow)], id: i64) -> Option<&mut ContactRow> {
    let place = page.binary_search_by_key(&id, |(row, _)| *row).ok()?;
    page.get_mut(place).map(|(_, contact)| contact)
}

/// Writes or empties one field; the contact's new version.
pub(super) fn edit_field(
    connection: &mut Connection,
    context: TxContext<'_>,
    id: &str,
    field: &str,
    value: Option<&str>,
) -> Result<u64, EditError> {
    let mut tx = WriteTx::begin(connection, context)?;
    let before = contact_state(&tx, id)?;
    let values = context.rules.accept([(field, value)], &tx.custom)?;
    let after = tx.update_contact(&before, before.active, &values, None)?;
    tx.commit()?;
    Ok(identity::to_version(after.version))
}

/// Makes an active contact without a link; its id.
pub(super) fn add_contact(
    connection: &mut Connection,
    context: TxContext<'_>,
    filled: &BTreeMap<String, String>,
) -> Result<String, EditError> {
    let mut tx = WriteTx::begin(connection, context)?;
    let fields = filled
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let values = context.rules.accept_new(fields, &tx.custom)?;
    let new = NewContact {
        id: None,
        version: 1,
        active: true,
    };
    let current = tx.insert_contact(new, &values)?;
    tx.commit()?;
    Ok(identity::to_text(current.id))
}

/// Puts a contact on a list by hand; the contact's new version.
pub(super) fn put_on_list(
    connection: &mut Connection,
    context: TxContext<'_>,
    id: &str,
    list: &ContactList,
) -> Result<u64, EditError> {
    rules::accept_lists(std::slice::from_ref(list))?;
    let mut tx = WriteTx::begin(connection, context)?;
    let before = contact_state(&tx, id)?;
    let after = tx.update_contact(&before, before.active, &rules::Values::default(), None)?;
    let lists = std::slice::from_ref(list);
    tx.join_lists(after.id, BY_HAND, lists, Naming::BY_HAND)?;
    tx.commit()?;
    Ok(identity::to_version(after.version))
}

fn contact_state(tx: &WriteTx<'_>, id: &str) -> Result<ContactState, EditError> {
    let found = match identity::from_text(id) {
        Some(contact) => tx.contact_state(contact)?,
        None => None,
    };
    found.ok_or_else(|| EditError::NoSuchContact(id.to_owned()))
}
