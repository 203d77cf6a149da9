//! The connection with the platform's application: saved, and tested at once.

use api_types::views::SetupStep;
use configuration_document::names;
use server_db::{NewSettings, WorkspaceRecord, WorkspaceState};

use super::spreading::{may_be_spreading, repeat_test};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::setup::connection_test::test;
use crate::services::setup::tested::Tested;
use crate::settings::Settings;

/// How a new connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connected {
    /// It works.
    Works,
    /// Not yet; its test is repeated, because Microsoft may not have spread the consent.
    Spreading,
    /// It does not, and the checks say why.
    WorksNot,
    /// It could not be tested.
    Untested,
}

/// The tenant with which a workspace is connected: its id, where that is known. Nothing while it is set up, or once it
/// is disconnected: then it may be another one.
pub(crate) fn connected_tenant(record: &WorkspaceRecord) -> Result<Option<String>, ServiceError> {
    if record.state != WorkspaceState::Connected {
        return Ok(None);
    }
    let named = Settings::read(&record.settings)?.tenant();
    if names::is_guid(&named) {
        return Ok(Some(named));
    }
    // A domain; which tenant that is, the last test has found out.
    Ok(Some(Tested::of(record).tenant_id.unwrap_or(named)))
}

/// Connects the workspace with a tenant of which an administrator has signed in.
pub(crate) async fn connect(
    ws: &WorkspaceContext,
    who: &str,
    tenant_id: &str,
) -> Result<Connected, ServiceError> {
    save(ws, who, tenant_id)?;
    ws.task.changed();
    Ok(match test(ws, who).await {
        Ok(tested) if tested.ready => Connected::Works,
        Ok(tested) if may_be_spreading(&tested.checks) => {
            repeat_test(ws);
            Connected::Spreading
        }
        Ok(_) => Connected::WorksNot,
        Err(error) => {
            // It can be tested again on the page that follows.
            tracing::info!(workspace = ws.id, %error, "connection test after consent failed");
            Connected::Untested
        }
    })
}

/// Saves the connection. What the workspace has of a registration of its own stays in the vault, for whoever goes back
/// to it.
fn save(ws: &WorkspaceContext, who: &str, tenant_id: &str) -> Result<(), ServiceError> {
    let record = ws.record()?;
    let connected =
        |text: &str| Ok::<_, ServiceError>(Settings::read(text)?.with_platform(tenant_id));
    let settings = connected(&record.settings)?.text();
    // What waits to be put into force goes on waiting, with this connection.
    let waiting = record.proposal.as_ref();
    let waiting = waiting.map(|proposal| connected(&proposal.settings));
    let waiting = waiting.transpose()?.map(|settings| settings.text());
    let untested = Tested::of(&record).of_another_connection().text();
    ws.app.db.save_with_secrets(
        &ws.id,
        &NewSettings {
            version: record.version,
            settings: &settings,
            time_zone: &record.time_zone,
            step: record.step.max(SetupStep::Connect),
            in_force: None,
            tested: Some(&untested),
            anew: false,
            proposal: waiting.as_deref(),
        },
        &[],
        ws.app.event(who, "connection-saved", Some("platform")),
    )?;
    Ok(())
}
