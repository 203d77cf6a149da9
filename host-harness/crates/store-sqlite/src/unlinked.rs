//! Contacts that are nobody's: those of a platform whom no user of a connection stands behind, and never stood.
//!
//! They are found by walking the contacts from an id on. Of a contact that is linked, or that was unlinked, the
//! connection has a row that says so.

use connector_contract::Contact;
use rusqlite::{Connection, params};

use super::errors::DatabaseError;
use super::{identity, lookup, sources};

/// The next contacts of nobody behind an id, by their numbers.
pub(super) fn after(
    connection: &Connection,
    source: &str,
    after: Option<&str>,
    limit: u32,
    fields: &[String],
) -> Result<Vec<Contact>, DatabaseError> {
    let source_id = sources::source_or_none(connection, source)?;
    // What is no id of this store comes before all of them.
    let after = after.and_then(identity::from_text).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT c.id FROM contacts c \
         WHERE c.id > ?2 AND c.active = 1 AND c.email IS NOT NULL AND c.source_id IS NOT ?1 \
         AND NOT EXISTS (SELECT 1 FROM links l WHERE l.contact_id = c.id AND l.source_id = ?1) \
         AND NOT EXISTS (SELECT 1 FROM former_links f WHERE f.contact_id = c.id AND f.source_id = ?1) \
         ORDER BY c.id LIMIT ?3",
    )?;
    let ids = statement
        .query_map(params![source_id, after, limit], |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    lookup::contacts(connection, source_id, &ids, fields)
}
