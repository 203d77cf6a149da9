//! The audit log: who did what, when. Added to, read, exported; not edited.
//!
//! The database refuses to alter or delete an entry. Against whoever alters the file itself, each entry
//! carries a seal: HMAC-SHA-256 (RFC 2104) over the seal before it and its own content, under a key that is
//! not in the database. What cannot be seen from within is that the newest entries were cut off; who noted
//! the [`Head`] elsewhere sees that, too.

use std::fmt;
use std::str::FromStr;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};
use store_sqlite::DatabaseError;

use super::audit_key::AuditKey;
use super::{Books, Writing};

/// The longest text of an entry, in bytes: ids and names are shorter. The rest is cut off, so that nobody
/// fills the log that all workspaces share.
const LONGEST_TEXT: usize = 256;

/// The head is told to the operator's log whenever so many entries have come.
const TELL_EVERY: i64 = 100;

/// Something to be noted.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Who: a person's name, or `scheduler`, `server`, `connector`.
    pub who: &'a str,
    /// Stable, in kebab case.
    pub action: &'a str,
    /// A run, a digest, the name of a secret. Never a value of a secret or of a person.
    pub subject: Option<&'a str>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counted from one, without gaps.
    pub number: i64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Which one it concerns; none where it is the server.
    pub workspace: Option<String>,
    /// As in [`Act::who`].
    pub who: String,
    /// As in [`Act::action`].
    pub action: String,
    /// As in [`Act::subject`].
    pub subject: Option<String>,
    seal: Vec<u8>,
}

/// The newest entry, by which the whole log is known: `NUMBER:SEAL`, the seal in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Of the entry.
    pub number: i64,
    /// Of the entry.
    pub seal: Vec<u8>,
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.number)?;
        self.seal
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A text is no head of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write NUMBER:SEAL, as `audit --verify` and the server's log tell it")]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (number, seal) = text.trim().split_once(':').ok_or(NoHead)?;
        if seal.len() != 64 || !seal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoHead);
        }
        let byte = |at: usize| u8::from_str_radix(seal.get(at..at + 2)?, 16).ok();
        Ok(Self {
            number: number.parse().map_err(|_| NoHead)?,
            seal: (0..64)
                .step_by(2)
                .map(byte)
                .collect::<Option<_>>()
                .ok_or(NoHead)?,
        })
    }
}

/// A log that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The newest; none where there is no entry.
    pub head: Option<Head>,
}

/// A log that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampered {
    /// An entry does not fit.
    #[error(
        "the audit log was altered at or before entry {0}, or that entry was sealed with another key"
    )]
    Altered(i64),
    /// Fewer entries than there were.
    #[error("entries were cut off: the audit log ends with entry {last}, and had entry {expected}")]
    CutOff {
        /// The last that is there.
        last: i64,
        /// One that was.
        expected: i64,
    },
    /// All seals fit, and it is another log.
    #[error("the audit log was made anew: entry {0} is not the one that was noted")]
    MadeAnew(i64),
}

impl Books {
    /// Notes something by itself.
    ///
    /// # Errors
    ///
    /// Where it could not be written; then what was to be noted must not be done.
    pub fn note(&self, workspace: Option<&str>, act: Act<'_>) -> Result<(), DatabaseError> {
        self.write(|writing| append(writing, workspace, act))
    }

    /// Entries about a workspace, newest first, before an entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn activity(
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
    pub fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, DatabaseError> {
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

    /// Checks every seal, and that the entry of a head that was noted elsewhere is among them.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn verify_audit(
        &self,
        expected: Option<&Head>,
    ) -> Result<Result<Verified, Tampered>, DatabaseError> {
        let key = &self.audit_key;
        let (mut last, mut seal, mut entries) = (0, Vec::new(), 0);
        loop {
            let page = self.audit(last, 1_000)?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                let right = seal_of(self, &seal, &entry);
                let is_next = entry.number == last + 1;
                let is_anchored = entry.number != key.first || seal == key.before;
                if !is_next || !is_anchored || entry.seal != right {
                    return Ok(Err(Tampered::Altered(entry.number)));
                }
                (last, seal, entries) = (entry.number, right, entries + 1);
                let noted = expected.filter(|head| head.number == last);
                if noted.is_some_and(|head| head.seal != seal) {
                    return Ok(Err(Tampered::MadeAnew(last)));
                }
            }
        }
        let were = expected.map_or(0, |head| head.number).max(key.first - 1);
        if last < were {
            return Ok(Err(Tampered::CutOff {
                last,
                expected: were,
            }));
        }
        let head = (last > 0).then_some(Head { number: last, seal });
        Ok(Ok(Verified { entries, head }))
    }

    /// The newest entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn audit_head(&self) -> Result<Option<Head>, DatabaseError> {
        self.read(head)
    }
}

/// The newest entry.
pub(super) fn head(connection: &Connection) -> Result<Option<Head>, DatabaseError> {
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
pub(super) fn has_known_a_key(connection: &Connection) -> Result<bool, DatabaseError> {
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
    writing: &Writing<'_>,
    workspace: Option<&str>,
    act: Act<'_>,
) -> Result<(), DatabaseError> {
    let (number, previous) = head(writing)?
        .map(|head| (head.number, head.seal))
        .unwrap_or_default();
    let mut entry = AuditEntry {
        number: number + 1,
        at_ms: act.at_ms,
        workspace: workspace.map(str::to_owned),
        who: bounded(act.who),
        action: act.action.to_owned(),
        subject: act.subject.map(bounded),
        seal: Vec::new(),
    };
    entry.seal = keyed_seal(writing.audit_key, &previous, &entry);
    writing
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
    if entry.number % TELL_EVERY == 0 {
        tell(&Head {
            number: entry.number,
            seal: entry.seal,
        });
    }
    Ok(())
}

/// Tells the operator's log what the audit log is known by.
pub fn tell(head: &Head) {
    tracing::info!(%head, "audit log");
}

fn bounded(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST_TEXT);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// The seal that an entry must have: entries from before there was a key have one without.
fn seal_of(books: &Books, previous: &[u8], entry: &AuditEntry) -> Vec<u8> {
    if entry.number < books.audit_key.first {
        Sha256::digest(sealed_bytes(previous, entry)).to_vec()
    } else {
        keyed_seal(&books.audit_key, previous, entry)
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
