//! Saving the first step.

use api_types::views::SetupStep;
use configuration_document::secret;
use connector_contract::imports::Signer as _;
use secrecy::{ExposeSecret as _, SecretString};
use server_db::{NewSettings, SecretChange, StoredSecret, WorkspaceState};
use vault::SecretScope;

use super::connection_form::{Checked, ConnectForm, Forget, check};
use super::held::held;
use super::tested::Tested;
use crate::secret_keys::Sealer;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::settings::{CERTIFICATE_KEY, CLIENT_SECRET, Settings, vault_name};

/// Saves the first step.
pub(crate) fn save_connection(
    ws: &WorkspaceContext,
    form: &ConnectForm,
    who: &str,
) -> Result<(), ServiceError> {
    let record = ws.record()?;
    let held = held(ws)?;
    let Checked {
        problems,
        expires_at_ms,
        certificate,
    } = check(form, held, ws.app.now_ms());
    if let Some(problem) = problems.into_iter().next() {
        return Err(ServiceError::NotNow(problem.message));
    }
    let held = form.will_hold(held);
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
            .with_connection(&form.tenant, &form.client_id, &form.cloud, held)
            .text()
    };
    let settings = connected(settings);
    // What waits to be put into force goes on waiting, with this connection.
    let waiting = record.proposal.as_ref().filter(|_| !anew);
    let waiting = waiting.map(|proposal| Settings::read(&proposal.settings));
    let waiting = waiting.transpose()?.map(connected);
    let is_new = !form.secret.expose_secret().is_empty();
    let seals = is_new || certificate.is_some();
    // Held until what it sealed is stored.
    let sealer = seals.then(|| sealer(ws)).transpose()?;
    let of_secret = match &sealer {
        _ if form.forget == Forget::Secret => SecretChange::Forget,
        Some(sealer) if is_new => {
            SecretChange::Set(sealed_secret(ws, sealer, &form.secret, expires_at_ms)?)
        }
        _ => SecretChange::Expires(expires_at_ms),
    };
    let key = vault_name(CERTIFICATE_KEY);
    let mut changes = vec![(CLIENT_SECRET, of_secret)];
    match (&certificate, &sealer) {
        (Some(certificate), Some(sealer)) => {
            let ends = certificate.certificate().not_after_ms;
            let ends = i64::try_from(ends).ok();
            let sealed = sealed(ws, sealer, &key, &certificate.to_pem(), ends)?;
            changes.push((&key, SecretChange::Set(sealed)));
        }
        _ if form.forget == Forget::Certificate => changes.push((&key, SecretChange::Forget)),
        _ => {}
    }
    let untested = Tested::of(&record).of_another_connection().text();
    ws.app.db.save_with_secrets(
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
        &changes,
        ws.app.event(who, "connection-saved", None),
    )?;
    ws.task.changed();
    Ok(())
}

/// The client secret as it is kept, set now, without what surrounds a value.
pub(crate) fn sealed_secret(
    ws: &WorkspaceContext,
    sealer: &Sealer,
    secret: &SecretString,
    expires_at_ms: Option<i64>,
) -> Result<StoredSecret, ServiceError> {
    let value = secret::value(secret.expose_secret())
        .map_err(|flaw| ServiceError::NotNow(flaw.to_string()))?;
    sealed(
        ws,
        sealer,
        CLIENT_SECRET,
        &SecretString::from(value),
        expires_at_ms,
    )
}

/// A secret as it is kept, set now.
pub(super) fn sealed(
    ws: &WorkspaceContext,
    sealer: &Sealer,
    name: &str,
    value: &SecretString,
    expires_at_ms: Option<i64>,
) -> Result<StoredSecret, ServiceError> {
    let version = ws.app.db.newest_secret(&ws.id, name)? + 1;
    let place = SecretScope {
        workspace: &ws.id,
        name,
        version,
    };
    let sealed = sealer
        .seal(place, value)
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
