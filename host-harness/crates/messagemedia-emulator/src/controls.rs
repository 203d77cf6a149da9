//! What the control interface offers, in words and for programs: `GET /emulator` states it, and
//! `messagemedia-emulator --help` prints it.

use serde::Serialize;

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

const fn control(
    method: &'static str,
    path: &'static str,
    body: &'static str,
    does: &'static str,
) -> ControlDescription {
    ControlDescription {
        method,
        path,
        body,
        does,
    }
}

/// All operations, in the order in which they are told.
pub const CONTROLS: &[ControlDescription] = &[
    control("GET", "/emulator", "", "how much there is, and this list"),
    control(
        "GET",
        "/emulator/contacts",
        "",
        "every contact as it is now",
    ),
    control("GET", "/emulator/lists", "", "every list"),
    control("GET", "/emulator/custom-fields", "", "every custom field"),
    control(
        "POST",
        "/emulator/requests",
        r#"{"method": "DELETE", "target": "/api/v1/contacts/lists/ID"}"#,
        "does what somebody else asks of the API",
    ),
    control(
        "POST",
        "/emulator/opt-outs",
        r#""+447700900101""#,
        "somebody answers STOP: every channel of the number is unsubscribed",
    ),
    control(
        "DELETE",
        "/emulator/opt-outs",
        r#""+447700900101""#,
        "somebody answers START: every channel of the number is subscribed",
    ),
    control(
        "PUT",
        "/emulator/credentials",
        r#"{"key": "demo-key", "secret": "new"}"#,
        "the API key and secret that are accepted",
    ),
    control(
        "POST",
        "/emulator/clock",
        r#"{"seconds": 3600}"#,
        "puts the emulator's clock forward",
    ),
    control(
        "GET",
        "/emulator/behaviour",
        "",
        "how the account behaves: every switch with its value",
    ),
    control(
        "PATCH",
        "/emulator/behaviour",
        r#"{"arrays": "merge", "visibilityDelayMs": 2000}"#,
        "turns switches",
    ),
    control(
        "GET",
        "/emulator/faults",
        "",
        "the faults that are set, with what is left of their counts",
    ),
    control(
        "POST",
        "/emulator/faults",
        r#"{"path": "/contacts/contacts", "status": 429, "retryAfter": "2", "times": 3}"#,
        "injects a fault",
    ),
    control("DELETE", "/emulator/faults", "", "clears all faults"),
    control(
        "GET",
        "/emulator/requests",
        "",
        "the newest requests, and how they were answered",
    ),
    control(
        "DELETE",
        "/emulator/requests",
        "",
        "forgets the requests and their counts",
    ),
];

/// The list as text, a line an operation.
#[must_use]
pub fn controls_as_text() -> String {
    let mut text = String::new();
    for control in CONTROLS {
        let request = format!("{} {}", control.method, control.path);
        text.push_str(&format!("  {request:<32} {}\n", control.does));
        if !control.body.is_empty() {
            text.push_str(&format!("      {}\n", control.body));
        }
    }
    text
}
