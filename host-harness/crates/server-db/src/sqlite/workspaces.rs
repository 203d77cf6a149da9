//! [`Workspaces`] in SQLite.

use api_types::views::SetupStep;
use rusqlite::params;

use super::database::{Durable, ServerDb};
use super::rows::{find, ids, step_name, tier_name};
use super::secrets::change_secret;
use super::settings::{connect, propose, save};
use crate::records::{
    AuditEvent, ConnectionTest, NewSettings, NewWorkspace, RecordsError, SaveError, SecretChange,
    WorkspaceRecord, Workspaces,
};

impl Workspaces for ServerDb {
    fn add_workspace(
        &self,
        workspace: &NewWorkspace,
        event: AuditEvent<'_>,
    ) -> Result<bool, RecordsError> {
        self.write(|tx| {
            let added = tx.execute(
                "INSERT INTO workspaces (id, name, plan, state, step, created_at_ms, settings, \
                     changed_by, changed_at_ms, time_zone) \
                 VALUES (?1, ?2, ?3, 'setting-up', 'connect', ?4, ?5, ?6, ?4, ?7) \
                 ON CONFLICT DO NOTHING",
                params![
                    workspace.id,
                    workspace.name,
                    tier_name(workspace.tier),
                    event.at_ms,
                    workspace.settings,
                    event.who,
                    workspace.time_zone
                ],
            )?;
            if added == 1 {
                tx.note(Some(&workspace.id), event)?;
            }
            Ok(added == 1)
        })
    }

    fn workspace(&self, id: &str) -> Result<Option<WorkspaceRecord>, RecordsError> {
        self.read(|connection| find(connection, id))
    }

    fn workspace_ids(&self) -> Result<Vec<String>, RecordsError> {
        self.read(|connection| ids(connection, "SELECT id FROM workspaces ORDER BY id", []))
    }

    fn save_settings(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError> {
        self.write(|tx| save(tx, id, new, event))
    }

    fn save_with_secrets(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        changes: &[(&str, SecretChange)],
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError> {
        self.write(|tx| {
            let saved = save(tx, id, new, event)?;
            for (name, change) in changes {
                change_secret(tx, id, name, change, event)?;
            }
            Ok(saved)
        })
    }

    fn propose(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError> {
        self.write(|tx| propose(tx, id, new, event))
    }

    fn discard_proposal(&self, id: &str, event: AuditEvent<'_>) -> Result<bool, RecordsError> {
        self.write(|tx| {
            let discarded = tx.execute(
                "UPDATE workspaces SET proposed = NULL, proposed_time_zone = NULL, \
                     proposed_in_force = NULL, proposed_by = NULL, proposed_at_ms = NULL, \
                     plan_digest = NULL, plan_version = NULL, plan_failure = NULL, \
                     version = version + 1 \
                 WHERE id = ?1 AND proposed IS NOT NULL",
                [id],
            )?;
            if discarded == 1 {
                tx.note(Some(id), event)?;
            }
            Ok(discarded == 1)
        })
    }

    fn save_test(
        &self,
        id: &str,
        test: &ConnectionTest<'_>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.update(
            Durable::Now,
            id,
            Some(event),
            "UPDATE workspaces SET \
                 tested = CASE WHEN settings -> 'tenant' IS ?3 -> 'tenant' \
                     AND settings -> 'credentials' IS ?3 -> 'credentials' THEN ?2 ELSE tested END, \
                 in_force = CASE WHEN version = ?4 THEN coalesce(?5, in_force) ELSE in_force END \
             WHERE id = ?1",
            params![id, test.found, test.settings, test.version, test.in_force],
        )
    }

    fn reach_step(&self, id: &str, step: SetupStep) -> Result<(), RecordsError> {
        self.update(
            Durable::Now,
            id,
            None,
            "UPDATE workspaces SET step = ?2 WHERE id = ?1 AND state = 'setting-up' \
                 AND step = 'connect'",
            params![id, step_name(step)],
        )
    }

    fn save_plan(
        &self,
        id: &str,
        version: i64,
        plan: Result<&str, &str>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.update(
            Durable::Now,
            id,
            Some(event),
            "UPDATE workspaces SET plan_digest = ?2, plan_version = ?3, plan_failure = ?4 \
             WHERE id = ?1",
            params![id, plan.ok(), version, plan.err()],
        )
    }

    fn set_connected(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError> {
        self.write(|tx| connect(tx, id, event))
    }

    fn begin_disconnecting(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute("DELETE FROM secrets WHERE workspace = ?1", [id])?;
            tx.execute("DELETE FROM consents WHERE workspace = ?1", [id])?;
            tx.execute(
                "UPDATE workspaces SET state = 'disconnecting', next_run_ms = NULL, job = NULL \
                 WHERE id = ?1",
                [id],
            )?;
            tx.note(Some(id), event)
        })
    }

    fn set_disconnected(
        &self,
        id: &str,
        settings: Option<&str>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError> {
        self.write(|tx| {
            tx.execute("DELETE FROM secrets WHERE workspace = ?1", [id])?;
            tx.execute("DELETE FROM consents WHERE workspace = ?1", [id])?;
            tx.execute(
                "UPDATE workspaces SET state = 'disconnected', step = 'connect', tested = NULL, in_force = NULL, \
                     plan_digest = NULL, plan_version = NULL, plan_failure = NULL, job = NULL, \
                     settings = coalesce(?2, proposed, settings), \
                     time_zone = coalesce(proposed_time_zone, time_zone), \
                     proposed = NULL, proposed_time_zone = NULL, proposed_in_force = NULL, \
                     proposed_by = NULL, proposed_at_ms = NULL, held_since_ms = NULL, \
                     failure = NULL, failure_kind = NULL, failing_since_ms = NULL, \
                     next_run_ms = NULL, failures = 0, connected_at_ms = NULL, version = version + 1 \
                 WHERE id = ?1",
                params![id, settings],
            )?;
            tx.note(Some(id), event)
        })
    }
}
