//! Marks: by which the connector knows a contact again that is in step.
//!
//! A mark stands beside the link of the connection that gave it, with the version of the contact that has it. Every
//! write to a contact gives it another version, whoever writes, so a contact that bears its mark under its version
//! is the same as when it was marked; and what need not be asked here cannot be forgotten there. A note about a
//! user, which gives no version, takes the mark away.
//!
//! Further links of a contact have no marks.

use connector_contract::{Commit, Expected, LinkNumber, Mark, Marked, Precondition, SameContact};
use rusqlite::{Connection, params};

use super::errors::DatabaseError;
use super::levels::OBJECTS;
use super::object_key::ObjectKey;
use super::{identity, lookup, sources};

/// A mark as its column holds it.
pub(super) fn to_bytes(mark: Mark) -> [u8; 16] {
    (u128::from(mark.high) << 64 | u128::from(mark.low)).to_be_bytes()
}

/// Which of the users have a contact that is the same as when it was marked.
///
/// The users come in the order of the index of links, the contacts in that of their ids: in both, neighbours are
/// on one leaf.
pub(super) fn same(
    connection: &Connection,
    source: &str,
    users: &[Expected],
) -> Result<Vec<SameContact>, DatabaseError> {
    let source_id = sources::source_or_none(connection, source)?;
    let mut linked = linked(connection, source_id, users)?;
    linked.sort_unstable_by_key(|linked| linked.contact);
    let mut statement = connection.prepare_cached(
        "SELECT asked.rowid, c.mark FROM rarray(?1) AS asked CROSS JOIN contacts c \
         ON c.id = asked.value WHERE c.marked = c.version AND c.source_id = ?2",
    )?;
    let contacts = lookup::numbers(linked.iter().map(|linked| linked.contact));
    let mut rows = statement.query(params![contacts, source_id])?;
    let mut same = Vec::with_capacity(linked.len());
    while let Some(row) = rows.next()? {
        let Some(linked) = linked.get(place(row.get(0)?)) else {
            continue;
        };
        let expected = users.get(linked.user as usize);
        let mark = row.get_ref(1)?.as_blob_or_null().ok().flatten();
        if expected.is_some_and(|expected| mark == Some(&to_bytes(expected.mark))) {
            same.push(SameContact {
                user: linked.user,
                link: LinkNumber {
                    number: identity::to_version(linked.link),
                },
            });
        }
    }
    Ok(same)
}

/// A user who has a contact.
struct Linked {
    /// Position among those who were asked for.
    user: u32,
    contact: i64,
    link: i64,
}

fn linked(
    connection: &Connection,
    source_id: i64,
    users: &[Expected],
) -> Result<Vec<Linked>, DatabaseError> {
    let mut order: Vec<(&str, u32)> = (0..)
        .zip(users)
        .map(|(user, expected)| (expected.object_id.as_str(), user))
        .collect();
    order.sort_unstable();
    let asked = lookup::array(order.iter().map(|(id, _)| ObjectKey(id).to_value()));
    let sql = OBJECTS.over(|objects| {
        format!(
            "SELECT asked.rowid, o.contact_id, o.link FROM rarray(?2) AS asked \
             CROSS JOIN {objects} o ON o.source_id = ?1 AND o.object_id = asked.value"
        )
    });
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![source_id, asked])?;
    let mut linked = Vec::with_capacity(users.len());
    while let Some(row) = rows.next()? {
        if let Some((_, user)) = order.get(place(row.get(0)?)) {
            linked.push(Linked {
                user: *user,
                contact: row.get(1)?,
                link: row.get(2)?,
            });
        }
    }
    Ok(linked)
}

/// Where a value of an array stands: its rows are counted from 1.
fn place(row: i64) -> usize {
    usize::try_from(row - 1).unwrap_or(usize::MAX)
}

/// The marks of a commit.
pub(super) struct Markings {
    /// By the position of the change.
    changes: Vec<Option<Mark>>,
}

impl Markings {
    /// Those of the contacts that the commit changes.
    pub(super) fn of(commit: &Commit) -> Self {
        let mut changes = vec![None; commit.changes.len()];
        for marking in &commit.marks {
            if let Marked::Change(position) = marking.what
                && let Some(mark) = changes.get_mut(position as usize)
            {
                *mark = Some(marking.mark);
            }
        }
        Self { changes }
    }

    /// The mark of a contact, once it is changed.
    pub(super) fn of_change(&self, position: usize) -> Option<Mark> {
        self.changes.get(position).copied().flatten()
    }
}

/// Marks contacts that the commit does not change.
pub(super) fn write_standing(
    connection: &Connection,
    source_id: i64,
    commit: &Commit,
) -> Result<(), DatabaseError> {
    for marking in &commit.marks {
        if let Marked::Contact(Precondition { contact, version }) = &marking.what
            && let Some(contact) = identity::from_text(contact)
        {
            write(connection, source_id, contact, *version, marking.mark)?;
        }
    }
    Ok(())
}

/// Marks a contact that has this version.
pub(super) fn write(
    connection: &Connection,
    source_id: i64,
    contact: i64,
    version: u64,
    mark: Mark,
) -> Result<(), DatabaseError> {
    connection
        .prepare_cached(
            "UPDATE contacts SET mark = ?4, marked = version \
             WHERE id = ?1 AND version = ?2 AND source_id = ?3",
        )?
        .execute(params![
            contact,
            i64::try_from(version).unwrap_or(-1),
            source_id,
            to_bytes(mark)
        ])?;
    Ok(())
}

/// Takes the mark of a user's contact away.
pub(super) fn forget(
    connection: &Connection,
    source_id: i64,
    user: &str,
) -> Result<(), DatabaseError> {
    let contacts = OBJECTS.over(|objects| {
        format!("SELECT contact_id FROM {objects} WHERE source_id = ?1 AND object_id = ?2")
    });
    connection
        .prepare_cached(&format!(
            "UPDATE contacts SET mark = NULL, marked = NULL \
             WHERE marked IS NOT NULL AND id IN ({contacts})"
        ))?
        .execute(params![source_id, ObjectKey(user)])?;
    Ok(())
}
