//! [`Consents`] in SQLite.

use rusqlite::{OptionalExtension as _, params};

use super::database::ServerDb;
use crate::records::{AuditEvent, Consents, RecordsError};

impl Consents for ServerDb {
    fn begin_consent(
        &self,
        state_hash: &[u8],
        workspace: &str,
        session_hash: &[u8],
        expires_at_ms: i64,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute(
                "DELETE FROM consents WHERE expires_at_ms < ?1",
                [event.at_ms],
            )?;
            tx.execute(
                "INSERT INTO consents (state_hash, workspace, session_hash, expires_at_ms) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![state_hash, workspace, session_hash, expires_at_ms],
            )?;
            tx.note(Some(workspace), event)
        })
    }

    fn workspace_of_consent(
        &self,
        state_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<String>, RecordsError> {
        self.read(|connection| {
            let workspace = connection
                .prepare_cached(
                    "SELECT workspace FROM consents WHERE state_hash = ?1 AND expires_at_ms > ?2",
                )?
                .query_row(params![state_hash, now_ms], |row| row.get(0))
                .optional()?;
            Ok(workspace)
        })
    }

    fn end_consent(
        &self,
        state_hash: &[u8],
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<bool, RecordsError> {
        self.write(|tx| {
            let ended = tx.execute(
                "DELETE FROM consents \
                 WHERE state_hash = ?1 AND session_hash = ?2 AND expires_at_ms > ?3",
                params![state_hash, session_hash, now_ms],
            )?;
            Ok(ended == 1)
        })
    }
}
