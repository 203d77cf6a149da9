//! What the connector reports of a workspace.

use api_types::shapes::{LedgerShape, ReportShape, RunShape, is_sync};
use api_types::views::BlockedView;
use connector_contract::{Overview, ReportRequest, ReportStatus, Run, RunStatus};
use server_db::{WorkspaceRecord, WorkspaceState};
use sync_runner::ChosenDestination;

use crate::services::context::WorkspaceContext;
use crate::services::document::document;
use crate::services::error::{ServiceError, refuses_settings};
use crate::services::opening::look;

/// What `report` said: as it is told, and what is decided on.
#[derive(Clone)]
pub(crate) struct Reported {
    pub(crate) status: ReportStatus,
    pub(crate) last_success_ms: Option<u64>,
    /// Newest first.
    pub(crate) runs: Vec<Run>,
    pub(crate) shape: ReportShape,
}

impl From<Overview> for Reported {
    fn from(overview: Overview) -> Self {
        Self {
            status: overview.status,
            last_success_ms: overview.last_success_ms,
            runs: overview.history.clone(),
            shape: overview.into(),
        }
    }
}

/// `report`, where the connector takes the settings; a workspace that never got that far has none.
/// Whether a sync is running decides its status alone.
pub(crate) async fn report(
    ws: &WorkspaceContext,
    record: &WorkspaceRecord,
    running: bool,
) -> Result<Option<Reported>, ServiceError> {
    if record.tested.is_none() && record.state == WorkspaceState::SettingUp {
        return Ok(None);
    }
    let document = document(&ws.app, &record.settings);
    let asks_a_service = ChosenDestination::of(&document).is_some();
    let is_left = matches!(
        record.state,
        WorkspaceState::Disconnecting | WorkspaceState::Disconnected
    );
    if asks_a_service && is_left {
        // Its secret is gone.
        return Ok(ws.app.reports.last(&ws.id, record.version));
    }
    let made_of = (record.version, ws.task.snapshot().changes, running);
    let kept = asks_a_service.then(|| ws.app.reports.get(&ws.id, made_of));
    if let Some(kept) = kept.flatten() {
        return Ok(Some(kept));
    }
    let look = look(ws, &document).await?;
    let request = ReportRequest { running };
    let answer = look
        .connector
        .report(&look.workspace, &document, request)
        .await;
    match answer.result {
        Ok(overview) => {
            let report = Reported::from(sorted(overview));
            if asks_a_service {
                ws.app.reports.put(&ws.id, made_of, &report);
            }
            Ok(Some(report))
        }
        Err(error) if refuses_settings(&error) => {
            tracing::warn!(workspace = ws.id, %error, "settings refused");
            Ok(None)
        }
        Err(error) => match ws.app.reports.last(&ws.id, record.version) {
            Some(kept) => {
                tracing::warn!(workspace = ws.id, %error, "the service cannot be asked; its last report is shown");
                Ok(Some(kept))
            }
            None => Err(error.into()),
        },
    }
}

/// Whether the directory tells of changes, as far as the connector knows.
pub(crate) async fn is_told_of_changes(ws: &WorkspaceContext, record: &WorkspaceRecord) -> bool {
    let can_be = ws.app.notifications.address(&ws.id).is_some();
    if !can_be || record.state != WorkspaceState::Connected {
        return false;
    }
    let document = document(&ws.app, &record.settings);
    let Ok(look) = look(ws, &document).await else {
        return false;
    };
    let standing = look.connector;
    let standing = standing
        .notification_status(&look.workspace, &document)
        .await
        .result;
    standing.is_ok_and(|standing| !standing.subscriptions.is_empty())
}

/// The last runs, newest first.
pub(crate) async fn runs(ws: &WorkspaceContext) -> Result<Vec<Run>, ServiceError> {
    let record = ws.record()?;
    let report = report(ws, &record, false).await?;
    Ok(report.map(|report| report.runs).unwrap_or_default())
}

/// Who could not be written, as the connector tells it.
pub(crate) async fn ledger(ws: &WorkspaceContext) -> Result<LedgerShape, ServiceError> {
    let record = ws.record()?;
    let report = report(ws, &record, false).await?;
    Ok(report.map(|report| report.shape.ledger).unwrap_or_default())
}

/// The block that stands: of the last sync, unless something has been done about it.
pub(crate) async fn blocked(ws: &WorkspaceContext) -> Result<Option<BlockedView>, ServiceError> {
    let record = ws.record()?;
    let report = report(ws, &record, false).await?;
    Ok(report
        .as_ref()
        .and_then(|report| blocked_of(&newest_last(&report.shape.history))))
}

/// The block of the last sync, of a history that is newest last.
pub(crate) fn blocked_of(history: &[RunShape]) -> Option<BlockedView> {
    let last = history.iter().rfind(|run| is_sync(&run.trigger));
    let last = last.filter(|run| run.status == RunStatus::Blocked)?;
    Some(BlockedView {
        run_id: last.run_id.clone(),
        at: last
            .finished_at
            .clone()
            .unwrap_or_else(|| last.started_at.clone()),
        mode: last.mode,
        block: last.block.clone()?,
    })
}

/// Most missing first.
fn sorted(mut overview: Overview) -> Overview {
    overview.data_quality.sort_by(|a, b| {
        b.missing
            .cmp(&a.missing)
            .then_with(|| a.label.cmp(&b.label))
    });
    overview
}

/// A history, the last run at the end.
pub(crate) fn newest_last(history: &[RunShape]) -> Vec<RunShape> {
    history.iter().rev().cloned().collect()
}
