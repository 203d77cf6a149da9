//! A sync, a retry or an undo: calls that come in slices.

use std::time::Duration;

use connector_contract::{RunStatus, SyncRequest, SyncResult, UndoRequest};
use connector_runtime::{Answer, Call, CallError};
use sync_runner::{OpenWorkspace, Step, explain_call, explain_run, step};

use super::execution::JobRun;
use super::outcome::JobOutcome;
use crate::services::error::ServiceError;

/// Who waits for no longer keeps its slot.
const MAX_WAIT_IN_SLOT: Duration = Duration::from_secs(1);

/// A call that comes in slices.
pub(super) enum Slicing<'a> {
    Sync(SyncRequest),
    Retry(&'a str),
    Undo(UndoRequest),
}

impl Slicing<'_> {
    fn call(&self) -> Call {
        match self {
            Self::Sync(_) => Call::Sync,
            Self::Retry(_) => Call::Retry,
            Self::Undo(_) => Call::Undo,
        }
    }

    async fn slice(&self, open: &OpenWorkspace, document: &str) -> Answer<SyncResult> {
        let OpenWorkspace {
            connector,
            workspace,
            ..
        } = open;
        match self {
            Self::Sync(request) => connector.sync(workspace, document, request.clone()).await,
            Self::Retry(user) => connector.retry(workspace, document, user).await,
            Self::Undo(request) => connector.undo(workspace, document, request.clone()).await,
        }
    }
}

/// Slice by slice, each in line with everybody else's, so that a large workspace does not keep the others
/// waiting. A slice whose slot others needed while it waited is begun anew.
pub(super) async fn slices(
    run: &JobRun<'_>,
    call: &Slicing<'_>,
) -> Result<JobOutcome, ServiceError> {
    let ws = run.ws;
    let mut closing = ws.app.closing.subscribe();
    let mut kept = None;
    loop {
        let slotted = match kept.take() {
            Some(slotted) => {
                run.turn.begin_slice();
                slotted
            }
            None => tokio::select! {
                slotted = run.open_in_slot() => slotted?,
                // The next server goes on with it.
                _ = closing.wait_for(|closing| *closing) => return Ok(JobOutcome::Interrupted),
            },
        };
        let slice = async {
            let answer = tokio::select! {
                answer = call.slice(&slotted.open, &run.document) => answer,
                () = run.turn.slot_needed() => Answer::gave_way(call.call()),
            };
            ws.app.metrics.called(&answer.stats);
            answer
        };
        let came = match step(slice).await {
            Err(CallError::GaveWay { .. }) if !ws.app.is_closing() => {
                tracing::debug!(workspace = ws.id, "slot given up while waiting");
                continue;
            }
            Err(CallError::GaveWay { .. }) => return Ok(JobOutcome::Interrupted),
            Err(error) => {
                return Err(explain_call(error, &slotted.open.workspace.http).into());
            }
            Ok((came, _)) => came,
        };
        let (slice, after) = match came {
            Step::Finished(run) if run.status == RunStatus::Stopped && ws.app.is_closing() => {
                return Ok(JobOutcome::Interrupted);
            }
            Step::Finished(mut run) => {
                let way = explain_run(&mut run, &slotted.open.workspace.http);
                return Ok(JobOutcome::Run { run, way });
            }
            Step::Again { run, after } => (run, after),
        };
        if ws.app.is_closing() {
            return Ok(JobOutcome::Interrupted);
        }
        ws.task.changed();
        tracing::debug!(workspace = ws.id, run = slice.id, ?after, "slice ended");
        if after <= MAX_WAIT_IN_SLOT {
            kept = Some(slotted);
        } else {
            drop(slotted);
        }
        wait(run, after).await;
    }
}

/// Waits as long as the directory asks, or until somebody wants the task or the server to end; the next
/// slice, which hears of that too, closes the run.
async fn wait(run: &JobRun<'_>, after: Duration) {
    if after.is_zero() {
        return;
    }
    tokio::select! {
        () = tokio::time::sleep(after) => {}
        () = run.asked_to_end() => {}
    }
}
