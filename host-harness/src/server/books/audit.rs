//! The audit log: who did what, when. Added to, read, exported; not edited.
//!
//! The database refuses to alter or delete an entry. Against whoever alters the file itself, each entry
//! carries a seal: SHA-256 over the seal before it and its own content. A log whose last seal was noted
//! elsewhere cannot be altered unnoticed.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::Books;
use crate::store::DatabaseError;

/// Something to be noted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act<'a> {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) at_ms: i64,
    /// Who: a person's name, or `scheduler`, `server`, `connector`.
    pub(crate) who: &'a str,
    /// Stable, in kebab case.
    pub(crate) action: &'a str,
    /// A run, a digest, the name of a secret. Never a value of a secret or of a person.
    pub(crate) subject: Option<&'a str>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditEntry {
    pub(crate) number: i64,
    pub(crate) at_ms: i64,
    pub(crate) workspace: Option<String>,
    pub(crate) who: String,
    pub(crate) action: String,
    pub(crate) subject: Option<String>,
    seal: Vec<u8>,
}

/// The first entry that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log was altered at or before entry {0}")]
pub(crate) struct Tampered(pub(crate) i64);

impl Books {
    /// Notes something by itself.
    ///
    /// # Errors
    ///
    /// Where it could not be written; then what was to be noted must not be done.
    pub(crate) fn note(&self, workspace: Option<&str>, act: Act<'_>) -> Result<(), DatabaseError> {
        self.write(|connection| append(connection, workspace, act))
    }

    /// Entries about a workspace, newest first, before an entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(crate) fn activity(
        &self,
        workspace: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, DatabaseError> {
        self.read(|connection| {
            let entries = connection
                .prepare_cached(
                    "SELECT number, at_ms, workspace, who, action, subject, seal FROM audit \
                     WHERE workspace = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
                )?
                .query_map(
                    params![workspace, before.unwrap_or(i64::MAX), limit],
                    read_entry,
                )?
                .collect::<Result<_, _>>()?;
            Ok(entries)
        })
    }

    /// All entries, oldest first, after an entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(crate) fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, DatabaseError> {
        self.read(|connection| {
            let entries = connection
                .prepare_cached(
                    "SELECT number, at_ms, workspace, who, action, subject, seal FROM audit \
                     WHERE number > ?1 ORDER BY number LIMIT ?2",
                )?
                .query_map(params![after, limit], read_entry)?
                .collect::<Result<_, _>>()?;
            Ok(entries)
        })
    }

    /// Checks every seal. The number of entries, or the first one that does not fit.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(crate) fn verify_audit(&self) -> Result<Result<u64, Tampered>, DatabaseError> {
        let (mut last, mut seal, mut entries) = (0, Vec::new(), 0);
        loop {
            let page = self.audit(last, 1_000)?;
            if page.is_empty() {
                return Ok(Ok(entries));
            }
            for entry in page {
                let expected = seal_of(&seal, &entry);
                if entry.number != last + 1 || entry.seal != expected {
                    return Ok(Err(Tampered(entry.number)));
                }
                (last, seal, entries) = (entry.number, expected, entries + 1);
            }
        }
    }
}

/// Notes something in the transaction that does it.
pub(super) fn append(
    connection: &Connection,
    workspace: Option<&str>,
    act: Act<'_>,
) -> Result<(), DatabaseError> {
    let last: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT number, seal FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, previous) = last.unwrap_or_default();
    let mut entry = AuditEntry {
        number: number + 1,
        at_ms: act.at_ms,
        workspace: workspace.map(str::to_owned),
        who: act.who.to_owned(),
        action: act.action.to_owned(),
        subject: act.subject.map(str::to_owned),
        seal: Vec::new(),
    };
    entry.seal = seal_of(&previous, &entry);
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
    Ok(())
}

/// Every part with its length, so that no two entries are the same bytes.
fn seal_of(previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut part = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(bytes.unwrap_or_default());
    };
    part(Some(previous));
    part(Some(&entry.number.to_be_bytes()));
    part(Some(&entry.at_ms.to_be_bytes()));
    part(entry.workspace.as_deref().map(str::as_bytes));
    part(Some(entry.who.as_bytes()));
    part(Some(entry.action.as_bytes()));
    part(entry.subject.as_deref().map(str::as_bytes));
    hash.finalize().to_vec()
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
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
