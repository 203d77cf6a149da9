//! Saving the first step.

use api_types::views::SetupStep;
use configuration_document::secret;
use secrecy::{ExposeSecret as _, SecretString};
use server_db::{NewSettings, SecretChange, StoredSecret, WorkspaceState};
use vault::SecretScope;

use super::connection_form::{ConnectForm, check};
use super::tested::Tested;
use crate::secret_keys::Sealer;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{CLIENT_SECRET, Settings};

/// Saves the first step.
pub(crate) fn save_connection(
    ws: &WorkspaceContext,
    form: &ConnectForm,
    who: &str,
) -> Result<(), ServiceError> {
    let record = ws.record()?;
    let has_secret = ws.app.db.secret(&ws.id, CLIENT_SECRET)?.is_some();
    let (problems, expires_at_ms) = check(form, has_secret);
    if let Some(problem) = problems.into_iter().next() {
        return Err(ServiceError::NotNow(problem.message));
    }
    let current = Settings::read(&record.settings)?;
    // Another directory is other people: as with a new workspace, nothing is synced before somebody has
    // approved a plan of them.
    let anew = record.state == WorkspaceState::Connected && !is_same_directory(&current, form);
    let settings = if anew {
        Settings::read(record.edited())?
    } else {
        current
    };
    let connected = |settings: Settings| {
        settings
            .with_connection(&form.tenant, &form.client_id, &form.cloud)
            .text()
    };
    let settings = connected(settings);
    // What waits to be put into force goes on waiting, with this connection.
    let waiting = record.proposal.as_ref().filter(|_| !anew);
    let waiting = waiting.map(|proposal| Settings::read(&proposal.settings));
    let waiting = waiting.transpose()?.map(connected);
    let is_new = !form.secret.expose_secret().is_empty();
    // Held until what it sealed is stored.
    let sealer = is_new.then(|| sealer(ws)).transpose()?;
    let change = match &sealer {
        Some(sealer) => SecretChange::Set(sealed(ws, sealer, &form.secret, expires_at_ms)?),
        None => SecretChange::Expires(expires_at_ms),
    };
    let untested = Tested::of(&record).of_another_connection().text();
    ws.app.db.save_with_secret(
        &ws.id,
        &NewSettings {
            version: form.version,
            settings: &settings,
            time_zone: &record.time_zone,
            step: record.step.max(SetupStep::Connect),
            in_force: None,
            tested: Some(&untested),
            anew,
            proposal: waiting.as_deref(),
        },
        CLIENT_SECRET,
        &change,
        ws.app.event(who, "connection-saved", None),
    )?;
    ws.task.changed();
    Ok(())
}

/// The client secret as it is kept, set now, without what surrounds a value.
pub(crate) fn sealed(
    ws: &WorkspaceContext,
    sealer: &Sealer,
    secret: &SecretString,
    expires_at_ms: Option<i64>,
) -> Result<StoredSecret, ServiceError> {
    let version = ws.app.db.newest_secret(&ws.id, CLIENT_SECRET)? + 1;
    let place = SecretScope {
        workspace: &ws.id,
        name: CLIENT_SECRET,
        version,
    };
    let value = secret::value(secret.expose_secret())
        .map_err(|flaw| ServiceError::NotNow(flaw.to_string()))?;
    let sealed = sealer
        .seal(place, &SecretString::from(value))
        .map_err(|error| ServiceError::NotNow(error.to_string()))?;
    Ok(StoredSecret {
        sealed,
        version,
        set_at_ms: ws.app.now_ms(),
        expires_at_ms,
    })
}

/// Whether a form names the directory that the settings name. A domain and an id are two directories until
/// somebody has looked.
fn is_same_directory(settings: &Settings, form: &ConnectForm) -> bool {
    settings.tenant().eq_ignore_ascii_case(&form.tenant) && settings.cloud() == form.cloud
}

/// The right to seal a secret, until what it sealed is stored.
pub(crate) fn sealer(ws: &WorkspaceContext) -> Result<Sealer, ServiceError> {
    ws.app
        .keys
        .sealer()
        .map_err(|error| ServiceError::NotNow(error.to_string()))
}
