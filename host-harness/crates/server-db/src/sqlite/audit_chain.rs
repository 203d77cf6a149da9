//! The chain of the audit log: each entry is sealed together with the one before.
//!
//! The database refuses to alter or delete an entry. Against whoever alters the file itself, each entry
//! carries a seal: HMAC-SHA-256 (RFC 2104) over the seal before it and its own content, under a key that is
//! not in the database. What cannot be seen from within is that the newest entries were cut off; who noted
//! the [`Head`] elsewhere sees that, too.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::audit_key::AuditKey;
use crate::records::{AuditEntry, AuditEvent, Head, RecordsError};

/// The longest text of an entry, in bytes: ids and names are shorter. The rest is cut off, so that nobody
/// fills the log that all workspaces share.
const MAX_TEXT: usize = 256;

/// The head is told to the operator's log whenever so many entries have come.
const LOG_EVERY: i64 = 100;

/// The newest entry.
pub(super) fn head(connection: &Connection) -> Result<Option<Head>, RecordsError> {
    let head = connection
        .prepare_cached("SELECT number, seal FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| {
            Ok(Head {
                number: row.get(0)?,
                seal: row.get(1)?,
            })
        })
        .optional()?;
    Ok(head)
}

/// Whether there is a log, and its newest entry was sealed with a key: then there has been one.
pub(super) fn has_known_a_key(connection: &Connection) -> Result<bool, RecordsError> {
    let mut newest = connection
        .prepare_cached(
            "SELECT number, at_ms, workspace, who, action, subject, seal FROM audit \
             ORDER BY number DESC LIMIT 2",
        )?
        .query_map([], read_entry)?
        .collect::<Result<Vec<_>, _>>()?
        .into_iter();
    let Some(entry) = newest.next() else {
        return Ok(false);
    };
    let previous = newest.next().map(|entry| entry.seal).unwrap_or_default();
    Ok(entry.seal != Sha256::digest(sealed_bytes(&previous, &entry)).to_vec())
}

/// Notes something in the transaction that does it.
pub(super) fn append(
    connection: &Connection,
    key: &AuditKey,
    workspace: Option<&str>,
    event: AuditEvent<'_>,
) -> Result<(), RecordsError> {
    let (number, previous) = head(connection)?
        .map(|head| (head.number, head.seal))
        .unwrap_or_default();
    let mut entry = AuditEntry {
        number: number + 1,
        at_ms: event.at_ms,
        workspace: workspace.map(str::to_owned),
        who: bounded(event.who),
        action: event.action.to_owned(),
        subject: event.subject.map(bounded),
        seal: Vec::new(),
    };
    entry.seal = keyed_seal(key, &previous, &entry);
    connection
        .prepare_cached(
            "INSERT INTO audit (number, at_ms, workspace, who, action, subject, seal) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            entry.number,
            entry.at_ms,
            entry.workspace,
            entry.who,
            entry.action,
            entry.subject,
            entry.seal
        ])?;
    if entry.number % LOG_EVERY == 0 {
        Head {
            number: entry.number,
            seal: entry.seal,
        }
        .log();
    }
    Ok(())
}

fn bounded(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MAX_TEXT);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// The seal that an entry must have: entries from before there was a key have one without.
pub(super) fn seal_of(key: &AuditKey, previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    if entry.number < key.first {
        Sha256::digest(sealed_bytes(previous, entry)).to_vec()
    } else {
        keyed_seal(key, previous, entry)
    }
}

fn keyed_seal(key: &AuditKey, previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    key.seal(&sealed_bytes(previous, entry))
}

/// Every part with its length, so that no two entries are the same bytes.
fn sealed_bytes(previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut part = |text: Option<&[u8]>| {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(text.unwrap_or_default());
    };
    part(Some(previous));
    part(Some(&entry.number.to_be_bytes()));
    part(Some(&entry.at_ms.to_be_bytes()));
    part(entry.workspace.as_deref().map(str::as_bytes));
    part(Some(entry.who.as_bytes()));
    part(Some(entry.action.as_bytes()));
    part(entry.subject.as_deref().map(str::as_bytes));
    bytes
}

pub(super) fn read_entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        number: row.get(0)?,
        at_ms: row.get(1)?,
        workspace: row.get(2)?,
        who: row.get(3)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        seal: row.get(6)?,
    })
}
