//! Over a socket: what a connection sees, and the control interface.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::{CONTROLS, Credentials, Emulator, EmulatorError};

async fn started() -> Emulator {
    Emulator::start(EmulatorOptions::default()).await.unwrap()
}

/// The status and the body of an answer; 0 where the connection is cut.
async fn exchange(emulator: &Emulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    let address = emulator.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        basic("demo-key:demo-secret"),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A connection that is cut may be an error.
    let _ = stream.read_to_string(&mut answer).await;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (
        status.unwrap_or(0),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_api_and_its_controls_are_at_one_address() {
    let emulator = started().await;
    let draft = r#"{"channels": [{"channelId": "+447700900101", "type": "SMS"}]}"#;
    let (status, made) = exchange(&emulator, "POST", "/api/v1/contacts/contacts", draft).await;
    assert_eq!(
        (status, made["channels"][0]["channelId"].as_str()),
        (201, Some("+447700900101"))
    );
    let (status, told) = exchange(&emulator, "GET", "/emulator", "").await;
    assert_eq!((status, &told["contacts"]), (200, &json!(1)));
    assert_eq!(told["controls"].as_array().unwrap().len(), CONTROLS.len());
    assert_eq!(told["requests"]["requests"], 1, "controls are not counted");
    emulator.stop().await;
}

#[tokio::test]
async fn every_control_takes_its_example() {
    let emulator = started().await;
    for control in CONTROLS {
        let (status, told) = exchange(&emulator, control.method, control.path, control.body).await;
        assert!(
            matches!(status, 200 | 204),
            "{} {}: {told}",
            control.method,
            control.path
        );
    }
    assert_eq!(emulator.control().behaviour().visibility_delay_ms, 2000);
    assert!(emulator.control().faults().is_empty());
}

#[tokio::test]
async fn a_control_that_is_not_there_or_takes_something_else_says_so() {
    let emulator = started().await;
    for (method, path, body, status) in [
        ("GET", "/emulator/nothing", "", 404),
        ("PUT", "/emulator/faults", "", 405),
        ("GET", "/emulator/faults", r#"{"all": true}"#, 400),
        ("GET", "/emulator/faults?all=1", "", 400),
        ("POST", "/emulator/faults", r#"{"unknown": 1}"#, 400),
        (
            "PATCH",
            "/emulator/behaviour",
            r#"{"arrays": "sometimes"}"#,
            400,
        ),
        ("PATCH", "/emulator/behaviour", r#"{"unknown": 1}"#, 400),
        ("POST", "/emulator/opt-outs", "", 400),
        ("POST", "/emulator/opt-outs", r#""07700 900101""#, 400),
        ("POST", "/emulator/faults", r#"{"status": 0}"#, 400),
        ("POST", "/emulator/faults", r#"{"times": 0}"#, 400),
        ("POST", "/emulator/faults", r#"{"delayMs": 99999999}"#, 400),
        (
            "POST",
            "/emulator/faults",
            r#"{"retryAfter": "1\r\nx: y"}"#,
            400,
        ),
        (
            "POST",
            "/emulator/faults",
            r#"{"meanwhile": {"method": "GET", "target": "lists"}}"#,
            400,
        ),
        (
            "POST",
            "/emulator/requests",
            r#"{"method": "BREW", "target": "/"}"#,
            400,
        ),
        ("POST", "/emulator/clock", r#"{"seconds": 0}"#, 400),
        (
            "POST",
            "/emulator/clock",
            r#"{"seconds": 99999999999}"#,
            400,
        ),
        (
            "PATCH",
            "/emulator/behaviour",
            r#"{"defaultPageSize": 0}"#,
            400,
        ),
        (
            "PATCH",
            "/emulator/behaviour",
            r#"{"longestTarget": 0}"#,
            400,
        ),
        (
            "PATCH",
            "/emulator/behaviour",
            r#"{"visibilityDelayMs": 99999999}"#,
            400,
        ),
        (
            "PUT",
            "/emulator/credentials",
            r#"{"key": "", "secret": "s"}"#,
            400,
        ),
        (
            "PUT",
            "/emulator/credentials",
            r#"{"key": "a:b", "secret": "s"}"#,
            400,
        ),
        (
            "PUT",
            "/emulator/credentials",
            r#"{"key": "k", "secret": ""}"#,
            400,
        ),
    ] {
        let (answered, told) = exchange(&emulator, method, path, body).await;
        assert_eq!(answered, status, "{method} {path}");
        assert!(told["error"].is_string(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_cut_connection_has_no_answer() {
    let emulator = started().await;
    emulator.control().inject(crate::Fault::lost_answer("GET"));
    let (status, _) = exchange(&emulator, "GET", "/api/v1/contacts/lists", "").await;
    assert_eq!(status, 0);
    assert_eq!(emulator.control().counters().statuses[&0], 1);
}

#[tokio::test]
async fn only_this_machine_is_listened_to() {
    let options = EmulatorOptions {
        listen: ([0, 0, 0, 0], 0).into(),
        ..EmulatorOptions::default()
    };
    let refused = Emulator::start(options).await.err();
    assert!(matches!(refused, Some(EmulatorError::NotLoopback(_))));
}

#[tokio::test]
async fn credentials_that_nobody_could_sign_in_with_are_none_to_start_with() {
    for key in ["", "a:b", "a\nb"] {
        let options = EmulatorOptions {
            credentials: Credentials {
                key: key.to_owned(),
                ..Credentials::default()
            },
            ..EmulatorOptions::default()
        };
        let refused = Emulator::start(options).await.err();
        assert!(
            matches!(refused, Some(EmulatorError::Credentials(_))),
            "{key:?}"
        );
    }
}
