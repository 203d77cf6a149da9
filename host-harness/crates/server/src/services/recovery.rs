//! What an earlier server had begun is resumed, and what it computed is computed anew.

use std::sync::Arc;

use server_db::{JobEnd, JobFailure, JobStarter, Outcome, WorkspaceState};

use super::context::WorkspaceContext;
use super::disconnect::finish_disconnecting;
use super::error::ServiceError;
use super::jobs::begin::resume;
use super::overview::cause::Cause;
use super::overview::gauges::update_metrics;
use super::scheduling::reschedule;
use crate::app::App;
use crate::error::ServerError;

/// Goes on with what was begun, and computes anew when everybody is due: settings of the host may have
/// changed while no server ran.
///
/// # Errors
///
/// Where the records cannot be read.
pub(crate) fn recover(app: &Arc<App>) -> Result<(), ServerError> {
    if let Err(error) = resume_jobs(app) {
        tracing::error!(%error, "reading the unfinished jobs failed");
    }
    for id in app.db.workspace_ids()? {
        let Some(record) = app.db.workspace(&id)? else {
            continue;
        };
        match record.state {
            WorkspaceState::Disconnecting => {
                finish_disconnecting(&WorkspaceContext::new(app, &id), None);
            }
            WorkspaceState::Connected => reschedule(app, &id),
            WorkspaceState::SettingUp | WorkspaceState::Disconnected => {}
        }
    }
    Ok(())
}

fn resume_jobs(app: &Arc<App>) -> Result<(), ServiceError> {
    for (id, text) in app.db.unfinished_jobs()? {
        let resumed = match serde_json::from_str(&text) {
            Ok(job) => resume(&WorkspaceContext::new(app, &id), job),
            // Kept, it would hold the schedule back for ever.
            Err(_) => give_up(app, &id),
        };
        if let Err(error) = resumed {
            tracing::error!(workspace = id, %error, "resuming a job failed");
        }
    }
    Ok(())
}

/// Ends a job that no server can go on with.
fn give_up(app: &App, id: &str) -> Result<(), ServiceError> {
    let failure = "what was begun before the server ended cannot be read; sync again";
    let event = app.event("server", "sync-failed", None);
    let ended = JobEnd {
        outcome: Outcome::Failed,
        starter: JobStarter::Person,
        failure: Some(JobFailure {
            why: failure,
            kind: Cause::Interrupted.name(),
        }),
    };
    app.db.end_job(id, ended, event)?;
    Ok(())
}

/// Puts how each workspace stands into the numbers, so that whoever watches them need not wait for a run,
/// which may be what does not happen. One after another, beside what is done for people.
pub(crate) async fn update_all_metrics(app: Arc<App>) {
    let ids = app.db.workspace_ids().unwrap_or_else(|error| {
        tracing::error!(%error, "updating the metrics failed");
        Vec::new()
    });
    for id in ids {
        if app.is_closing() {
            return;
        }
        update_metrics(&WorkspaceContext::new(&app, &id)).await;
    }
}
