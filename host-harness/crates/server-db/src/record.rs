//! A workspace as the database holds it.

use api_types::views::SetupStep;
use rusqlite::{Connection, OptionalExtension as _, Row};
use store_sqlite::DatabaseError;

/// Whether a workspace has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being set up.
    SettingUp,
    /// Set up; it is synced by its schedule.
    Connected,
    /// Asked to be disconnected; whoever finds it so goes on with that.
    Disconnecting,
    /// No longer; its contacts are still there.
    Disconnected,
}

/// A workspace to be made.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// See [`is_workspace_id`](crate::is_workspace_id).
    pub id: String,
    /// For people.
    pub name: String,
    /// `standard` or `plus`.
    pub plan: String,
    /// The configuration document to begin with.
    pub settings: String,
    /// IANA name.
    pub time_zone: String,
}

/// A workspace as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRecord {
    /// See [`is_workspace_id`](crate::is_workspace_id).
    pub id: String,
    /// For people.
    pub name: String,
    /// `standard` or `plus`.
    pub plan: String,
    /// How far it is.
    pub state: State,
    /// Where its set-up is.
    pub step: SetupStep,
    /// Milliseconds since 1970-01-01T00:00:00Z, as every `_ms`.
    pub created_at_ms: i64,
    /// When it was connected; none where it is not.
    pub connected_at_ms: Option<i64>,
    /// The configuration document.
    pub settings: String,
    /// Counts up with every change of the settings.
    pub version: i64,
    /// IANA name.
    pub time_zone: String,
    /// JSON of the last connection test.
    pub tested: Option<String>,
    /// What the connector makes of the settings.
    pub in_force: Option<String>,
    /// The plan that the review shows.
    pub plan_digest: Option<String>,
    /// The version of the settings that it was made with.
    pub plan_version: Option<i64>,
    /// Why there is no plan.
    pub plan_failure: Option<String>,
    /// When a run began last.
    pub last_started_ms: Option<i64>,
    /// The moment for which that run was scheduled; none where a person started it.
    pub last_scheduled_ms: Option<i64>,
    /// When a run last did what it should.
    pub last_success_ms: Option<i64>,
    /// How the last run ended.
    pub outcome: Option<Outcome>,
    /// Why the last run could not even begin.
    pub failure: Option<String>,
    /// When the settings were changed last.
    pub changed_at_ms: i64,
    /// Scheduled runs that failed, one after another.
    pub failures: u32,
    /// When the schedule is due.
    pub next_run_ms: Option<i64>,
    /// Settings that were saved and that nobody has put into force.
    pub proposal: Option<Proposal>,
    /// What kind of failure kept the last run from beginning.
    pub failure_kind: Option<String>,
    /// Since when runs fail, one after another.
    pub failing_since_ms: Option<i64>,
    /// Since when the schedule waits for a person, because a run was taken back.
    pub held_since_ms: Option<i64>,
}

impl WorkspaceRecord {
    /// The settings as a person sees them who edits them: those that wait to be put into force, or else
    /// those that are.
    pub fn edited(&self) -> &str {
        let proposal = self.proposal.as_ref();
        proposal.map_or(&self.settings, |proposal| &proposal.settings)
    }
}

/// Settings that were saved and that nobody has put into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The configuration document.
    pub settings: String,
    /// IANA name.
    pub time_zone: String,
    /// Who saved them.
    pub by: String,
    /// When. Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// How a run ended, as far as the scheduler is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Succeeded,
    /// Neither: a limit or a person stopped it.
    Stopped,
    /// It failed.
    Failed,
}

const COLUMNS: &str = "id, name, plan, state, step, created_at_ms, connected_at_ms, settings, \
     version, time_zone, tested, plan_digest, plan_version, plan_failure, last_started_ms, \
     last_success_ms, failures, next_run_ms, last_scheduled_ms, failure, changed_at_ms, outcome, \
     in_force, proposed, proposed_time_zone, proposed_by, proposed_at_ms, failure_kind, \
     failing_since_ms, held_since_ms";

/// The workspace of that id.
pub(super) fn find(
    connection: &Connection,
    id: &str,
) -> Result<Option<WorkspaceRecord>, DatabaseError> {
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
        plan: row.get(2)?,
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

fn state_named(name: &str) -> State {
    match name {
        "connected" => State::Connected,
        "disconnecting" => State::Disconnecting,
        "disconnected" => State::Disconnected,
        _ => State::SettingUp,
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
