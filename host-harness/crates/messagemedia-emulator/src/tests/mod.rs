//! Fidelity: what the documents say, stated as requests and answers; and each switch, fault and control.

mod behaviour;
mod documented;
mod faults;
mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::{Behaviour, EmulatorInProcess, EmulatorOptions};

const API: &str = "/api/v1/contacts";
/// 2026-01-02T03:04:05.678Z.
const NOW: Duration = Duration::from_millis(1_767_323_045_678);

/// An account in this process, and a client of it.
struct Account {
    emulator: EmulatorInProcess,
    authorization: String,
}

/// An answer, read; `null` for no body.
#[derive(Debug)]
struct Answer {
    status: u16,
    retry_after: Option<String>,
    body: Value,
    text: String,
}

impl Answer {
    fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

impl Account {
    fn new() -> Self {
        Self::that(|_| {})
    }

    fn that(change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        let emulator = EmulatorInProcess::new(&EmulatorOptions {
            behaviour,
            clock: Arc::new(|| SystemTime::UNIX_EPOCH + NOW),
            ..EmulatorOptions::default()
        });
        Self {
            emulator,
            authorization: basic("demo-key:demo-secret"),
        }
    }

    /// `None` where the connection is cut.
    fn try_send(&self, method: &str, target: &str, body: &Value) -> Option<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", &self.authorization);
        if !body.is_null() {
            request = request.header("content-type", "application/json");
        }
        let bytes = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let answered = self.emulator.answer(request.body(bytes).unwrap());
        let response = answered.response?;
        let header = response.headers().get("retry-after");
        Some(Answer {
            status: response.status().as_u16(),
            retry_after: header.map(|value| value.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
            text: String::from_utf8_lossy(response.body()).into_owned(),
        })
    }

    fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.try_send(method, &format!("{API}{path}"), &body);
        answer.expect("an answer")
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null)
    }

    fn contact(&self, number: &str) -> String {
        let body = json!({"firstName": "Ana", "channels": [{"channelId": number, "type": "SMS"}]});
        let made = self.send("POST", "/contacts", body);
        assert_eq!(made.status, 201, "{}", made.text);
        made.id()
    }

    fn field(&self, merge_tag: &str) -> String {
        let body =
            json!({"label": merge_tag, "mergeTag": merge_tag, "maxLength": 255, "type": "TEXT"});
        self.send("POST", "/custom-fields", body).id()
    }

    fn list(&self, name: &str) -> String {
        self.send("POST", "/lists", json!({"name": name})).id()
    }
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}
