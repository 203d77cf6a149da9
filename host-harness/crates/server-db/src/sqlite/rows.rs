//! A workspace as its row holds it.

use api_types::views::SetupStep;
use rusqlite::{Connection, OptionalExtension as _, Row};
use schedule::Tier;

use crate::records::{Outcome, Proposal, RecordsError, WorkspaceRecord, WorkspaceState};

const COLUMNS: &str = "id, name, plan, state, step, created_at_ms, connected_at_ms, settings, \
     version, time_zone, tested, plan_digest, plan_version, plan_failure, last_started_ms, \
     last_success_ms, failures, next_run_ms, last_scheduled_ms, failure, changed_at_ms, outcome, \
     in_force, proposed, proposed_time_zone, proposed_by, proposed_at_ms, failure_kind, \
     failing_since_ms, held_since_ms";

/// The workspace of that id.
pub(super) fn find(
    connection: &Connection,
    id: &str,
) -> Result<Option<WorkspaceRecord>, RecordsError> {
    let record = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM workspaces WHERE id = ?1"))?
        .query_row([id], read)
        .optional()?;
    Ok(record)
}

fn read(row: &Row<'_>) -> rusqlite::Result<WorkspaceRecord> {
    Ok(WorkspaceRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        tier: tier_named(&row.get::<_, String>(2)?),
        state: state_named(&row.get::<_, String>(3)?),
        step: step_named(&row.get::<_, String>(4)?),
        created_at_ms: row.get(5)?,
        connected_at_ms: row.get(6)?,
        settings: row.get(7)?,
        version: row.get(8)?,
        time_zone: row.get(9)?,
        tested: row.get(10)?,
        plan_digest: row.get(11)?,
        plan_version: row.get(12)?,
        plan_failure: row.get(13)?,
        last_started_ms: row.get(14)?,
        last_success_ms: row.get(15)?,
        failures: row.get(16)?,
        next_run_ms: row.get(17)?,
        last_scheduled_ms: row.get(18)?,
        failure: row.get(19)?,
        changed_at_ms: row.get(20)?,
        outcome: row
            .get::<_, Option<String>>(21)?
            .as_deref()
            .map(outcome_named),
        in_force: row.get(22)?,
        proposal: proposal(row)?,
        failure_kind: row.get(27)?,
        failing_since_ms: row.get(28)?,
        held_since_ms: row.get(29)?,
    })
}

fn proposal(row: &Row<'_>) -> rusqlite::Result<Option<Proposal>> {
    let Some(settings) = row.get::<_, Option<String>>(23)? else {
        return Ok(None);
    };
    Ok(Some(Proposal {
        settings,
        time_zone: row.get(24)?,
        by: row.get(25)?,
        at_ms: row.get(26)?,
    }))
}

fn state_named(name: &str) -> WorkspaceState {
    match name {
        "connected" => WorkspaceState::Connected,
        "disconnecting" => WorkspaceState::Disconnecting,
        "disconnected" => WorkspaceState::Disconnected,
        _ => WorkspaceState::SettingUp,
    }
}

pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Stopped => "stopped",
        Outcome::Failed => "failed",
    }
}

fn outcome_named(name: &str) -> Outcome {
    match name {
        "succeeded" => Outcome::Succeeded,
        "stopped" => Outcome::Stopped,
        _ => Outcome::Failed,
    }
}

pub(super) fn step_name(step: SetupStep) -> &'static str {
    match step {
        SetupStep::Connect => "connect",
        SetupStep::Map => "map",
        SetupStep::Review => "review",
        SetupStep::Done => "done",
    }
}

fn step_named(name: &str) -> SetupStep {
    match name {
        "map" => SetupStep::Map,
        "review" => SetupStep::Review,
        "done" => SetupStep::Done,
        _ => SetupStep::Connect,
    }
}

pub(super) fn ids(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<String>, RecordsError> {
    let ids = connection
        .prepare_cached(sql)?
        .query_map(parameters, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

pub(super) fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Standard => "standard",
        Tier::Plus => "plus",
    }
}

fn tier_named(name: &str) -> Tier {
    match name {
        "plus" => Tier::Plus,
        _ => Tier::Standard,
    }
}
