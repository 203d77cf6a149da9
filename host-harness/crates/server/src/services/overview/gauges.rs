//! How a workspace stands, in the operator's numbers.

use connector_contract::{Run, RunStatus};
use server_db::WorkspaceState;

use super::report::report;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;

/// Puts how a connected workspace stands into the server's numbers: who could not be written, and when
/// it succeeded last.
pub(crate) async fn update_metrics(ws: &WorkspaceContext) {
    warn_unless_updated(ws, try_update(ws, true).await);
}

/// The same, after a run. Where nobody waited to be written, one that failed with nobody has changed nothing of
/// that, and the connector is not asked.
pub(crate) async fn update_metrics_after(ws: &WorkspaceContext, run: &Run) {
    let has_written_all =
        run.counts.failed == 0 && matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings);
    let stays_empty = has_written_all && ws.app.metrics.ledger_is_empty(&ws.id);
    warn_unless_updated(ws, try_update(ws, !stays_empty).await);
}

fn warn_unless_updated(ws: &WorkspaceContext, updated: Result<(), ServiceError>) {
    if let Err(error) = updated {
        tracing::warn!(workspace = ws.id, %error, "updating the metrics failed");
    }
}

async fn try_update(ws: &WorkspaceContext, asks: bool) -> Result<(), ServiceError> {
    let record = ws.record()?;
    if record.state != WorkspaceState::Connected {
        return Ok(());
    }
    // The records are enough for this one, also where the workspace cannot be opened.
    if let Some(at_ms) = record.last_success_ms {
        ws.app.metrics.succeeded(&ws.id, at_ms);
    }
    if asks && let Some(report) = report(ws, &record, false).await? {
        let ledger = &report.shape.ledger;
        let entries = ledger.waiting + ledger.given_up;
        ws.app.metrics.ledger_has(&ws.id, entries);
    }
    Ok(())
}
