//! The control interface: [`Control`] over HTTP, as JSON under `/emulator`. What there is stands in
//! [`CONTROLS`], which `GET /emulator` states.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::Control;
use super::controls::CONTROLS;
use super::faults::Fault;
use super::storm::Storm;
use super::subscriptions::{LifecycleEvent, LifecycleRefused};
use emulated_directory::directory::ChangeError;
use emulated_http::{Call, Reply};
use emulated_identity_platform::{CertificateRefused, FederatedCredential, FederatedRefused};
use emulator_controls::bounds::{CENTURY, within};
use emulator_controls::interface::{self, body, seconds, switched, unknown};

/// Why an operation was not carried out: the interface's own reasons, and those of the tenant.
#[derive(Debug)]
struct Refused(interface::Refused);

impl Refused {
    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self(interface::Refused::new(status, reason))
    }

    fn unfit(reason: impl Into<String>) -> Self {
        Self(interface::Refused::unfit(reason))
    }
}

impl From<interface::Refused> for Refused {
    fn from(refused: interface::Refused) -> Self {
        Self(refused)
    }
}

impl From<ChangeError> for Refused {
    fn from(error: ChangeError) -> Self {
        let status = match error {
            ChangeError::NoSuchUser(_)
            | ChangeError::NoSuchGroup(_)
            | ChangeError::NoSuchContact(_) => StatusCode::NOT_FOUND,
            ChangeError::Taken { .. } | ChangeError::IdTaken(_) => StatusCode::CONFLICT,
            ChangeError::Invalid(_) | ChangeError::NoSuchMember(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

impl From<CertificateRefused> for Refused {
    fn from(error: CertificateRefused) -> Self {
        Self::unfit(error.to_string())
    }
}

impl From<FederatedRefused> for Refused {
    fn from(error: FederatedRefused) -> Self {
        Self::unfit(error.to_string())
    }
}

impl From<LifecycleRefused> for Refused {
    fn from(error: LifecycleRefused) -> Self {
        let status = match error {
            LifecycleRefused::NoSuch(_) => StatusCode::NOT_FOUND,
            LifecycleRefused::NoAddress(_) => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Federated {
    credential: FederatedCredential,
    #[serde(default)]
    after_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    event: LifecycleEvent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tenant {
    id: String,
    #[serde(default)]
    users: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Secret {
    secret: String,
    #[serde(default)]
    former_expired: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManyEdits {
    count: u64,
    changes: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    rule: String,
    #[serde(default)]
    members: Option<Vec<String>>,
    #[serde(default)]
    after_seconds: u64,
}

/// Carries out one operation.
pub(super) fn answer(control: &Control, call: &Call) -> Reply {
    let segments = call.segments();
    let names: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    interface::answer(CONTROLS, call, || {
        operate(control, call, &names).map_err(|Refused(refused)| refused)
    })
}

fn operate(control: &Control, call: &Call, names: &[&str]) -> Result<Value, Refused> {
    match (call.method.as_str(), names) {
        ("GET", []) => {
            let mut overview = stated(control.overview())?;
            if let Some(members) = overview.as_object_mut() {
                members.insert("controls".to_owned(), stated(CONTROLS)?);
            }
            Ok(overview)
        }
        ("GET", ["behaviour"]) => stated(control.behaviour()),
        ("GET", ["faults"]) => stated(control.faults()),
        ("GET", ["storm"]) => stated(control.storm()),
        ("GET", ["requests"]) => stated(control.requests()),
        ("GET", ["subscriptions"]) => stated(control.subscriptions()),
        ("GET", ["notifications"]) => stated(control.deliveries()),
        ("GET", ["certificates"]) => stated(control.certificates()),
        ("POST", ["certificates"]) => stated(control.register_certificate(&certificate(call)?)?),
        ("GET", ["federated-credentials"]) => stated(control.federated_credentials()),
        ("PATCH", ["behaviour"]) => change_behaviour(control, call),
        (_, ["users", rest @ ..]) => users(control, call, rest),
        (_, ["groups", rest @ ..]) => groups(control, call, rest),
        (_, ["contacts", rest @ ..]) => contacts(control, call, rest),
        ("POST", ["objects"]) => Ok(json!({"id": control.add_object(body(call)?)?})),
        _ => command(control, call, names).map(|()| Value::Null),
    }
}

/// A certificate, as it is or as a JSON string.
fn certificate(call: &Call) -> Result<String, Refused> {
    let text = String::from_utf8_lossy(&call.body);
    if text.trim_start().starts_with('"') {
        Ok(body(call)?)
    } else {
        Ok(text.into_owned())
    }
}

/// The operations that have nothing to say.
fn command(control: &Control, call: &Call, names: &[&str]) -> Result<(), Refused> {
    match (call.method.as_str(), names) {
        ("POST", ["delta", "expire"]) => control.expire_delta_tokens(),
        ("POST", ["delta", "reset"]) => control.reset_delta(),
        ("POST", ["tokens", "revoke"]) => control.revoke_access_tokens(),
        ("PUT", ["tokens", "lifetime"]) => {
            control.set_token_lifetime(seconds(call)?);
        }
        ("PUT", ["tenant"]) => {
            let Tenant { id, users } = body(call)?;
            control.replace_tenant(&id, users)?;
        }
        ("DELETE", ["certificates", name]) => {
            if !control.remove_certificate(name) {
                return Err(Refused::new(
                    StatusCode::NOT_FOUND,
                    format!("no certificate '{name}'; GET /emulator/certificates lists them"),
                ));
            }
        }
        ("POST", ["federated-credentials"]) => {
            let Federated {
                credential,
                after_seconds,
            } = body(call)?;
            let after = after("afterSeconds", after_seconds)?;
            control.register_federated_credential(credential, after)?;
        }
        ("DELETE", ["federated-credentials", name]) => {
            if !control.remove_federated_credential(name) {
                return Err(Refused::new(
                    StatusCode::NOT_FOUND,
                    format!(
                        "no federated credential '{name}'; GET /emulator/federated-credentials lists them"
                    ),
                ));
            }
        }
        ("DELETE", ["subscriptions", id]) => {
            if !control.remove_subscription(id) {
                return Err(LifecycleRefused::NoSuch((*id).to_owned()).into());
            }
        }
        ("POST", ["subscriptions", id, "lifecycle"]) => {
            let Lifecycle { event } = body(call)?;
            control.tell_lifecycle(id, event)?;
        }
        ("PUT", ["roles"]) => control.grant(body(call)?),
        ("PUT", ["directory-roles", key]) => {
            let roles: Vec<String> = body(call)?;
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            control.assign_roles(key, &roles)?;
        }
        ("POST", ["redirect-uris"]) => control.register_redirect_uri(body::<String>(call)?),
        ("PUT", ["secret"]) => {
            let Secret {
                secret,
                former_expired,
            } = body(call)?;
            if former_expired {
                control.expire_secret(secret);
            } else {
                control.set_secret(secret);
            }
        }
        ("POST", ["clock"]) => {
            control.advance_clock(seconds(call)?);
        }
        ("POST", ["faults"]) => {
            let fault: Fault = body(call)?;
            fault.check().map_err(Refused::unfit)?;
            control.inject(fault);
        }
        ("DELETE", ["faults"]) => control.clear_faults(),
        ("PUT", ["storm"]) => {
            let storm: Storm = body(call)?;
            storm.check().map_err(Refused::unfit)?;
            control.begin_storm(storm);
        }
        ("DELETE", ["storm"]) => control.end_storm(),
        ("DELETE", ["requests"]) => control.clear_requests(),
        _ => return Err(unknown(call).into()),
    }
    Ok(())
}

fn users(control: &Control, call: &Call, names: &[&str]) -> Result<Value, Refused> {
    let id = match (call.method.as_str(), names) {
        ("POST", []) => control.add_user(body(call)?)?,
        ("PATCH", []) => {
            let ManyEdits { count, changes } = body(call)?;
            let edited = control.edit_users(count, changes)?;
            return Ok(json!({"edited": edited}));
        }
        ("GET", [key]) => {
            let user = control.user(key);
            let user = user.ok_or_else(|| ChangeError::NoSuchUser((*key).to_owned()))?;
            return Ok(Value::Object(user));
        }
        ("PATCH", [key]) => control.edit_user(key, body(call)?)?,
        ("DELETE", [key]) => control.delete_user(key)?,
        ("POST", [key, "disable"]) => control.disable_user(key)?,
        ("POST", [key, "enable"]) => control.enable_user(key)?,
        ("POST", [key, "restore"]) => control.restore_user(key)?,
        ("POST", [key, "purge"]) => control.purge_user(key)?,
        _ => return Err(unknown(call).into()),
    };
    Ok(json!({"id": id}))
}

fn groups(control: &Control, call: &Call, names: &[&str]) -> Result<Value, Refused> {
    let id = match (call.method.as_str(), names) {
        ("POST", []) => control.add_group(body(call)?)?,
        ("GET", [id]) => {
            let group = control.group(id);
            let group = group.ok_or_else(|| ChangeError::NoSuchGroup((*id).to_owned()))?;
            return Ok(Value::Object(group));
        }
        ("PATCH", [id]) => control.edit_group(id, body(call)?)?,
        ("DELETE", [id]) => control.delete_group(id)?,
        ("POST", [id, "members"]) => {
            let joined = control.add_members(id, &body(call)?)?;
            return Ok(json!({"joined": joined}));
        }
        ("POST", [id, "members", "remove"]) => {
            let left = control.remove_members(id, &body(call)?)?;
            return Ok(json!({"left": left}));
        }
        ("POST", [id, "rule"]) => {
            let Rule {
                rule,
                members,
                after_seconds,
            } = body(call)?;
            let after = after("afterSeconds", after_seconds)?;
            control.change_rule(id, &rule, members.as_deref(), after)?
        }
        ("POST", [id, "restore"]) => control.restore_group(id)?,
        ("POST", [id, "purge"]) => control.purge_group(id)?,
        _ => return Err(unknown(call).into()),
    };
    Ok(json!({"id": id}))
}

fn contacts(control: &Control, call: &Call, names: &[&str]) -> Result<Value, Refused> {
    let id = match (call.method.as_str(), names) {
        ("POST", []) => control.add_contact(body(call)?)?,
        ("GET", [id]) => {
            let contact = control.contact(id);
            let contact = contact.ok_or_else(|| ChangeError::NoSuchContact((*id).to_owned()))?;
            return Ok(Value::Object(contact));
        }
        ("PATCH", [id]) => {
            control.edit_contact(id, body(call)?)?;
            (*id).to_owned()
        }
        ("DELETE", [id]) => {
            control.delete_contact(id)?;
            (*id).to_owned()
        }
        _ => return Err(unknown(call).into()),
    };
    Ok(json!({"id": id}))
}

/// The knobs in the body; those that it leaves out stay as they are.
fn change_behaviour(control: &Control, call: &Call) -> Result<Value, Refused> {
    let behaviour = switched(&control.behaviour(), call)?;
    behaviour.check().map_err(Refused::unfit)?;
    control.set_behaviour(behaviour);
    stated(control.behaviour())
}

/// A value as JSON.
fn stated(value: impl serde::Serialize) -> Result<Value, Refused> {
    Ok(interface::stated(value)?)
}

/// A time that may be none at all, by the name that it has in a body.
fn after(name: &str, seconds: u64) -> Result<Duration, Refused> {
    within(name, seconds, 0..=CENTURY.as_secs()).map_err(Refused::unfit)?;
    Ok(Duration::from_secs(seconds))
}
