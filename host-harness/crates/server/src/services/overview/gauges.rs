//! How a workspace stands, in the operator's numbers.

use server_db::WorkspaceState;

use super::report::report;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;

/// Puts how a connected workspace stands into the server's numbers: who could not be written, and when
/// it succeeded last.
pub(crate) async fn update_metrics(ws: &WorkspaceContext) {
    if let Err(error) = try_update(ws).await {
        tracing::warn!(workspace = ws.id, %error, "updating the metrics failed");
    }
}

async fn try_update(ws: &WorkspaceContext) -> Result<(), ServiceError> {
    let record = ws.record()?;
    if record.state != WorkspaceState::Connected {
        return Ok(());
    }
    // The records are enough for this one, also where the workspace cannot be opened.
    if let Some(at_ms) = record.last_success_ms {
        ws.app.metrics.succeeded(&ws.id, at_ms);
    }
    if let Some(report) = report(ws, &record, false).await? {
        let ledger = &report.shape.ledger;
        let entries = ledger.waiting + ledger.given_up;
        ws.app.metrics.ledger_has(&ws.id, entries);
    }
    Ok(())
}
