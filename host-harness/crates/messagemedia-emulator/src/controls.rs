//! What the control interface offers, in words and for programs: `GET /emulator` states it, and
//! `messagemedia-emulator --help` prints it.

use emulator_controls::interface::{ControlDescription, as_text};

/// All operations, in the order in which they are told.
pub const CONTROLS: &[ControlDescription] = &[
    ControlDescription::new("GET", "/emulator", "", "how much there is, and this list"),
    ControlDescription::new(
        "GET",
        "/emulator/contacts",
        "",
        "every contact as it is now",
    ),
    ControlDescription::new("GET", "/emulator/lists", "", "every list"),
    ControlDescription::new("GET", "/emulator/custom-fields", "", "every custom field"),
    ControlDescription::new(
        "POST",
        "/emulator/requests",
        r#"{"method": "DELETE", "target": "/api/v1/contacts/lists/ID"}"#,
        "does what somebody else asks of the API",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/opt-outs",
        r#""+447700900101""#,
        "somebody answers STOP: every channel of the number is unsubscribed",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/opt-outs",
        r#""+447700900101""#,
        "somebody answers START: every channel of the number is subscribed",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/credentials",
        r#"{"key": "demo-key", "secret": "new"}"#,
        "the API key and secret that are accepted",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/clock",
        r#"{"seconds": 3600}"#,
        "puts the emulator's clock forward",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/behaviour",
        "",
        "how the account behaves: every switch with its value",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/behaviour",
        r#"{"arrays": "merge", "visibilityDelayMs": 2000}"#,
        "turns switches",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/faults",
        "",
        "the faults that are set, with what is left of their counts",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/faults",
        r#"{"path": "/contacts/contacts", "status": 429, "retryAfter": "2", "times": 3}"#,
        "injects a fault",
    ),
    ControlDescription::new("DELETE", "/emulator/faults", "", "clears all faults"),
    ControlDescription::new(
        "GET",
        "/emulator/requests",
        "",
        "the newest requests, and how they were answered",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/requests",
        "",
        "forgets the requests and their counts",
    ),
];

/// The list as text, a line an operation.
#[must_use]
pub fn controls_as_text() -> String {
    as_text(CONTROLS, 32)
}
