//! The control interface: [`Control`] over HTTP, as JSON under `/emulator`. What there is stands in [`CONTROLS`],
//! which `GET /emulator` states.

use emulated_http::{Call, Reply};
use emulator_controls::interface::{self, Refused, body, seconds, stated, switched};
use serde_json::{Value, json};

use crate::Credentials;
use crate::control::Control;
use crate::controls::CONTROLS;
use crate::faults::{Fault, ForeignRequest};

/// Carries out one operation.
pub(crate) fn answer(control: &Control, call: &Call) -> Reply {
    interface::answer(CONTROLS, call, || operate(control, call))
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
            let request: ForeignRequest = body(call)?;
            request.check().map_err(Refused::unfit)?;
            let (status, answer) = control.request(&request.method, &request.target, request.body);
            Ok(json!({"status": status, "body": answer}))
        }
        ("POST", "/emulator/opt-outs") => {
            let number = number(call)?;
            Ok(json!({"contacts": control.opt_out(&number)}))
        }
        ("DELETE", "/emulator/opt-outs") => {
            let number = number(call)?;
            Ok(json!({"contacts": control.opt_in(&number)}))
        }
        ("PUT", "/emulator/credentials") => {
            let credentials: Credentials = body(call)?;
            credentials.check().map_err(Refused::unfit)?;
            control.set_credentials(credentials);
            Ok(Value::Null)
        }
        ("POST", "/emulator/clock") => {
            control.advance(seconds(call)?);
            Ok(Value::Null)
        }
        ("GET", "/emulator/behaviour") => stated(control.behaviour()),
        ("PATCH", "/emulator/behaviour") => {
            let behaviour = switched(&control.behaviour(), call)?;
            behaviour.check().map_err(Refused::unfit)?;
            control.set_behaviour(behaviour);
            stated(control.behaviour())
        }
        ("GET", "/emulator/faults") => stated(control.faults()),
        ("POST", "/emulator/faults") => {
            let fault: Fault = body(call)?;
            fault.check().map_err(Refused::unfit)?;
            control.inject(fault);
            Ok(Value::Null)
        }
        ("DELETE", "/emulator/faults") => {
            control.clear_faults();
            Ok(Value::Null)
        }
        ("GET", "/emulator/requests") => stated(control.requests()),
        _ => {
            control.clear_requests();
            Ok(Value::Null)
        }
    }
}

/// A number that messages are sent to.
fn number(call: &Call) -> Result<String, Refused> {
    let number: String = body(call)?;
    if number.starts_with('+') {
        Ok(number)
    } else {
        Err(Refused::unfit(
            "a number begins with a plus and the country code, such as \"+447700900101\"",
        ))
    }
}
