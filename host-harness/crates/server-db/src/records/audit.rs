//! The audit log: who did what, when. Added to, read, exported; not edited.

use std::fmt;
use std::str::FromStr;

use super::RecordsError;

/// Something to be noted.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
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
    /// As in [`AuditEvent::who`].
    pub who: String,
    /// As in [`AuditEvent::action`].
    pub action: String,
    /// As in [`AuditEvent::subject`].
    pub subject: Option<String>,
    /// What binds it to the entry before.
    pub seal: Vec<u8>,
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
pub struct ParseHeadError;

impl FromStr for Head {
    type Err = ParseHeadError;

    fn from_str(text: &str) -> Result<Self, ParseHeadError> {
        let (number, seal) = text.trim().split_once(':').ok_or(ParseHeadError)?;
        if seal.len() != 64 || !seal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ParseHeadError);
        }
        let byte = |at: usize| u8::from_str_radix(seal.get(at..at + 2)?, 16).ok();
        Ok(Self {
            number: number.parse().map_err(|_| ParseHeadError)?,
            seal: (0..64)
                .step_by(2)
                .map(byte)
                .collect::<Option<_>>()
                .ok_or(ParseHeadError)?,
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

impl Head {
    /// Writes it to the operator's log, where nobody who alters the database reaches it.
    pub fn log(&self) {
        tracing::info!(head = %self, "audit log");
    }
}

/// Who did what, when.
pub trait AuditLog: Send + Sync {
    /// Notes something by itself.
    ///
    /// # Errors
    ///
    /// Where it could not be written; then what was to be noted must not be done.
    fn note(&self, workspace: Option<&str>, event: AuditEvent<'_>) -> Result<(), RecordsError>;

    /// Entries about a workspace, newest first, before an entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn activity(
        &self,
        workspace: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, RecordsError>;

    /// All entries, oldest first, after an entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, RecordsError>;

    /// Checks every seal, and that the entry of a head that was noted elsewhere is among them.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn verify_audit(
        &self,
        expected: Option<&Head>,
    ) -> Result<Result<Verified, Tampered>, RecordsError>;

    /// The newest entry.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn audit_head(&self) -> Result<Option<Head>, RecordsError>;
}
