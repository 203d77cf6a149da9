//! What the host keeps beside the contacts: the workspace's configuration document, and whether it has
//! connected.

use rusqlite::{Connection, OptionalExtension as _};

use super::errors::DatabaseError;

/// The name of the configuration document among the settings.
const DOCUMENT: &str = "document";

/// Keeps the configuration document.
pub(super) fn save_document(connection: &Connection, text: &str) -> Result<(), DatabaseError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)")?
        .execute([DOCUMENT, text])?;
    Ok(())
}

/// The name under which the settings have whether the document has ever connected.
const CONNECTED: &str = "connected";

/// Notes whether the document that is saved has connected.
pub(super) fn note_connected(connection: &Connection, is: bool) -> Result<(), DatabaseError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)")?
        .execute([CONNECTED, if is { "yes" } else { "no" }])?;
    Ok(())
}

/// Whether the document that is saved has connected; nothing where nobody has noted it.
pub(super) fn has_connected(connection: &Connection) -> Result<Option<bool>, DatabaseError> {
    let noted: Option<String> = connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([CONNECTED], |row| row.get(0))
        .optional()?;
    Ok(noted.map(|noted| noted == "yes"))
}

/// The configuration document, as it was saved.
pub(super) fn document(connection: &Connection) -> Result<Option<String>, DatabaseError> {
    let text = connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([DOCUMENT], |row| row.get(0))
        .optional()?;
    Ok(text)
}
