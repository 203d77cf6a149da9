//! An account at the moment of a request, and what every resource does with it.

use std::time::{Duration, SystemTime};

use emulated_http::Call;
use http::header;
use serde_json::{Map, Value};

use crate::account::Account;
use crate::behaviour::Behaviour;
use crate::contact::Contact;
use crate::refusal::{Code, Kind, Refusal};

/// An account, how it behaves, and the time.
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) behaviour: Behaviour,
    /// Whether channels that no request can write are taken, too.
    pub(crate) any_channel: bool,
    /// When the request that is being answered came.
    pub(crate) now: SystemTime,
}

impl State {
    /// How far the pages lag behind.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.behaviour.visibility_delay_ms)
    }

    /// The moment whose contacts the pages show.
    pub(crate) fn seen(&self) -> SystemTime {
        let seen = self.now.checked_sub(self.delay());
        seen.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(crate) fn put(&mut self, place: u64, contact: Contact) {
        let delay = self.delay();
        self.account.put(place, contact, self.now, delay);
    }

    /// Puts a contact on a list, or takes it off. A contact that is not there is passed over.
    pub(crate) fn set_membership(&mut self, contact: &str, list: &str, joins: bool) {
        let Some((place, contact)) = self.account.contact(contact) else {
            return;
        };
        let mut contact = contact.clone();
        let changes = if joins {
            contact.lists.insert(list.to_owned())
        } else {
            contact.lists.remove(list)
        };
        if changes && self.behaviour.membership_touches_last_modified {
            contact.modified = self.now;
        }
        if changes {
            self.put(place, contact);
        }
    }

    /// The object that a request has for a body.
    pub(crate) fn body(&self, call: &Call) -> Result<Map<String, Value>, Refusal> {
        let content_type = call
            .header(header::CONTENT_TYPE.as_str())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let detail = "The content type must be application/json";
            return Err(Refusal::plain(Kind::UnsupportedMediaType, detail));
        }
        match serde_json::from_slice(&call.body) {
            Ok(Value::Object(body)) => Ok(body),
            _ => {
                let detail = "The body is not a JSON object";
                Err(Refusal::plain(Kind::MessageNotReadable, detail))
            }
        }
    }
}

/// A text that must be there.
pub(crate) fn required_text(body: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match body.get(name) {
        None => Err(Refusal::invalid(name, Code::MissingParameter)),
        Some(Value::Null) => Err(Refusal::invalid(name, Code::MustNotBeNull)),
        Some(Value::String(text)) if text.trim().is_empty() => {
            Err(Refusal::invalid(name, Code::MustNotBeEmpty))
        }
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Refusal::invalid(name, Code::TypeMismatch)),
    }
}

/// A text that may be missing, or empty, which is the same.
pub(crate) fn optional_text(
    body: &Map<String, Value>,
    name: &str,
) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::invalid(name, Code::TypeMismatch)),
    }
}
