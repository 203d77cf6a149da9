//! The overview of a workspace.

use connector_contract::{ReportStatus, RunMode};
use serde::Serialize;
use utoipa::ToSchema;

use super::AuditEntryView;
use super::people::{PeopleView, RemovalsView};
use super::progress::ProgressView;
use super::setup::{ProposalView, SecretView, SetupStep};
use crate::by_name;
use crate::shapes::{BlockShape, LedgerShape, MappingShape, QualityShape, RunShape};

/// Whether the workspace has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state", content = "step")]
pub enum ConnectionState {
    /// Being set up, at this step.
    SettingUp(SetupStep),
    /// Set up.
    Connected,
    /// Was connected; its contacts are still there.
    Disconnected,
}

/// How the connection stands, as `report` tells it, and `disconnected`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatusCode {
    NeverRun,
    Syncing,
    Succeeded,
    Warnings,
    Failed,
    Blocked,
    Incomplete,
    Disconnected,
}

impl From<ReportStatus> for StatusCode {
    fn from(status: ReportStatus) -> Self {
        match status {
            ReportStatus::NeverRun => Self::NeverRun,
            ReportStatus::Syncing => Self::Syncing,
            ReportStatus::Succeeded => Self::Succeeded,
            ReportStatus::Warnings => Self::Warnings,
            ReportStatus::Failed => Self::Failed,
            ReportStatus::Blocked => Self::Blocked,
            ReportStatus::Incomplete => Self::Incomplete,
        }
    }
}

/// The status pill.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusView {
    pub code: StatusCode,
    /// In two or three words: "Synced successfully".
    pub label: String,
    /// In a sentence or two, with what to do where something is to be done.
    pub explanation: String,
}

/// When the workspace is synced.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleView {
    /// As it is configured: `every 6 h`; none: only on request.
    pub text: Option<String>,
    /// For people: "Every 6 hours".
    pub words: String,
    /// IANA name of the time zone in which cron fields are meant.
    pub time_zone: String,
    /// RFC 3339; none where nothing is scheduled.
    pub next_run: Option<String>,
    /// What is out of the ordinary: backing off after failures, held to the plan's least interval, a run
    /// that was missed.
    pub note: Option<String>,
}

/// How much is missing of one mapped field.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataQualityView {
    #[serde(flatten)]
    pub quality: QualityShape,
    /// The field's name, by which the people behind the number are found.
    pub field: String,
    /// The run that reported it last, RFC 3339.
    pub reported_at: Option<String>,
}

/// A run that a limit has stopped, and that nobody has decided about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockedView {
    pub run_id: String,
    /// RFC 3339.
    pub at: String,
    /// `incremental` or `full`; to be given back with the approval.
    #[serde(serialize_with = "by_name::run_mode::serialize")]
    #[schema(value_type = String)]
    pub mode: RunMode,
    #[serde(flatten)]
    pub block: BlockShape,
}

/// A block, with the people whom it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockView {
    #[serde(flatten)]
    pub blocked: BlockedView,
    /// What approving it takes away, where a plan that is kept tells it. To approve it, the number of
    /// deletions is given back.
    pub removals: Option<RemovalsView>,
    pub concerned: ConcernedView,
}

/// Whom a block is about, as far as that is known. The plan that a block leads to tells it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ConcernedView {
    /// A page of them, from a plan that is kept.
    Named {
        /// Of that plan.
        plan: String,
        people: PeopleView,
    },
    /// What goes on now has to end first; mostly it is that plan.
    Awaited {
        progress: ProgressView,
        /// As on the overview.
        changes: u64,
    },
    /// No plan that is kept names them: one has to plan again.
    Unnamed {
        /// Why, in a sentence.
        why: String,
    },
}

/// Everything on the overview. What a member may not see is left out, never told as nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewView {
    pub workspace: String,
    /// The directory's name, once the connection was tested.
    pub tenant: Option<String>,
    pub connection: ConnectionState,
    pub status: StatusView,
    /// RFC 3339. Also of a workspace that is disconnected, or whose last run was taken back.
    pub last_success: Option<String>,
    pub active_records: u64,
    pub progress: Option<ProgressView>,
    /// Goes to the events as `seen`, which then begin with `changed` where there is more to see by now.
    pub changes: u64,
    /// What only an administrator sees; of a member's overview, none of it is there.
    #[serde(flatten)]
    pub administrator: Option<AdministratorView>,
}

/// What of the overview only an administrator sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdministratorView {
    pub mapped_attributes: u32,
    pub schedule: ScheduleView,
    /// The client secret, without its value.
    pub secret: Option<SecretView>,
    /// What the connector warns of, each in a sentence: a certificate that ends within 30, 7 or 1 days.
    pub warnings: Vec<String>,
    /// What is wrong now, and what helps.
    pub trouble: Option<TroubleView>,
    /// Settings that wait to be put into force.
    pub proposal: Option<ProposalView>,
    /// Synced contacts with at least one missing value.
    pub data_insights: u64,
    pub blocked: Option<BlockedView>,
    /// The last 30 runs, oldest first.
    pub history: Vec<RunShape>,
    /// Most missing first. A value is missing where a contact that is synced has none; whoever is not
    /// synced is in `notSynced`.
    pub data_quality: Vec<DataQualityView>,
    pub mappings: Vec<MappingShape>,
    /// Who is not synced, and why.
    pub not_synced: NotSyncedView,
    /// Somebody decides about values that both sides have changed: `{root}/conflicts`.
    pub asks: bool,
    pub ledger: LedgerShape,
    /// The newest entries of the audit log, newest first.
    pub activity: Vec<AuditEntryView>,
}

/// People of the directory who are not synced, by reason.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotSyncedView {
    /// Those whom somebody may want to see to first.
    pub reasons: Vec<NotSyncedReason>,
}

/// The code for everybody with a value that could not be written, whatever the reason.
pub const NOT_WRITTEN: &str = "not-written";

/// A reason, and how many people it keeps out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotSyncedReason {
    /// In the path of the people: `{root}/people/not-synced?reason=CODE`. As in runs and plans, and
    /// `not-written` for everybody with a value that could not be written.
    pub code: String,
    /// For people.
    pub label: String,
    pub people: u64,
}

/// What is wrong now: what failed, since when, why, and the one thing that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TroubleView {
    /// What kind of trouble: `secret`, `consent`, `connection`, `throttled`, `network`, `directory`,
    /// `incomplete`, `blocked`, `store`, `settings`, `stopped`, `interrupted`, `defect` or `other`.
    pub cause: &'static str,
    /// What failed, in a few words.
    pub title: String,
    /// Since when it is so, RFC 3339: of runs that failed one after another, the first.
    pub since: Option<String>,
    /// Why, in a sentence or two, with what to do.
    pub reason: String,
    pub remedy: RemedyView,
}

/// The one thing that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemedyView {
    /// `enter-secret`, `enter-certificate`, `ask-for-consent`, `check-connection`, `test-again`, `sync-again`,
    /// `review-block` or `edit-settings`.
    pub code: &'static str,
    /// As on the button.
    pub label: String,
    /// Where in the workspace's pages that is.
    pub path: &'static str,
    /// The path is posted to, and not looked at.
    pub posts: bool,
}
