//! What the server tells: one value for each thing that can be looked at.
//!
//! The HTTP API answers these values as JSON and the pages draw the same values as HTML, so that the
//! page can show nothing that the API does not tell. They are plain data: no handle, no secret.

mod activity;
mod overview;
mod people;
mod setup;
mod undo;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use self::activity::{ActivityView, AuditEntryView};
pub(crate) use self::overview::{
    AdministratorView, BlockView, BlockedView, ConcernedView, ConnectionState, DataQualityView,
    NotSyncedReason, NotSyncedView, OverviewView, ProgressView, RemedyView, ScheduleView,
    StatusCode, StatusView, TroubleView,
};
pub(crate) use self::people::{ContactsView, PeopleView, PersonView, RemovalsView, ValueView};
pub(crate) use self::setup::{
    AttributeChoice, Choice, ConnectView, ConsentView, DifferenceView, FieldChoice, FilterRow,
    MappingFormView, MappingRowForm, PolicyForm, ProposalView, ReviewCount, ReviewView, SecretView,
    SetupStep,
};
pub(crate) use self::undo::{UndoView, UndoableView};

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
pub(crate) struct Frame {
    /// Path of the workspace's pages, without a slash at the end: `/w/acme`.
    pub(crate) root: String,
    /// Name of the workspace.
    pub(crate) workspace: String,
    /// Who looks.
    pub(crate) viewer: String,
    /// What they may do.
    pub(crate) role: Role,
    /// Goes into every form as the hidden field `csrf`.
    pub(crate) csrf: String,
    /// Goes into every form as the hidden field `submission`: a form that is posted twice is carried out
    /// once.
    pub(crate) submission: String,
    /// What was just done, or was not, said once above the content.
    pub(crate) notice: Option<Notice>,
    /// This host is only for looking around.
    pub(crate) demo: bool,
}

impl Frame {
    /// Where a page hears what changes beyond what it shows.
    pub(crate) fn events(&self, changes: u64) -> String {
        format!("{}/events?seen={changes}", self.root)
    }
}

/// Something to be said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

/// How something is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warning,
    Bad,
    Neutral,
}
