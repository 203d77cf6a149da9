//! [`Submissions`] in SQLite.

use rusqlite::{OptionalExtension as _, params};

use super::database::ServerDb;
use crate::records::{RecordsError, Submissions};

/// For how long a form that comes again is recognised.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

impl Submissions for ServerDb {
    fn submitted(&self, workspace: &str, mark: &str) -> Result<Option<String>, RecordsError> {
        self.read(|connection| {
            let location = connection
                .prepare_cached(
                    "SELECT location FROM submissions WHERE workspace = ?1 AND mark = ?2",
                )?
                .query_row(params![workspace, mark], |row| row.get(0))
                .optional()?;
            Ok(location)
        })
    }

    fn keep_submission(
        &self,
        workspace: &str,
        mark: &str,
        location: &str,
        now_ms: i64,
    ) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute(
                "DELETE FROM submissions WHERE workspace = ?1 AND at_ms < ?2",
                params![workspace, now_ms.saturating_sub(REMEMBERED_MS)],
            )?;
            tx.execute(
                "INSERT OR REPLACE INTO submissions (workspace, mark, at_ms, location) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![workspace, mark, now_ms, location],
            )?;
            Ok(())
        })
    }
}
