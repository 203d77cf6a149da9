//! The control interface: [`Control`] over HTTP, as JSON under `/emulator`.
//!
//! | request | does |
//! |---|---|
//! | `GET /emulator` | how the tenant stands |
//! | `POST /emulator/users` | adds the user in the body |
//! | `PATCH /emulator/users` | `{"count", "changes"}`: edits many users |
//! | `GET`, `PATCH`, `DELETE /emulator/users/{id or name}` | reads, edits, deletes a user |
//! | `POST /emulator/users/{id or name}/disable`, `enable`, `restore`, `purge` | |
//! | `POST /emulator/delta/expire`, `reset` | expires delta tokens; resets the delta state |
//! | `GET`, `PATCH /emulator/behaviour` | how the tenant behaves |
//! | `POST /emulator/tokens/revoke` | revokes access tokens |
//! | `PUT /emulator/tokens/lifetime` | `{"seconds"}` of access tokens from now on |
//! | `PUT /emulator/roles` | the granted permissions, an array |
//! | `POST /emulator/redirect-uris` | registers the address in the body, a string |
//! | `PUT /emulator/secret` | `{"secret", "formerExpired"}` |
//! | `POST /emulator/clock` | `{"seconds"}`: puts the clock forward |
//! | `GET`, `POST`, `DELETE /emulator/faults` | lists, injects, clears faults |
//! | `GET`, `PUT`, `DELETE /emulator/storm` | shows, begins, ends a storm of faults from a seed |
//! | `GET`, `DELETE /emulator/requests` | the newest requests |
//!
//! There is no authentication: the emulator listens on the loopback interface only.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::control::Control;
use super::directory::ChangeError;
use super::exchange::{Call, Reply};

/// Whether a request is one of the control interface.
pub(super) fn concerns(call: &Call) -> bool {
    call.path == "/emulator" || call.path.starts_with("/emulator/")
}

/// Why an operation was not carried out.
#[derive(Debug)]
struct Refused(StatusCode, String);

impl From<ChangeError> for Refused {
    fn from(error: ChangeError) -> Self {
        let status = match error {
            ChangeError::NoSuchUser(_) => StatusCode::NOT_FOUND,
            ChangeError::Taken { .. } => StatusCode::CONFLICT,
            ChangeError::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        Self(status, error.to_string())
    }
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
struct Seconds {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManyEdits {
    count: u64,
    changes: Value,
}

/// Carries out one operation.
pub(super) fn answer(control: &Control, call: &Call) -> Reply {
    let segments = call.segments();
    let names: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    match operate(control, call, &names) {
        Ok(Value::Null) => Reply::empty(StatusCode::NO_CONTENT),
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(Refused(status, reason)) => Reply::json(status, &json!({"error": reason})),
    }
}

fn operate(control: &Control, call: &Call, names: &[&str]) -> Result<Value, Refused> {
    match (call.method.as_str(), names) {
        ("GET", []) => stated(control.overview()),
        ("GET", ["behaviour"]) => stated(control.behaviour()),
        ("GET", ["faults"]) => stated(control.faults()),
        ("GET", ["storm"]) => stated(control.storm()),
        ("GET", ["requests"]) => stated(control.requests()),
        ("PATCH", ["behaviour"]) => change_behaviour(control, call),
        (_, ["users", rest @ ..]) => users(control, call, rest),
        _ => command(control, call, names).map(|()| Value::Null),
    }
}

/// The operations that have nothing to say.
fn command(control: &Control, call: &Call, names: &[&str]) -> Result<(), Refused> {
    match (call.method.as_str(), names) {
        ("POST", ["delta", "expire"]) => control.expire_delta_tokens(),
        ("POST", ["delta", "reset"]) => control.reset_delta(),
        ("POST", ["tokens", "revoke"]) => control.revoke_access_tokens(),
        ("PUT", ["tokens", "lifetime"]) => {
            let Seconds { seconds } = body(call)?;
            control.set_token_lifetime(Duration::from_secs(seconds));
        }
        ("PUT", ["roles"]) => control.grant(body(call)?),
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
            let Seconds { seconds } = body(call)?;
            control.advance_clock(Duration::from_secs(seconds));
        }
        ("POST", ["faults"]) => control.inject(body(call)?),
        ("DELETE", ["faults"]) => control.clear_faults(),
        ("PUT", ["storm"]) => control.begin_storm(body(call)?),
        ("DELETE", ["storm"]) => control.end_storm(),
        ("DELETE", ["requests"]) => control.clear_requests(),
        _ => return Err(unknown(&call.method, &call.path)),
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
        _ => return Err(unknown(&call.method, &call.path)),
    };
    Ok(json!({"id": id}))
}

/// The knobs in the body; those that it leaves out stay as they are.
fn change_behaviour(control: &Control, call: &Call) -> Result<Value, Refused> {
    let changes: serde_json::Map<String, Value> = body(call)?;
    let mut behaviour = stated(control.behaviour())?;
    if let Some(knobs) = behaviour.as_object_mut() {
        knobs.extend(changes);
    }
    let behaviour = serde_json::from_value(behaviour).map_err(malformed)?;
    control.set_behaviour(behaviour);
    stated(control.behaviour())
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refused> {
    serde_json::from_slice(&call.body).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> Refused {
    Refused(
        StatusCode::BAD_REQUEST,
        format!("the body is not what this operation takes: {error}"),
    )
}

fn stated(value: impl serde::Serialize) -> Result<Value, Refused> {
    serde_json::to_value(value)
        .map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn unknown(method: &Method, path: &str) -> Refused {
    Refused(
        StatusCode::NOT_FOUND,
        format!("the control interface has no {method} {path}"),
    )
}
