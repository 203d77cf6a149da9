//! The control interface: operations under `/emulator`, as JSON.
//!
//! Nothing is taken and then not done: an operation that is not there, a method it has not, a body where none
//! belongs are refused with a sentence. There is no authentication: an emulator listens on the loopback interface
//! only.

use std::time::Duration;

use emulated_http::{Call, Reply};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::bounds::{CENTURY, within};

/// One operation of the control interface.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlDescription {
    /// The method.
    pub method: &'static str,
    /// The path; what stands in braces is put in.
    pub path: &'static str,
    /// An example of the body, in JSON; nothing where there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub body: &'static str,
    /// What it does.
    pub does: &'static str,
}

impl ControlDescription {
    /// An operation.
    #[must_use]
    pub const fn new(
        method: &'static str,
        path: &'static str,
        body: &'static str,
        does: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            body,
            does,
        }
    }

    /// Whether a path, in segments, is this one's.
    fn is_at(&self, segments: &[String]) -> bool {
        let pattern: Vec<&str> = self.path.split('/').skip(1).collect();
        pattern.len() == segments.len()
            && pattern
                .iter()
                .zip(segments)
                .all(|(known, segment)| known.starts_with('{') || known == segment)
    }
}

/// A list of operations as text, a line an operation, with paths in a column of this width.
#[must_use]
pub fn as_text(controls: &[ControlDescription], width: usize) -> String {
    let mut text = String::new();
    for control in controls {
        let request = format!("{} {}", control.method, control.path);
        text.push_str(&format!("  {request:<width$} {}\n", control.does));
        if !control.body.is_empty() {
            text.push_str(&format!("      {}\n", control.body));
        }
    }
    text
}

/// Why an operation was not carried out.
#[derive(Debug)]
pub struct Refused(StatusCode, String);

impl Refused {
    /// With a status and a sentence.
    #[must_use]
    pub fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self(status, reason.into())
    }

    /// Something in the body cannot be done.
    #[must_use]
    pub fn unfit(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::unfit(format!("the body is not what this takes: {error}"))
    }
}

/// Whether a request is one of the control interface.
#[must_use]
pub fn concerns(call: &Call) -> bool {
    call.path == "/emulator" || call.path.starts_with("/emulator/")
}

/// Carries out an operation that the list has, and says what came of it; `null` is an answer without a body.
pub fn answer(
    controls: &[ControlDescription],
    call: &Call,
    operate: impl FnOnce() -> Result<Value, Refused>,
) -> Reply {
    match offered(controls, call).and_then(|()| operate()) {
        Ok(Value::Null) => Reply::empty(StatusCode::NO_CONTENT),
        Ok(body) => Reply::json(StatusCode::OK, &body),
        Err(Refused(status, reason)) => Reply::json(status, &json!({"error": reason})),
    }
}

/// Whether the interface has what is asked for, and is asked for it in the way that it has.
fn offered(controls: &[ControlDescription], call: &Call) -> Result<(), Refused> {
    let segments = call.segments();
    let here = controls.iter().filter(|control| control.is_at(&segments));
    let here: Vec<&ControlDescription> = here.collect();
    if here.is_empty() {
        return Err(unknown(call));
    }
    let Some(control) = here.iter().find(|control| control.method == call.method) else {
        let methods: Vec<&str> = here.iter().map(|control| control.method).collect();
        return Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!(
                "{} takes {}, not {}; GET /emulator lists what there is",
                call.path,
                methods.join(" and "),
                call.method
            ),
        ));
    };
    if !call.query_text.is_empty() {
        return Err(Refused::unfit(
            "the control interface takes no query; what an operation needs stands in its body",
        ));
    }
    let body = call.body.trim_ascii();
    if control.body.is_empty() && !matches!(body, b"" | b"null" | b"{}") {
        let reason = format!("{} {} takes no body", call.method, control.path);
        return Err(Refused::unfit(reason));
    }
    Ok(())
}

/// That there is no such operation.
#[must_use]
pub fn unknown(call: &Call) -> Refused {
    let reason = format!(
        "the control interface has no {} {}; GET /emulator lists what there is",
        call.method, call.path
    );
    Refused::new(StatusCode::NOT_FOUND, reason)
}

