//! The host's own record of each call it made, and the workspace's configuration document.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::errors::DatabaseError;

/// The status of a call that has begun and has not been finished: it is under way, or the process
/// was killed.
pub const RUNNING: &str = "running";

/// A call to the component, as the host saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Counts up.
    pub id: i64,
    /// The export that was called.
    pub call: String,
    /// Who asked for it.
    pub trigger: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub started_at_ms: i64,
    /// Milliseconds since 1970-01-01T00:00:00Z; `None` while it goes on.
    pub finished_at_ms: Option<i64>,
    /// [`RUNNING`], then what the host says of its end.
    pub status: String,
    /// JSON text of the host's own shape.
    pub summary: Option<String>,
    /// What went wrong, in a sentence without personal data.
    pub error: Option<String>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd<'a> {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub finished_at_ms: i64,
    /// One word.
    pub status: &'a str,
    /// JSON text of the host's own shape.
    pub summary: Option<&'a str>,
    /// What went wrong, in a sentence without personal data.
    pub error: Option<&'a str>,
}

/// Notes that a call begins; its number.
pub(super) fn begin(
    connection: &Connection,
    call: &str,
    trigger: &str,
    started_at_ms: i64,
) -> Result<i64, DatabaseError> {
    let id = connection
        .prepare_cached(
            "INSERT INTO runs (call, asked_by, started_at_ms, status) \
             VALUES (?1, ?2, ?3, ?4) RETURNING id",
        )?
        .query_row(params![call, trigger, started_at_ms, RUNNING], |row| {
            row.get(0)
        })?;
    Ok(id)
}

/// Notes how a call ended.
pub(super) fn finish(
    connection: &Connection,
    run: i64,
    end: &RunEnd<'_>,
) -> Result<(), DatabaseError> {
    connection
        .prepare_cached(
            "UPDATE runs SET finished_at_ms = ?2, status = ?3, summary = ?4, error = ?5 \
             WHERE id = ?1",
        )?
        .execute(params![
            run,
            end.finished_at_ms,
            end.status,
            end.summary,
            end.error
        ])?;
    Ok(())
}

/// The last calls, newest first.
pub(super) fn latest(connection: &Connection, limit: u32) -> Result<Vec<RunRecord>, DatabaseError> {
    let records = connection
        .prepare_cached(
            "SELECT id, call, asked_by, started_at_ms, finished_at_ms, status, summary, error \
             FROM runs ORDER BY id DESC LIMIT ?1",
        )?
        .query_map([limit], read)?
        .collect::<Result<_, _>>()?;
    Ok(records)
}

fn read(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        id: row.get(0)?,
        call: row.get(1)?,
        trigger: row.get(2)?,
        started_at_ms: row.get(3)?,
        finished_at_ms: row.get(4)?,
        status: row.get(5)?,
        summary: row.get(6)?,
        error: row.get(7)?,
    })
}

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
