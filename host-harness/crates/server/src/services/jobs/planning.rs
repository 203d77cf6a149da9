//! A plan: one call, in a slot of its own.

use api_types::shapes::PlanShape;
use connector_contract::RunMode;
use connector_runtime::Answer;
use store_api::BackendError;
use sync_runner::{OpenWorkspace, explain_call, plans};

use super::execution::JobRun;
use crate::services::error::ServiceError;

/// What a plan is of.
pub(super) enum Planning<'a> {
    /// Of a sync.
    Sync(RunMode),
    /// Of taking a run back.
    Undo(&'a str),
}

impl Planning<'_> {
    async fn make(
        &self,
        open: &OpenWorkspace,
        document: &str,
    ) -> Result<Answer<PlanShape>, BackendError> {
        match self {
            Self::Sync(mode) => plans::make(open, document, *mode).await,
            Self::Undo(run) => plans::make_undo(open, document, run).await,
        }
    }
}

/// Makes a plan in a slot of its own, and keeps it. Where others need the slot while the plan waits for the
/// directory, it is begun anew, later.
pub(super) async fn plan(
    run: &JobRun<'_>,
    planning: &Planning<'_>,
) -> Result<PlanShape, ServiceError> {
    let (slotted, made) = loop {
        let slotted = tokio::select! {
            slotted = run.open_in_slot() => slotted?,
            () = run.asked_to_end() => {
                let stopped = "it was stopped before it began; plan again";
                return Err(ServiceError::NotNow(stopped.to_owned()));
            }
        };
        tokio::select! {
            made = planning.make(&slotted.open, &run.document) => {
                let made = made?;
                break (slotted, made);
            }
            () = run.turn.slot_needed() => {}
        }
    };
    run.ws.app.metrics.called(&made.stats);
    let explained = |error| explain_call(error, &slotted.open.workspace.http);
    let plan = made.result.map_err(explained)?;
    plans::keep(&*slotted.open.store, &plan).map_err(ServiceError::closed)?;
    Ok(plan)
}
