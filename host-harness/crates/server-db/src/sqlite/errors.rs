//! What SQLite says, as [`RecordsError`]. SQLite's own words are replaced by a sentence that says what to do.

use rusqlite::ErrorCode;

use crate::records::RecordsError;

impl From<rusqlite::Error> for RecordsError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Damaged(
                    "a row of the server's records cannot be read; restore them from a backup"
                        .into(),
                ),
                _ => Self::Other(
                    "the server's records were used in a way they do not allow; this is a defect \
                     of the server"
                        .into(),
                ),
            };
        };
        match code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Unavailable(
                "another process is writing to the server's records; try again when it is done"
                    .into(),
            ),
            ErrorCode::DiskFull => Self::Unavailable(
                "the server's records cannot grow: their disk is full; free some space and try again"
                    .into(),
            ),
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::Unavailable(
                "the server's records may not be written; check the permissions of the server's \
                 directory and its files"
                    .into(),
            ),
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => Self::Unavailable(
                "the server's records cannot be reached; check the disk and the server's directory"
                    .into(),
            ),
            ErrorCode::OutOfMemory => {
                Self::Unavailable("the machine has no memory left for the server's records".into())
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(
                "the server's records are damaged; restore them from a backup".into(),
            ),
            other => Self::Other(format!(
                "the server's records refused a statement ({other:?}); this is a defect of the server"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn kind(code: std::ffi::c_int) -> RecordsError {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("secret value".into())).into()
    }

    #[test]
    fn what_may_pass_is_unavailable_what_needs_a_backup_is_damaged_and_no_value_is_told() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_IOERR,
            ffi::SQLITE_CANTOPEN,
        ] {
            assert!(matches!(kind(code), RecordsError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(matches!(kind(code), RecordsError::Damaged(_)), "{code}");
        }
        let refused = kind(ffi::SQLITE_CONSTRAINT);
        assert!(matches!(refused, RecordsError::Other(_)));
        assert!(!refused.to_string().contains("secret value"));
    }
}
