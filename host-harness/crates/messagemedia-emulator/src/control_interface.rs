//! The control interface: [`Control`] over HTTP, as JSON under `/emulator`. What there is stands in [`CONTROLS`],
//! which `GET /emulator` states.
//!
//! Nothing is taken and then not done: an operation that is not there, a method it has not, a body where none
//! belongs, a member nobody knows are refused with a sentence.
//!
//! There is no authentication: the emulator listens on the loopback interface only.

use std::time::Duration;

use emulated_http::{Call, Reply};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Credentials;
use crate::control::Control;
use crate::controls::CONTROLS;
use crate::faults::ForeignRequest;

/// Whether a request is one of the control interface.
pub(crate) fn concerns(call: &Call) -> bool {
    call.path == "/emulator" || call.path.starts_with("/emulator/")
}

/// Why an operation was not carried out.
struct Refused(StatusCode, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: u64,
}

/// Carries out one operation.
pub(crate) fn answer(control: &Control, call: &Call) -> Reply {
    let answered = offered(call).and_then(|()| operate(control, call));
    match answered {
        Ok(Value::Null) => Reply::empty(StatusCode::NO_CONTENT),
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(Refused(status, reason)) => Reply::json(status, &json!({"error": reason})),
    }
}

/// Whether the interface has what is asked for, and is asked for it in the way that it has.
fn offered(call: &Call) -> Result<(), Refused> {
    let here = CONTROLS.iter().filter(|control| control.path == call.path);
    let methods: Vec<&str> = here.map(|control| control.method).collect();
    if methods.is_empty() {
        let reason = format!(
            "there is no {}; GET /emulator lists what there is",
            call.path
        );
        return Err(Refused(StatusCode::NOT_FOUND, reason));
    }
    if !methods.contains(&call.method.as_str()) {
        let taken = methods.join(" and ");
        let reason = format!("{} takes {taken}, not {}", call.path, call.method);
        return Err(Refused(StatusCode::METHOD_NOT_ALLOWED, reason));
    }
    let takes_body = CONTROLS.iter().any(|control| {
        control.path == call.path && control.method == call.method && !control.body.is_empty()
    });
    if !call.query_text.is_empty() || (!takes_body && !call.body.is_empty()) {
        let reason = format!("{} {} takes no query, and no body", call.method, call.path);
        return Err(Refused(StatusCode::BAD_REQUEST, reason));
    }
    Ok(())
}

fn operate(control: &Control, call: &Call) -> Result<Value, Refused> {
    match (call.method.as_str(), &*call.path) {
        ("GET", "/emulator") => Ok(json!({
            "contacts": control.contacts().len(),
            "lists": control.lists().len(),
            "customFields": control.custom_fields().len(),
            "requests": control.counters(),
            "controls": CONTROLS,
        })),
        ("GET", "/emulator/contacts") => Ok(json!(control.contacts())),
        ("GET", "/emulator/lists") => Ok(json!(control.lists())),
        ("GET", "/emulator/custom-fields") => Ok(json!(control.custom_fields())),
        ("POST", "/emulator/requests") => {
            let request: ForeignRequest = read(call)?;
            let (status, body) = control.request(&request.method, &request.target, request.body);
            Ok(json!({"status": status, "body": body}))
        }
        ("POST", "/emulator/opt-outs") => {
            let number: String = read(call)?;
            Ok(json!({"contacts": control.opt_out(&number)}))
        }
        ("DELETE", "/emulator/opt-outs") => {
            let number: String = read(call)?;
            Ok(json!({"contacts": control.opt_in(&number)}))
        }
        ("PUT", "/emulator/credentials") => {
            control.set_credentials(read::<Credentials>(call)?);
            Ok(Value::Null)
        }
        ("POST", "/emulator/clock") => {
            let by: Seconds = read(call)?;
            control.advance(Duration::from_secs(by.seconds.min(CENTURY)));
            Ok(Value::Null)
        }
        ("GET", "/emulator/behaviour") => Ok(json!(control.behaviour())),
        ("PATCH", "/emulator/behaviour") => {
            let mut switches = json!(control.behaviour());
            let changes: serde_json::Map<String, Value> = read(call)?;
            for (name, value) in changes {
                switches[name] = value;
            }
            control.set_behaviour(serde_json::from_value(switches).map_err(unfit)?);
            Ok(json!(control.behaviour()))
        }
        ("GET", "/emulator/faults") => Ok(json!(control.faults())),
        ("POST", "/emulator/faults") => {
            control.inject(read(call)?);
            Ok(Value::Null)
        }
        ("DELETE", "/emulator/faults") => {
            control.clear_faults();
            Ok(Value::Null)
        }
        ("GET", "/emulator/requests") => Ok(json!(control.requests())),
        _ => {
            control.clear_requests();
            Ok(Value::Null)
        }
    }
}

/// A clock that is put further ahead is out of the calendar.
const CENTURY: u64 = 100 * 365 * 24 * 3600;

fn unfit(error: serde_json::Error) -> Refused {
    let reason = format!("the body is not what this takes: {error}");
    Refused(StatusCode::BAD_REQUEST, reason)
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Refused> {
    serde_json::from_slice(&call.body).map_err(unfit)
}
