//! The connection test, as the first step asks for it.

use api_types::views::{SetupStep, Task};
use server_db::{ConnectionTest, WorkspaceState};
use sync_runner::{OpenWorkspace, configure, explain_checks};

use super::tested::{InForce, Tested};
use crate::services::context::WorkspaceContext;
use crate::services::document::document;
use crate::services::error::ServiceError;
use crate::services::opening::open as open_workspace;
use crate::services::scheduling::reschedule;
use crate::services::start::enter;

/// Tries the connection, and keeps what was found. It is carried out also where nobody waits for it
/// any more.
pub(crate) async fn test(ws: &WorkspaceContext, who: &str) -> Result<Tested, ServiceError> {
    let guard = enter(ws, Task::Test)?;
    let (ws, who) = (ws.clone(), who.to_owned());
    let testing = tokio::spawn(async move {
        let _guard = guard;
        let tested = try_connection(&ws, &who).await;
        if let Err(error) = &tested {
            keep_untested(&ws, &who, error)?;
        }
        tested
    });
    let failed = |_| ServiceError::NotNow("the server failed; see its log".to_owned());
    testing.await.map_err(failed)?
}

/// Keeps why a connection could not even be tested: whoever looks is told the same.
fn keep_untested(
    ws: &WorkspaceContext,
    who: &str,
    error: &ServiceError,
) -> Result<(), ServiceError> {
    let record = ws.record()?;
    if record.state == WorkspaceState::Disconnecting {
        return Ok(());
    }
    let tested = Tested::of(&record).failed(&error.to_string(), ws.app.now_ms());
    let event = ws.app.event(who, "connection-tested", Some("not done"));
    let test = ConnectionTest {
        settings: &record.settings,
        version: record.version,
        found: &tested.text(),
        in_force: None,
    };
    ws.app.db.save_test(&ws.id, &test, event)?;
    Ok(())
}

async fn try_connection(ws: &WorkspaceContext, who: &str) -> Result<Tested, ServiceError> {
    let record = ws.record()?;
    if record.state == WorkspaceState::Disconnecting {
        return Err(ServiceError::disconnecting());
    }
    let document = document(&ws.app, &record.settings);
    let (_lock, open) = open_workspace(ws, Task::Test, &record.settings, &document).await?;
    let OpenWorkspace {
        connector,
        workspace,
        store,
    } = &open;
    let answer = configure(connector, workspace, &**store, &document).await;
    ws.app.metrics.called(&answer.stats);
    let mut report = answer.result?;
    explain_checks(&mut report, &open.workspace.http);
    let tested = Tested::now(&report, ws.app.now_ms());
    let subject = if tested.ready { "ready" } else { "not ready" };
    let event = ws.app.event(who, "connection-tested", Some(subject));
    let in_force = InForce::text(report);
    let test = ConnectionTest {
        settings: &record.settings,
        version: record.version,
        found: &tested.text(),
        in_force: Some(&in_force),
    };
    ws.app.db.save_test(&ws.id, &test, event)?;
    if tested.ready
        && record.state == WorkspaceState::SettingUp
        && record.step == SetupStep::Connect
    {
        ws.app.db.reach_step(&ws.id, SetupStep::Map)?;
    }
    reschedule(&ws.app, &ws.id);
    Ok(tested)
}
