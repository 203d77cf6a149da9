//! Forms that were posted: each is carried out once, however often it arrives.

use rusqlite::{OptionalExtension as _, params};

use super::Books;
use crate::store::DatabaseError;

/// For how long a form that comes again is recognised.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Submission {
    /// It comes for the first time.
    New,
    /// It was carried out, and led there; none: it is being carried out now, or the server ended in
    /// between.
    Again(Option<String>),
}

impl Books {
    /// Takes note of a form before it is carried out.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub(crate) fn submit(
        &self,
        workspace: &str,
        token: &str,
        now_ms: i64,
    ) -> Result<Submission, DatabaseError> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM submissions WHERE workspace = ?1 AND at_ms < ?2",
                params![workspace, now_ms.saturating_sub(REMEMBERED_MS)],
            )?;
            let known = connection
                .query_row(
                    "SELECT location FROM submissions WHERE workspace = ?1 AND token = ?2",
                    params![workspace, token],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(location) = known {
                return Ok(Submission::Again(location));
            }
            connection.execute(
                "INSERT INTO submissions (workspace, token, at_ms) VALUES (?1, ?2, ?3)",
                params![workspace, token, now_ms],
            )?;
            Ok(Submission::New)
        })
    }

    /// Whether a form was carried out, or is being carried out.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub(crate) fn is_submitted(&self, workspace: &str, token: &str) -> Result<bool, DatabaseError> {
        self.read(|connection| {
            let known = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM submissions WHERE workspace = ?1 AND token = ?2)",
                )?
                .query_row(params![workspace, token], |row| row.get(0))?;
            Ok(known)
        })
    }

    /// Takes note of where it led.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub(crate) fn submitted(
        &self,
        workspace: &str,
        token: &str,
        location: &str,
    ) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute(
                "UPDATE submissions SET location = ?3 WHERE workspace = ?1 AND token = ?2",
                params![workspace, token, location],
            )?;
            Ok(())
        })
    }

    /// Forgets a form that was not carried out, so that it may come again.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub(crate) fn unsubmit(&self, workspace: &str, token: &str) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM submissions WHERE workspace = ?1 AND token = ?2",
                params![workspace, token],
            )?;
            Ok(())
        })
    }
}
