//! Subscriptions to changes (<https://learn.microsoft.com/graph/api/resources/subscription>).

use guest_kit::{Method, Timestamp, calendar, json, percent};
use serde_json::Value;

use super::client::Client;
use super::error::GraphError;
use super::purpose::Purpose;
use crate::subscriptions::GROUPS;

/// What is asked for. `created` is no kind of change that users and groups have: creation comes as `updated`, and
/// together with others `created` is taken, and then nothing comes
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/19138>).
const CHANGES: &str = "updated,deleted";

/// A subscription that somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Which objects, such as `users`.
    pub resource: &'a str,
    /// Where to.
    pub address: &'a str,
    /// What each notification repeats; at most 128 characters.
    pub client_state: &'a str,
    /// Until when.
    pub ends: Timestamp,
}

/// A subscription that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// The service's id.
    pub id: String,
    /// Where to.
    pub address: Option<String>,
    /// Until when, where the service says that in a form that is known.
    pub ends: Option<Timestamp>,
}

impl Subscribed {
    fn read(told: &Value) -> Option<Self> {
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let ends = text("expirationDateTime").and_then(calendar::read_date_time);
        Some(Self {
            id: text("id").filter(|id| !id.is_empty())?.to_owned(),
            address: text("notificationUrl").map(str::to_owned),
            ends: ends.map(|seconds| Timestamp(seconds.saturating_mul(1_000))),
        })
    }
}

impl Client<'_> {
    /// The application's subscriptions in this tenant: a hundred at most
    /// (<https://learn.microsoft.com/graph/change-notifications-overview>), which come on one page.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn subscriptions(&self) -> Result<Vec<Subscribed>, GraphError> {
        let response = self.get(Purpose::Subscriptions, "/subscriptions")?;
        let body = self.read(&response.body)?;
        let told = body.get("value").and_then(Value::as_array);
        let told = told.ok_or_else(|| self.unexpected("it is no list of subscriptions"))?;
        Ok(told.iter().filter_map(Subscribed::read).collect())
    }

    /// Subscribes. The service asks the address before it answers.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn subscribe(&self, wanted: Wanted<'_>) -> Result<Subscribed, GraphError> {
        let body = json::to_text(&json::object([
            ("changeType", Value::from(CHANGES)),
            ("clientState", Value::from(wanted.client_state)),
            ("expirationDateTime", Value::from(written(wanted.ends))),
            ("lifecycleNotificationUrl", Value::from(wanted.address)),
            ("notificationUrl", Value::from(wanted.address)),
            ("resource", Value::from(wanted.resource)),
        ]));
        let purpose = match wanted.resource {
            GROUPS => Purpose::GroupSubscriptions,
            _ => Purpose::Subscriptions,
        };
        let response = self.post(purpose, "/subscriptions", &body, &[201])?;
        self.subscribed(&response.body)
    }

    /// Renews a subscription; `None` where it is gone.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn renew(&self, id: &str, ends: Timestamp) -> Result<Option<Subscribed>, GraphError> {
        let body = json::to_text(&json::object([(
            "expirationDateTime",
            Value::from(written(ends)),
        )]));
        let path = path(id);
        let request = (Method::Patch, &*path);
        let response = self.write(Purpose::Subscriptions, request, &body, &[404])?;
        match response.status {
            404 => Ok(None),
            _ => self.subscribed(&response.body).map(Some),
        }
    }

    /// Takes a subscription back; one that is gone is no failure.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub fn unsubscribe(&self, id: &str) -> Result<(), GraphError> {
        let path = path(id);
        let gone = [204, 404];
        self.write(Purpose::Subscriptions, (Method::Delete, &path), "", &gone)
            .map(drop)
    }

    fn subscribed(&self, body: &[u8]) -> Result<Subscribed, GraphError> {
        Subscribed::read(&self.read(body)?).ok_or_else(|| self.unexpected("it is no subscription"))
    }

    fn read(&self, body: &[u8]) -> Result<Value, GraphError> {
        json::value(body).ok_or_else(|| GraphError::NotJson {
            host: self.host().to_owned(),
        })
    }

    fn unexpected(&self, detail: &'static str) -> GraphError {
        GraphError::UnexpectedShape {
            host: self.host().to_owned(),
            detail,
        }
    }
}

fn path(id: &str) -> String {
    format!("/subscriptions/{}", percent::encode(id))
}

fn written(moment: Timestamp) -> String {
    format!("{}Z", calendar::date_time(moment.0 / 1_000))
}
