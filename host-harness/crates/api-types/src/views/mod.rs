//! What the server tells: one value for each thing that can be looked at.
//!
//! The HTTP API answers these values as JSON and the pages draw the same values as HTML, so that the
//! page can show nothing that the API does not tell. They are plain data: no handle, no secret.

#![allow(
    missing_docs,
    reason = "a sentence here is published in the description of the API; a key that says it all has none"
)]

mod activity;
mod conflicts;
mod overview;
mod people;
mod progress;
mod setup;
mod undo;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::activity::{ActivityView, AuditEntryView};
pub use self::conflicts::{ConflictView, ConflictsView};
pub use self::overview::{
    AdministratorView, BlockView, BlockedView, ConcernedView, ConnectionState, DataQualityView,
    NOT_WRITTEN, NotSyncedReason, NotSyncedView, OverviewView, RemedyView, ScheduleView,
    StatusCode, StatusView, TroubleView,
};
pub use self::people::{ContactsView, PeopleView, PersonView, RemovalsView, ValueView};
pub use self::progress::{ProgressView, Task};
pub use self::setup::{
    AttributeChoice, CaveatView, CertificateView, Choice, ConnectView, ConsentView,
    DestinationSecretView, DestinationView, DifferenceView, DisconnectView, FieldChoice, FilterRow,
    GroupChoices, GroupsView, MappingFormView, MappingRowForm, PlatformView, PolicyForm,
    ProposalView, ReviewCount, ReviewView, SecretView, ServerView, SetupStep,
};
pub use self::undo::{UndoView, UndoableView};

/// What somebody may do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Administrator,
    /// See the contacts and the status.
    Member,
}

/// What every page of a workspace has around its content. Not part of the API.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Path of the workspace's pages, without a slash at the end: `/w/acme`.
    pub root: String,
    /// Name of the workspace.
    pub workspace: String,
    /// Who looks.
    pub viewer: String,
    /// What they may do.
    pub role: Role,
    /// Goes into every form as the hidden field `csrf`.
    pub csrf: String,
    /// Goes into every form as the hidden field `submission`: a form that is posted twice is carried out
    /// once.
    pub submission: String,
    /// What was just done, or was not, said once above the content.
    pub notice: Option<Notice>,
    /// This host is only for looking around.
    pub demo: bool,
}

impl Frame {
    /// Where a page hears what changes beyond what it shows.
    pub fn events(&self, changes: u64) -> String {
        format!("{}/events?seen={changes}", self.root)
    }
}

/// Something to be said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
}

/// How something is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warning,
    Bad,
    Neutral,
}
