//! The overview of a workspace, from `report` and the server's own records.

use api_types::shapes::{MappingShape, QualityShape, ReportShape, moment};
use api_types::views::{
    AdministratorView, ConnectionState, DataQualityView, NotSyncedView, OverviewView, Role,
    ScheduleView, SetupStep, StatusCode, StatusView, Task, TroubleView,
};
use schedule::Why;
use server_db::{WorkspaceRecord, WorkspaceState};
use sync_runner::ChosenDestination;

use super::activity::entry_view;
use super::report::{Reported, blocked_of, is_told_of_changes, newest_last, report};
use super::trouble::{refused_settings, trouble};
use crate::labels;
use crate::services::conflicts::asks;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::people::not_synced::{not_synced, not_synced_by};
use crate::services::scheduling::{next_run, policy_of, schedule_of, schedule_text};
use crate::services::setup::proposal::proposal_view;
use crate::services::setup::secret_view::secret_view;
use crate::services::setup::tested::Tested;

/// Entries of the audit log that the overview shows.
const ACTIVITY: u32 = 20;

/// The overview, with what this role may see. Asks nobody but the store, and does not wait for a
/// running sync.
pub(crate) async fn overview(
    ws: &WorkspaceContext,
    role: Role,
) -> Result<OverviewView, ServiceError> {
    // First, and once for all of the view: a task that ends meanwhile is shown as going on as a whole,
    // and whoever watches is told that there is more to see.
    let snapshot = ws.task.snapshot();
    let record = ws.record()?;
    let syncing = snapshot.progress.as_ref();
    let syncing = syncing.is_some_and(|progress| progress.task == Task::Sync);
    let report = report(ws, &record, syncing).await?;
    let status = status(&record, report.as_ref(), snapshot.progress.is_some());
    let last_success = last_success(&record, report.as_ref());
    let active_records = report
        .as_ref()
        .map_or(0, |report| report.shape.active_records);
    let administrator = match role {
        Role::Member => None,
        Role::Administrator => {
            let trouble = match &report {
                _ if syncing || record.state != WorkspaceState::Connected => None,
                Some(report) => trouble(&record, &report.runs),
                None => Some(refused_settings(&record)),
            };
            let shape = report.map(|report| report.shape);
            Some(of_administrator(ws, &record, shape, trouble).await?)
        }
    };
    Ok(OverviewView {
        workspace: record.name.clone(),
        tenant: tenant_name(&record),
        connection: connection(&record),
        status: match role {
            Role::Administrator => status,
            Role::Member => labels::status_of_member(status.code),
        },
        last_success,
        active_records,
        progress: snapshot.progress_view(),
        changes: snapshot.changes,
        administrator,
    })
}

/// What of the overview only an administrator sees.
async fn of_administrator(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    report: Option<ReportShape>,
    trouble: Option<TroubleView>,
) -> Result<AdministratorView, ServiceError> {
    let is_kept_elsewhere = ChosenDestination::of(&record.settings).is_some();
    // Of a workspace that never got as far as a report, nobody was ever read.
    let not_synced = match &report {
        Some(report) if is_kept_elsewhere => {
            not_synced_by(ws, &newest_last(&report.history), &report.ledger)
        }
        Some(report) => not_synced(ws, record, &report.ledger).await?,
        None => NotSyncedView::default(),
    };
    let report = report.unwrap_or_default();
    let history = newest_last(&report.history);
    let reported_at = history.iter().rev().find_map(|run| run.finished_at.clone());
    let entries = ws.app.db.activity(&ws.id, None, ACTIVITY)?;
    Ok(AdministratorView {
        mapped_attributes: report.mapped_attributes,
        schedule: schedule(ws, record, is_told_of_changes(ws, record).await),
        secret: secret_view(ws)?,
        warnings: report.warnings,
        trouble,
        proposal: record.proposal.as_ref().map(proposal_view),
        data_insights: report.data_insights,
        blocked: blocked_of(&history),
        history,
        data_quality: report
            .data_quality
            .into_iter()
            .map(|quality| DataQualityView {
                field: field_of(&report.mappings, &quality),
                quality,
                reported_at: reported_at.clone(),
            })
            .collect(),
        mappings: report.mappings,
        not_synced,
        asks: asks(record),
        ledger: report.ledger,
        activity: entries.into_iter().map(entry_view).collect(),
    })
}

