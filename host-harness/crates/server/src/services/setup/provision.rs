//! A workspace that is connected with a whole document, at the wish of whoever operates the server.

use api_types::views::SetupStep;
use secrecy::SecretString;
use server_db::{NewSettings, SecretChange};

use super::connection_test::test;
use super::save_connection::{sealed_secret, sealer};
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::scheduling::reschedule;
use crate::settings::{CLIENT_SECRET, Held, Settings};

/// Who operates the server, in the audit log.
const OPERATOR: &str = "operator";

/// Connects the workspace with a whole document and the value of its secret, at the wish of whoever
/// operates the server; whether the connection works.
pub(crate) async fn provision(
    ws: &WorkspaceContext,
    document: &str,
    secret: &SecretString,
) -> Result<bool, ServiceError> {
    let record = ws.record()?;
    let given = Settings::read(document)?;
    let held = Held {
        secret: true,
        certificate: false,
    };
    let (tenant, client_id, cloud) = (given.tenant(), given.client_id(), given.cloud());
    let settings = given.with_connection(&tenant, &client_id, &cloud, held);
    let sealer = sealer(ws)?;
    let sealed = sealed_secret(ws, &sealer, secret, None)?;
    ws.app.db.save_with_secrets(
        &ws.id,
        &NewSettings {
            version: record.version,
            settings: &settings.text(),
            time_zone: &record.time_zone,
            step: SetupStep::Review,
            in_force: None,
            tested: None,
            anew: false,
            proposal: None,
        },
        &[(CLIENT_SECRET, SecretChange::Set(sealed))],
        ws.app.event(OPERATOR, "settings-saved", None),
    )?;
    drop(sealer);
    let tested = test(ws, OPERATOR).await?;
    if tested.ready {
        let event = ws.app.event(OPERATOR, "connected", None);
        ws.app.db.set_connected(&ws.id, event)?;
        reschedule(&ws.app, &ws.id);
    }
    Ok(tested.ready)
}
