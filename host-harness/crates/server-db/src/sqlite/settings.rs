//! Settings that are saved: in force at once, or waiting until a plan of them is approved; and the end of a
//! set-up.

use rusqlite::params;

use super::rows::step_name;
use super::transaction::WriteTx;
use crate::records::{AuditEvent, NewSettings, RecordsError, SaveError};

/// What was proposed is in force from now on.
pub(super) fn confirm(
    tx: &WriteTx<'_>,
    id: &str,
    event: AuditEvent<'_>,
) -> Result<(), RecordsError> {
    let confirms = tx
        .prepare_cached(
            "UPDATE workspaces SET settings = proposed, time_zone = proposed_time_zone, \
                 in_force = coalesce(proposed_in_force, in_force), changed_by = proposed_by, \
                 changed_at_ms = ?2, proposed = NULL, proposed_time_zone = NULL, \
                 proposed_in_force = NULL, proposed_by = NULL, proposed_at_ms = NULL \
             WHERE id = ?1 AND proposed IS NOT NULL",
        )?
        .execute(params![id, event.at_ms])?;
    if confirms == 0 {
        return Ok(());
    }
    let event = AuditEvent {
        action: "settings-confirmed",
        ..event
    };
    tx.note(Some(id), event)
}

/// That the settings, in force or proposed, still have this version, and may be changed.
fn is_current(tx: &WriteTx<'_>, id: &str, version: i64) -> Result<(), SaveError> {
    let (current, by, at_ms, state): (i64, String, i64, String) = tx
        .query_row(
            "SELECT version, coalesce(proposed_by, changed_by), \
                 coalesce(proposed_at_ms, changed_at_ms), state FROM workspaces WHERE id = ?1",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .map_err(RecordsError::from)?;
    if state == "disconnecting" {
        return Err(SaveError::Disconnecting);
    }
    if current != version {
        return Err(SaveError::Conflict { by, at_ms });
    }
    Ok(())
}

/// Saves settings that are in force at once; the new version.
pub(super) fn save(
    tx: &WriteTx<'_>,
    id: &str,
    new: &NewSettings<'_>,
    event: AuditEvent<'_>,
) -> Result<i64, SaveError> {
    is_current(tx, id, new.version)?;
    tx.execute(
        "UPDATE workspaces SET settings = ?2, time_zone = ?3, version = version + 1, \
                 changed_by = ?4, changed_at_ms = ?5, plan_failure = NULL, \
                 in_force = coalesce(?7, in_force), tested = coalesce(?8, tested), \
                 proposed = ?10, \
                 proposed_time_zone = CASE WHEN ?10 IS NOT NULL THEN proposed_time_zone END, \
                 proposed_in_force = CASE WHEN ?10 IS NOT NULL THEN proposed_in_force END, \
                 proposed_by = CASE WHEN ?10 IS NOT NULL THEN proposed_by END, \
                 proposed_at_ms = CASE WHEN ?10 IS NOT NULL THEN proposed_at_ms END, \
                 state = CASE WHEN state = 'disconnected' OR ?9 THEN 'setting-up' ELSE state END, \
                 step = CASE WHEN ?9 THEN 'connect' \
                     WHEN step = 'done' AND state = 'connected' THEN step ELSE ?6 END, \
                 next_run_ms = CASE WHEN ?9 THEN NULL ELSE next_run_ms END \
             WHERE id = ?1",
        params![
            id,
            new.settings,
            new.time_zone,
            event.who,
            event.at_ms,
            step_name(new.step),
            new.in_force,
            new.tested,
            new.anew,
            new.proposal
        ],
    )
    .map_err(RecordsError::from)?;
    tx.note(Some(id), event)?;
    Ok(new.version + 1)
}

/// Saves settings beside those in force; the new version.
pub(super) fn propose(
    tx: &WriteTx<'_>,
    id: &str,
    new: &NewSettings<'_>,
    event: AuditEvent<'_>,
) -> Result<i64, SaveError> {
    is_current(tx, id, new.version)?;
    tx.execute(
        "UPDATE workspaces SET proposed = ?2, proposed_time_zone = ?3, \
             proposed_in_force = ?4, proposed_by = ?5, proposed_at_ms = ?6, \
             version = version + 1, plan_failure = NULL WHERE id = ?1",
        params![
            id,
            new.settings,
            new.time_zone,
            new.in_force,
            event.who,
            event.at_ms
        ],
    )
    .map_err(RecordsError::from)?;
    tx.note(Some(id), event)?;
    Ok(new.version + 1)
}

/// A set-up ends: from now on the workspace is connected.
pub(super) fn connect(
    tx: &WriteTx<'_>,
    id: &str,
    event: AuditEvent<'_>,
) -> Result<(), RecordsError> {
    let connects = tx
        .prepare_cached(
            "UPDATE workspaces SET state = 'connected', step = 'done', connected_at_ms = ?2, \
                 failures = 0 WHERE id = ?1 AND state = 'setting-up'",
        )?
        .execute(params![id, event.at_ms])?;
    if connects == 0 {
        return Ok(());
    }
    let event = AuditEvent {
        action: "connected",
        subject: None,
        ..event
    };
    tx.note(Some(id), event)
}
