//! What waits of notifications is judged by the connector, and leads to one sync.
//!
//! However many notifications came, they lead to one incremental sync, because that reads whatever changed; what
//! comes while it runs leads to one more after it. Notifications of a workspace that is not connected, that waits for
//! a person or that fails are left out: it goes by its schedule.

use bytes::Bytes;
use connector_contract::NotificationAction;
use server_db::{Outcome, WorkspaceRecord, WorkspaceState};
use sync_runner::explain_call;

use api_types::views::Task;

use super::begin::begin_guarded;
use super::execution::JobRun;
use super::job::{Job, Trigger};
use crate::services::context::WorkspaceContext;
use crate::services::document::document;
use crate::services::error::ServiceError;
use crate::services::start::enter;
use crate::turns::Work;

/// Whether a workspace syncs when it is told of changes.
fn hears(record: &WorkspaceRecord) -> bool {
    record.state == WorkspaceState::Connected
        && record.held_since_ms.is_none()
        && record.failures == 0
        && !matches!(record.outcome, Some(Outcome::Failed | Outcome::Stopped))
}

/// Looks at what waits; `false` where nothing is begun. It goes on by itself.
pub(crate) fn receive(ws: &WorkspaceContext) -> bool {
    let app = &ws.app;
    if !ws.record().is_ok_and(|record| hears(&record)) {
        app.notifications.forget(&ws.id);
        return false;
    }
    let Ok(guard) = enter(ws, Task::Sync) else {
        // It is looked at again when what goes on is done.
        return false;
    };
    let taken = app.notifications.take(&ws.id, app.now_ms());
    let ws = ws.clone();
    tokio::spawn(async move {
        let trigger = match judge(&ws, &taken.bodies).await {
            Ok(true) => Trigger::Notification,
            Ok(false) if taken.repeat => Trigger::Repetition,
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(workspace = ws.id, %error, "judging notifications failed");
                return;
            }
        };
        let job = Job::Sync {
            full: false,
            trigger,
            approve: None,
        };
        let begun = ws
            .record()
            .and_then(|record| begin_guarded(&ws, guard, &record, (job, false), "directory"));
        if let Err(error) = begun {
            tracing::warn!(workspace = ws.id, %error, "starting a sync after a notification failed");
        }
    });
    true
}

/// Whether the connector wants a sync for any of these.
async fn judge(ws: &WorkspaceContext, bodies: &[Bytes]) -> Result<bool, ServiceError> {
    if bodies.is_empty() {
        return Ok(false);
    }
    let record = ws.record()?;
    let run = JobRun {
        ws,
        task: Task::Sync,
        turn: ws.app.turns.job(Work::Sync, false),
        document: document(&ws.app, &record.settings),
        settings: record.settings,
    };
    let mut closing = ws.app.closing.subscribe();
    let slotted = tokio::select! {
        slotted = run.open_in_slot() => slotted?,
        _ = closing.wait_for(|closing| *closing) => return Ok(false),
    };
    let open = &slotted.open;
    let (mut wanted, mut accepted, mut refused) = (false, 0, 0);
    for body in bodies {
        let answer = open
            .connector
            .receive(&open.workspace, &run.document, body)
            .await;
        ws.app.metrics.called(&answer.stats);
        let verdict = answer
            .result
            .map_err(|error| explain_call(error, &open.workspace.http))?;
        wanted |= verdict.action != NotificationAction::Nothing;
        accepted += u64::from(verdict.accepted);
        refused += u64::from(verdict.refused);
    }
    tracing::info!(workspace = ws.id, accepted, refused, "notifications judged");
    Ok(wanted)
}
