//! [`AuditLog`] in SQLite.

use rusqlite::params;

use super::audit_chain::{head, read_entry, seal_of};
use super::database::ServerDb;
use crate::records::{AuditEntry, AuditEvent, AuditLog, Head, RecordsError, Tampered, Verified};

impl AuditLog for ServerDb {
    fn note(&self, workspace: Option<&str>, event: AuditEvent<'_>) -> Result<(), RecordsError> {
        self.write(|tx| tx.note(workspace, event))
    }

    fn activity(
        &self,
        workspace: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, RecordsError> {
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

    fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, RecordsError> {
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

    fn verify_audit(
        &self,
        expected: Option<&Head>,
    ) -> Result<Result<Verified, Tampered>, RecordsError> {
        let key = &self.audit_key;
        let (mut last, mut seal, mut entries) = (0, Vec::new(), 0);
        loop {
            let page = self.audit(last, 1_000)?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                let right = seal_of(key, &seal, &entry);
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

    fn audit_head(&self) -> Result<Option<Head>, RecordsError> {
        // Whoever notes it down compares the log with it: it must not become shorter.
        self.flush()?;
        self.read(head)
    }
}
