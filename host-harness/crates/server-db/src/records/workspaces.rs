//! Workspaces: how each is set, and how far its set-up is.

use super::RecordsError;
use super::audit::AuditEvent;
use super::jobs::Outcome;
use super::secrets::SecretChange;
use api_types::views::SetupStep;
use schedule::Tier;

/// Whether a workspace has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceState {
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
    /// See [`is_workspace_id`](is_workspace_id).
    pub id: String,
    /// For people.
    pub name: String,
    /// How often it may be synced.
    pub tier: Tier,
    /// The configuration document to begin with.
    pub settings: String,
    /// IANA name.
    pub time_zone: String,
}

/// A workspace as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRecord {
    /// See [`is_workspace_id`](is_workspace_id).
    pub id: String,
    /// For people.
    pub name: String,
    /// How often it may be synced.
    pub tier: Tier,
    /// How far it is.
    pub state: WorkspaceState,
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

/// Why settings were not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else saved since the form was drawn.
    #[error("{by} has changed these settings meanwhile")]
    Conflict {
        /// Who.
        by: String,
        /// Milliseconds since 1970-01-01T00:00:00Z.
        at_ms: i64,
    },
    /// The workspace is being disconnected.
    #[error("this workspace is being disconnected; try again when that is done")]
    Disconnecting,
    /// The database did not do what was asked.
    #[error(transparent)]
    Database(#[from] RecordsError),
}

/// Settings that somebody saves.
#[derive(Clone, Copy, Debug)]
pub struct NewSettings<'a> {
    /// The version that they were made from.
    pub version: i64,
    /// The document.
    pub settings: &'a str,
    /// IANA name.
    pub time_zone: &'a str,
    /// Where the set-up goes on.
    pub step: SetupStep,
    /// What the connector makes of them, where it was asked.
    pub in_force: Option<&'a str>,
    /// What is known of the connection from now on, where it is another one.
    pub tested: Option<&'a str>,
    /// Another directory is to be read: nothing is synced until the first plan of it was approved, as in a
    /// new workspace.
    pub anew: bool,
    /// The document that goes on waiting to be put into force beside these settings.
    pub proposal: Option<&'a str>,
}

/// What a connection test found.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionTest<'a> {
    /// The document that was tested.
    pub settings: &'a str,
    /// Its version.
    pub version: i64,
    /// What was found, as JSON.
    pub found: &'a str,
    /// What the connector makes of the settings, where it could say.
    pub in_force: Option<&'a str>,
}

/// Whether a text can be the id of a workspace: it is part of addresses and the name of a folder.
pub fn is_workspace_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&id.len()) && id.bytes().all(plain) && !id.starts_with('-')
}

/// Which workspaces there are, and how each is set.
pub trait Workspaces: Send + Sync {
    /// Makes a workspace; `false` where one has that id already, which stays as it is.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn add_workspace(
        &self,
        workspace: &NewWorkspace,
        event: AuditEvent<'_>,
    ) -> Result<bool, RecordsError>;

    /// A workspace.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn workspace(&self, id: &str) -> Result<Option<WorkspaceRecord>, RecordsError>;

    /// The ids of all workspaces, in order.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn workspace_ids(&self) -> Result<Vec<String>, RecordsError>;

    /// Saves settings, and moves the set-up on to a step at least; the new version.
    ///
    /// # Errors
    ///
    /// [`SaveError::Conflict`] where the settings have another version by now, and
    /// [`SaveError::Disconnecting`].
    fn save_settings(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError>;

    /// Saves settings as [`Workspaces::save_settings`] does, and what becomes of secrets, by their names, with them:
    /// all of it or nothing.
    ///
    /// # Errors
    ///
    /// As [`Workspaces::save_settings`].
    fn save_with_secrets(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        changes: &[(&str, SecretChange)],
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError>;

    /// Saves settings beside those in force, until a plan of them is approved; the new version.
    ///
    /// # Errors
    ///
    /// As [`Workspaces::save_settings`].
    fn propose(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        event: AuditEvent<'_>,
    ) -> Result<i64, SaveError>;

    /// Gives up settings that wait to be put into force; `false` where there are none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn discard_proposal(&self, id: &str, event: AuditEvent<'_>) -> Result<bool, RecordsError>;

    /// Keeps what a connection test found, where the connection still is the one of the settings that were
    /// tested; and what the connector makes of them, where they still have that version.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn save_test(
        &self,
        id: &str,
        test: &ConnectionTest<'_>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// A set-up goes on from its first step.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn reach_step(&self, id: &str, step: SetupStep) -> Result<(), RecordsError>;

    /// Keeps the digest of the plan for the review, or why there is none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn save_plan(
        &self,
        id: &str,
        version: i64,
        plan: Result<&str, &str>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// A workspace is connected without anybody's review, at the wish of whoever operates the server.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn set_connected(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError>;

    /// The first half of a disconnection: schedules stop, and secrets are forgotten, whatever becomes of
    /// the second.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn begin_disconnecting(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError>;

    /// The second half, when nothing goes on any more: what was found with the secrets is forgotten too.
    /// A new set-up begins with these settings; where there are none, with those that waited to be put into force,
    /// or else were.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn set_disconnected(
        &self,
        id: &str,
        settings: Option<&str>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;
}
