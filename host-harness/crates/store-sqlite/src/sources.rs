//! The connections that have contacts here, by number.

use rusqlite::{Connection, OptionalExtension as _};

use super::errors::DatabaseError;

/// The id of a source, where a contact or a round ever had it.
pub(super) fn find_source(
    connection: &Connection,
    source: &str,
) -> Result<Option<i64>, DatabaseError> {
    let id = connection
        .prepare_cached("SELECT id FROM sources WHERE name = ?1 AND id <> 0")?
        .query_row([source], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// The id of a source; one that no row has where the source is new, so that every question about it
/// has its natural answer.
pub(super) fn source_or_none(connection: &Connection, source: &str) -> Result<i64, DatabaseError> {
    Ok(find_source(connection, source)?.unwrap_or(-1))
}