/// The body of an operation.
///
/// # Errors
///
/// Where it is another one than the operation takes.
pub fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refused> {
    Ok(serde_json::from_slice(&call.body)?)
}

/// A value as JSON.
///
/// # Errors
///
/// Where it has no form in it.
pub fn stated(value: impl Serialize) -> Result<Value, Refused> {
    serde_json::to_value(value)
        .map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Switches with those of the body in their places; the others stay as they are.
///
/// # Errors
///
/// Where there is no such switch, or it takes another value.
pub fn switched<T: Serialize + DeserializeOwned>(switches: &T, call: &Call) -> Result<T, Refused> {
    let changes: serde_json::Map<String, Value> = body(call)?;
    let mut all = stated(switches)?;
    if let Some(all) = all.as_object_mut() {
        all.extend(changes);
    }
    Ok(serde_json::from_value(all)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: u64,
}

/// A time in the body, at least a second and at most a century.
///
/// # Errors
///
/// Where it is none, or another one.
pub fn seconds(call: &Call) -> Result<Duration, Refused> {
    let Seconds { seconds } = body(call)?;
    within("seconds", seconds, 1..=CENTURY.as_secs()).map_err(Refused::unfit)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    const CONTROLS: [ControlDescription; 3] = [
        ControlDescription::new("GET", "/emulator", "", "this list"),
        ControlDescription::new(
            "PUT",
            "/emulator/users/{id}",
            r#"{"a": 1}"#,
            "changes somebody",
        ),
        ControlDescription::new("DELETE", "/emulator/users/{id}", "", "takes somebody away"),
    ];

    fn call(method: Method, target: &str, body: &str) -> Call {
        let mut call = Call::new(method, target, "http://127.0.0.1:1");
        call.body = body.as_bytes().to_vec();
        call
    }

    fn status(call: &Call) -> u16 {
        answer(&CONTROLS, call, || Ok(json!({"done": true})))
            .status
            .as_u16()
    }

    #[test]
    fn what_the_list_has_not_is_refused_and_not_done() {
        assert_eq!(status(&call(Method::GET, "/emulator", "")), 200);
        assert_eq!(status(&call(Method::PUT, "/emulator/users/7", "{}")), 200);
        assert_eq!(
            status(&call(Method::DELETE, "/emulator/users/7", " {} ")),
            200
        );
        for (refused, as_what) in [
            (call(Method::GET, "/emulator/groups", ""), 404),
            (call(Method::PUT, "/emulator/users/7/more", "{}"), 404),
            (call(Method::POST, "/emulator/users/7", "{}"), 405),
            (call(Method::GET, "/emulator?x=1", ""), 400),
            (
                call(Method::DELETE, "/emulator/users/7", r#"{"a": 1}"#),
                400,
            ),
        ] {
            assert_eq!(status(&refused), as_what, "{refused:?}");
        }
    }

    #[test]
    fn a_clock_goes_forward_by_a_second_at_least_and_a_century_at_most() {
        let asked = |body: &str| seconds(&call(Method::POST, "/emulator/clock", body));
        assert_eq!(
            asked(r#"{"seconds": 60}"#).unwrap(),
            Duration::from_secs(60)
        );
        for body in [
            "",
            "60",
            "{}",
            r#"{"seconds": 0}"#,
            r#"{"seconds": -5}"#,
            r#"{"seconds": 1.5}"#,
            r#"{"seconds": "60"}"#,
            r#"{"seconds": 99999999999}"#,
            r#"{"seconds": 60, "minutes": 1}"#,
        ] {
            let Refused(status, reason) = asked(body).unwrap_err();
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
            assert!(!reason.is_empty());
        }
    }

    #[test]
    fn switches_that_are_left_out_stay_and_there_are_no_others() {
        #[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
        #[serde(deny_unknown_fields)]
        struct Switches {
            light: bool,
            heat: u64,
        }
        let asked = |body: &str| switched(&Switches::default(), &call(Method::PATCH, "/", body));
        let warm = Switches {
            light: false,
            heat: 5,
        };
        assert_eq!(asked(r#"{"heat": 5}"#).unwrap(), warm);
        for body in [r#"{"heat": "5"}"#, r#"{"noise": 1}"#, "[]", "null"] {
            assert!(asked(body).is_err(), "{body}");
        }
    }
}
