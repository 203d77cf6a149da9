//! What can go wrong with an SQLite database, in the four kinds of [`BackendError`].
//!
//! No error carries a value: SQLite's own messages name tables and columns at most, and even those
//! are replaced by a sentence that says what to do.

use connector_contract::StoreError;
use rusqlite::ErrorCode;
use store_api::{BackendError, EditError, LeaseError};
use thiserror::Error;

/// The database did not do what was asked; nothing of it was done.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// Locked, full, or out of reach: the same call may work later.
    #[error("{0}")]
    Unavailable(String),
    /// The file's contents are not what the store wrote.
    #[error("{0}")]
    Damaged(String),
    /// The write was to be done under a lease that another one holds by now; says who, since when.
    #[error("the right to write was lost: {0}")]
    LeaseLost(String),
    /// Neither of these.
    #[error("{0}")]
    Other(String),
}

impl DatabaseError {
    /// What was committed, and may be lost with the power.
    pub(super) fn not_flushed() -> Self {
        Self::Unavailable(
            "the contact database could not be flushed to the disk; check the disk".to_owned(),
        )
    }

    /// Stored data that cannot be read back; `what` names the kind of data, never a value.
    pub(super) fn unreadable(what: &str) -> Self {
        Self::Damaged(format!(
            "{what} cannot be read; restore the contact database from a backup"
        ))
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::unreadable("a row of the contact store"),
                _ => Self::Other(
                    "the contact database was used in a way it does not allow; this is a defect \
                     of the host"
                        .into(),
                ),
            };
        };
        match code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Unavailable(
                "another process is writing to the contact database; try again when it is done"
                    .into(),
            ),
            ErrorCode::DiskFull => Self::Unavailable(
                "the contact database cannot grow: its disk is full, or it is as large as that of one \
                 workspace may become; free some space and try again"
                    .into(),
            ),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::Unavailable(
                "the contact database may not be written; check the permissions of the data \
                 directory and its files"
                    .into(),
            ),
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => Self::Unavailable(
                "the contact database cannot be reached; check the disk and the data directory"
                    .into(),
            ),
            ErrorCode::OutOfMemory => {
                Self::Unavailable("the machine has no memory left for the contact database".into())
            }
            ErrorCode::DatabaseCorrupt => Self::Damaged(
                "the contact database is damaged; restore it from a backup, or move it away to \
                 start anew"
                    .into(),
            ),
            ErrorCode::NotADatabase => Self::Damaged(
                "the contact database is no SQLite database; restore it from a backup, or move it \
                 away to start anew"
                    .into(),
            ),
            other => Self::Other(format!(
                "the contact database refused a statement ({other:?}); this is a defect of the host"
            )),
        }
    }
}

impl From<DatabaseError> for BackendError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(message) => Self::Unavailable(message),
            DatabaseError::Damaged(message) => Self::Damaged(message),
            DatabaseError::LeaseLost(held) => Self::LeaseLost(held),
            DatabaseError::Other(message) => Self::Other(message),
        }
    }
}

impl From<DatabaseError> for LeaseError {
    fn from(error: DatabaseError) -> Self {
        Self::Backend(error.into())
    }
}

impl From<DatabaseError> for EditError {
    fn from(error: DatabaseError) -> Self {
        Self::Backend(error.into())
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        BackendError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn kind(result_code: std::ffi::c_int) -> DatabaseError {
        rusqlite::Error::SqliteFailure(ffi::Error::new(result_code), Some("secret value".into()))
            .into()
    }

    #[test]
    fn what_may_pass_is_unavailable_and_what_needs_a_person_is_damaged() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_IOERR,
            ffi::SQLITE_CANTOPEN,
        ] {
            assert!(
                matches!(kind(code), DatabaseError::Unavailable(_)),
                "{code}"
            );
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(matches!(kind(code), DatabaseError::Damaged(_)), "{code}");
        }
        assert!(matches!(
            kind(ffi::SQLITE_CONSTRAINT),
            DatabaseError::Other(_)
        ));
    }

    #[test]
    fn no_message_repeats_what_sqlite_said() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_CONSTRAINT,
        ] {
            assert!(!kind(code).to_string().contains("secret value"));
        }
    }
}
