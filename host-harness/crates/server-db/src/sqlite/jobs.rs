//! [`Jobs`] in SQLite.

use rusqlite::params;

use super::database::{Durable, ServerDb};
use super::rows::{ids, outcome_name};
use super::settings::{confirm, connect};
use crate::records::{AuditEvent, JobEnd, JobStarter, Jobs, NewJob, Outcome, RecordsError};

/// A run of the schedule or of a notification whose begin or end is forgotten is due again, or is gone on with: it finds nothing to
/// do. What a person began may rest on an approval, which is for once.
fn durable(starter: JobStarter) -> Durable {
    match starter {
        JobStarter::Schedule | JobStarter::Notification => Durable::Later,
        JobStarter::Person | JobStarter::Undoing => Durable::Now,
    }
}

impl Jobs for ServerDb {
    fn begin_job(
        &self,
        id: &str,
        begun: NewJob<'_>,
        event: AuditEvent<'_>,
    ) -> Result<bool, RecordsError> {
        self.write_durable(durable(begun.starter), |tx| {
            if begun.connects {
                connect(tx, id, event)?;
            }
            if begun.confirms {
                confirm(tx, id, event)?;
            }
            let begins = tx
                .prepare_cached(
                    "UPDATE workspaces SET job = ?2, last_started_ms = ?3, \
                         last_scheduled_ms = CASE WHEN ?4 THEN coalesce(next_run_ms, ?3) END, \
                         next_run_ms = NULL, \
                         held_since_ms = CASE WHEN ?5 THEN ?3 WHEN ?6 THEN held_since_ms END \
                     WHERE id = ?1 AND state NOT IN ('disconnecting', 'disconnected')",
                )?
                .execute(params![
                    id,
                    begun.job,
                    event.at_ms,
                    begun.starter == JobStarter::Schedule,
                    begun.starter == JobStarter::Undoing,
                    matches!(
                        begun.starter,
                        JobStarter::Schedule | JobStarter::Notification
                    )
                ])?;
            if begins == 1 {
                tx.note(Some(id), event)?;
            }
            Ok(begins == 1)
        })
    }

    fn end_job(
        &self,
        id: &str,
        ended: JobEnd<'_>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        let (succeeded, failed) = match ended.outcome {
            Outcome::Succeeded => (true, false),
            Outcome::Stopped => (false, false),
            Outcome::Failed => (false, true),
        };
        let failure = ended.failure.map(|failure| failure.why);
        let kind = ended.failure.map(|failure| failure.kind);
        self.update(
            durable(ended.starter),
            id,
            Some(event),
            "UPDATE workspaces SET job = NULL, failure = ?5, failure_kind = ?7, outcome = ?6, \
                 last_success_ms = CASE WHEN ?2 THEN ?4 ELSE last_success_ms END, \
                 failing_since_ms = CASE WHEN ?3 THEN coalesce(failing_since_ms, ?4) END, \
                 failures = CASE WHEN ?2 THEN 0 \
                     WHEN ?3 AND last_scheduled_ms IS NOT NULL THEN failures + 1 \
                     ELSE failures END \
             WHERE id = ?1",
            params![
                id,
                succeeded,
                failed,
                event.at_ms,
                failure,
                outcome_name(ended.outcome),
                kind
            ],
        )
    }

    fn end_undo(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError> {
        self.update(
            Durable::Now,
            id,
            Some(event),
            "UPDATE workspaces SET job = NULL WHERE id = ?1",
            params![id],
        )
    }

    fn unfinished_jobs(&self) -> Result<Vec<(String, String)>, RecordsError> {
        self.read(|connection| {
            let jobs = connection
                .prepare_cached("SELECT id, job FROM workspaces WHERE job IS NOT NULL ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            Ok(jobs)
        })
    }

    fn set_next_run(&self, id: &str, at_ms: Option<i64>) -> Result<(), RecordsError> {
        self.update(
            Durable::Later,
            id,
            None,
            "UPDATE workspaces SET next_run_ms = ?2 WHERE id = ?1 AND job IS NULL",
            params![id, at_ms],
        )
    }

    fn due(&self, now_ms: i64, limit: u32) -> Result<Vec<String>, RecordsError> {
        self.read(|connection| {
            ids(
                connection,
                "SELECT id FROM workspaces WHERE next_run_ms <= ?1 AND state = 'connected' \
                 AND job IS NULL ORDER BY next_run_ms LIMIT ?2",
                params![now_ms, limit],
            )
        })
    }

    fn earliest_run_ms(&self) -> Result<Option<i64>, RecordsError> {
        self.read(|connection| {
            let earliest = connection
                .prepare_cached(
                    "SELECT min(next_run_ms) FROM workspaces WHERE next_run_ms IS NOT NULL",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(earliest)
        })
    }
}