/// When a sync succeeded last. The connector forgets it with its place in the directory's changes: where
/// somebody disconnected, or took a run back.
fn last_success(record: &WorkspaceRecord, report: Option<&Reported>) -> Option<String> {
    let reported = report.and_then(|report| report.last_success_ms);
    let recorded = record.last_success_ms.map(i64::unsigned_abs);
    reported.max(recorded).map(moment)
}

/// The field of a number: the row of the mapping with its attribute and label.
fn field_of(mappings: &[MappingShape], quality: &QualityShape) -> String {
    let row = mappings
        .iter()
        .find(|row| row.attribute == quality.attribute && row.label == quality.label);
    row.map_or_else(|| quality.label.clone(), |row| row.field.clone())
}

fn connection(record: &WorkspaceRecord) -> ConnectionState {
    match record.state {
        WorkspaceState::SettingUp => ConnectionState::SettingUp(match record.step {
            SetupStep::Done => SetupStep::Review,
            step => step,
        }),
        WorkspaceState::Connected => ConnectionState::Connected,
        WorkspaceState::Disconnecting | WorkspaceState::Disconnected => {
            ConnectionState::Disconnected
        }
    }
}

/// The directory's name, as the last connection test told it.
pub(crate) fn tenant_name(record: &WorkspaceRecord) -> Option<String> {
    Tested::of(record).tenant_name
}

fn status(record: &WorkspaceRecord, report: Option<&Reported>, at_work: bool) -> StatusView {
    if matches!(
        record.state,
        WorkspaceState::Disconnecting | WorkspaceState::Disconnected
    ) {
        let explanation = "No directory is connected. The contacts are still here; connecting again \
                           finds them by their link.";
        return labels::status(StatusCode::Disconnected, explanation.to_owned());
    }
    let Some(report) = report else {
        if record.state == WorkspaceState::Connected {
            let explanation = "The connector does not take the settings as they are, and syncs nothing. \
                               Test the connection and save the mapping: what is wrong is told there.";
            return labels::status(StatusCode::Failed, explanation.to_owned());
        }
        let explanation = "The connection is being set up.".to_owned();
        return labels::status(StatusCode::NeverRun, explanation);
    };
    match &record.failure {
        // The run could not even begin, or the host knows more of the reason than the report does.
        Some(failure) if !at_work => labels::status(StatusCode::Failed, failure.clone()),
        _ => labels::status(report.status.into(), report.shape.explanation.clone()),
    }
}

fn schedule(ws: &WorkspaceContext, record: &WorkspaceRecord, told: bool) -> ScheduleView {
    let text = schedule_text(record);
    let schedule = schedule_of(record);
    let next = next_run(&ws.app, record);
    let held = record.held_since_ms.filter(|_| schedule.is_some());
    let note = match next.map(|next| next.why) {
        None | Some(Why::Scheduled) => match held {
            Some(_) => Some(labels::HELD.to_owned()),
            None => told.then(|| labels::TOLD.to_owned()),
        },
        Some(Why::HeldByPolicy) => Some(labels::least_interval(&policy_of(record))),
        Some(Why::BackingOff { failures }) => Some(labels::backing_off(failures)),
        Some(Why::Missed) => Some("A run was missed; it is made up for once.".to_owned()),
    };
    ScheduleView {
        words: match (&schedule, &text) {
            (Some(schedule), _) => schedule.to_string(),
            (None, Some(text)) => text.clone(),
            (None, None) => "Only on request".to_owned(),
        },
        text,
        time_zone: record.time_zone.clone(),
        next_run: next.map(|next| moment(next.at.as_millisecond().unsigned_abs())),
        note,
    }
}
