//! The overview of a workspace.

use serde::Serialize;
use utoipa::ToSchema;

use super::AuditEntryView;
use super::people::{PeopleView, RemovalsView};
use super::setup::{ProposalView, SecretView, SetupStep};
use crate::shapes::{BlockShape, LedgerShape, MappingShape, QualityShape, RunShape};

/// Whether the workspace has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state", content = "step")]
pub(crate) enum ConnectionState {
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
pub(crate) enum StatusCode {
    NeverRun,
    Syncing,
    Succeeded,
    Warnings,
    Failed,
    Blocked,
    Incomplete,
    Disconnected,
}

/// The status pill.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StatusView {
    pub(crate) code: StatusCode,
    /// In two or three words: "Synced successfully".
    pub(crate) label: String,
    /// In a sentence or two, with what to do where something is to be done.
    pub(crate) explanation: String,
}

/// When the workspace is synced.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleView {
    /// As it is configured: `every 6 h`; none: only on request.
    pub(crate) text: Option<String>,
    /// For people: "Every 6 hours".
    pub(crate) words: String,
    /// IANA name of the time zone in which cron fields are meant.
    pub(crate) time_zone: String,
    /// RFC 3339; none where nothing is scheduled.
    pub(crate) next_run: Option<String>,
    /// What is out of the ordinary: backing off after failures, held to the plan's least interval, a run
    /// that was missed.
    pub(crate) note: Option<String>,
}

/// A run that goes on now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgressView {
    /// `sync`, `plan`, `retry`, `undo plan`, `undo`, `test` or `disconnect`.
    pub(crate) task: String,
    /// In words: "Reading the directory".
    pub(crate) phase: String,
    /// People so far.
    pub(crate) done: u64,
    /// People in all, where that is known; an estimate.
    pub(crate) total: Option<u64>,
    /// RFC 3339.
    pub(crate) started_at: String,
    /// It waits for other workspaces' runs.
    pub(crate) queued: bool,
    /// Asked to stop; it ends after the page that it is at.
    pub(crate) stopping: bool,
}

/// How much is missing of one mapped field.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataQualityView {
    #[serde(flatten)]
    pub(crate) quality: QualityShape,
    /// The field's name, by which the people behind the number are found.
    pub(crate) field: String,
    /// The run that reported it last, RFC 3339.
    pub(crate) reported_at: Option<String>,
}

/// A run that a limit has stopped, and that nobody has decided about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockedView {
    pub(crate) run_id: String,
    /// RFC 3339.
    pub(crate) at: String,
    /// `incremental` or `full`; to be given back with the approval.
    pub(crate) mode: &'static str,
    #[serde(flatten)]
    pub(crate) block: BlockShape,
}

/// A block, with the people whom it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockView {
    #[serde(flatten)]
    pub(crate) blocked: BlockedView,
    /// What approving it takes away, where a plan that is kept tells it. To approve it, the number of
    /// deletions is given back.
    pub(crate) removals: Option<RemovalsView>,
    pub(crate) concerned: ConcernedView,
}

/// Whom a block is about, as far as that is known. The plan that a block leads to tells it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub(crate) enum ConcernedView {
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
pub(crate) struct OverviewView {
    pub(crate) workspace: String,
    /// The directory's name, once the connection was tested.
    pub(crate) tenant: Option<String>,
    pub(crate) connection: ConnectionState,
    pub(crate) status: StatusView,
    /// RFC 3339. Also of a workspace that is disconnected, or whose last run was taken back.
    pub(crate) last_success: Option<String>,
    pub(crate) active_records: u64,
    pub(crate) progress: Option<ProgressView>,
    /// Goes to the events as `seen`, which then begin with `changed` where there is more to see by now.
    pub(crate) changes: u64,
    /// What only an administrator sees; of a member's overview, none of it is there.
    #[serde(flatten)]
    pub(crate) administrator: Option<AdministratorView>,
}

/// What of the overview only an administrator sees.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdministratorView {
    pub(crate) mapped_attributes: u32,
    pub(crate) schedule: ScheduleView,
    /// The client secret, without its value.
    pub(crate) secret: Option<SecretView>,
    /// What is wrong now, and what helps.
    pub(crate) trouble: Option<TroubleView>,
    /// Settings that wait to be put into force.
    pub(crate) proposal: Option<ProposalView>,
    /// Synced contacts with at least one missing value.
    pub(crate) data_insights: u64,
    pub(crate) blocked: Option<BlockedView>,
    /// The last 30 runs, oldest first.
    pub(crate) history: Vec<RunShape>,
    /// Most missing first. A value is missing where a contact that is synced has none; whoever is not
    /// synced is in `notSynced`.
    pub(crate) data_quality: Vec<DataQualityView>,
    pub(crate) mappings: Vec<MappingShape>,
    /// Who is not synced, and why.
    pub(crate) not_synced: NotSyncedView,
    pub(crate) ledger: LedgerShape,
    /// The newest entries of the audit log, newest first.
    pub(crate) activity: Vec<AuditEntryView>,
}

/// People of the directory who are not synced, by reason.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotSyncedView {
    /// Those whom somebody may want to see to first.
    pub(crate) reasons: Vec<NotSyncedReason>,
}

/// A reason, and how many people it keeps out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotSyncedReason {
    /// In the path of the people: `{root}/people/not-synced?reason=CODE`. As in runs and plans, and
    /// `not-written` for everybody with a value that could not be written.
    pub(crate) code: String,
    /// For people.
    pub(crate) label: String,
    pub(crate) people: u64,
}

/// What is wrong now: what failed, since when, why, and the one thing that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TroubleView {
    /// What kind of trouble: `secret`, `consent`, `connection`, `throttled`, `network`, `directory`,
    /// `incomplete`, `blocked`, `store`, `settings`, `stopped`, `interrupted`, `defect` or `other`.
    pub(crate) cause: &'static str,
    /// What failed, in a few words.
    pub(crate) title: String,
    /// Since when it is so, RFC 3339: of runs that failed one after another, the first.
    pub(crate) since: Option<String>,
    /// Why, in a sentence or two, with what to do.
    pub(crate) reason: String,
    pub(crate) remedy: RemedyView,
}

/// The one thing that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemedyView {
    /// `enter-secret`, `ask-for-consent`, `check-connection`, `test-again`, `sync-again`,
    /// `review-block` or `edit-settings`.
    pub(crate) code: &'static str,
    /// As on the button.
    pub(crate) label: String,
    /// Where in the workspace's pages that is.
    pub(crate) path: &'static str,
    /// The path is posted to, and not looked at.
    pub(crate) posts: bool,
}
