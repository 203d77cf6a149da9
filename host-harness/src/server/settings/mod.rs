//! The configuration document of a workspace, and the form in which it is edited.
//!
//! The document is the truth; a form shows it and is written back into it. What no form shows (limits, the
//! order of addresses) stays as it is.

mod form;
#[cfg(test)]
mod tests;
mod written;

use configuration_document::Malformed;
use serde_json::{Map, Value, json};

pub(crate) use self::form::{SettingsForm, unsayable};
pub(crate) use self::written::filter_rows;
use self::written::{filters_value, list_value, mapping_value, policy_value};

/// The name under which the client secret is kept in the vault.
pub(crate) const CLIENT_SECRET: &str = "client-secret";

/// The policies that the form shows, as the document names them.
pub(crate) const POLICIES: [&str; 6] = [
    "existing",
    "update",
    "conflict",
    "removed",
    "leftScope",
    "disabled",
];

/// A configuration document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings(Map<String, Value>);

impl Settings {
    /// Reads a document, as the connector does.
    pub(crate) fn read(text: &str) -> Result<Self, Malformed> {
        configuration_document::object(text).map(Self)
    }

    /// What a new workspace begins with.
    pub(crate) fn new(preset: &str) -> Self {
        let sync = json!({ "preset": preset });
        Self(Map::from_iter([("sync".to_owned(), sync)]))
    }

    pub(crate) fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    fn string(&self, pointer: [&str; 2]) -> String {
        let [section, key] = pointer;
        let value = self.0.get(section).and_then(|section| section.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn tenant(&self) -> String {
        self.string(["tenant", "id"])
    }

    pub(crate) fn client_id(&self) -> String {
        self.string(["credentials", "clientId"])
    }

    /// `global` where the document says nothing.
    pub(crate) fn cloud(&self) -> String {
        Some(self.string(["tenant", "cloud"]))
            .filter(|cloud| !cloud.is_empty())
            .unwrap_or_else(|| "global".to_owned())
    }

    /// The document with another connection.
    #[must_use]
    pub(crate) fn with_connection(mut self, tenant: &str, client_id: &str, cloud: &str) -> Self {
        let tenant = json!({ "id": tenant, "cloud": cloud });
        let credentials = json!({ "clientId": client_id, "secret": CLIENT_SECRET });
        self.0.insert("tenant".to_owned(), tenant);
        self.0.insert("credentials".to_owned(), credentials);
        self
    }

    /// The document without who is asked: what is wrong with the rest can be found out without a network.
    pub(crate) fn without_connection(&self) -> String {
        let mut document = self.0.clone();
        for section in ["tenant", "credentials", "endpoints"] {
            document.remove(section);
        }
        Value::Object(document).to_string()
    }

    /// The document without what it makes mandatory itself: what is mandatory still, the preset or the
    /// store demands.
    #[must_use]
    pub(crate) fn without_mandatory(mut self) -> Self {
        let mut sync = self.sync();
        if let Some(Value::Object(mapping)) = sync.get_mut("mapping") {
            for targets in mapping.values_mut() {
                let targets = match targets {
                    Value::Array(targets) => targets.as_mut_slice(),
                    one => std::slice::from_mut(one),
                };
                for target in targets {
                    if let Some(target) = target.as_object_mut() {
                        target.remove("mandatory");
                    }
                }
            }
        }
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }

    fn sync(&self) -> Map<String, Value> {
        match self.0.get("sync") {
            Some(Value::Object(sync)) => sync.clone(),
            _ => Map::new(),
        }
    }

    /// A value of `sync`.
    pub(crate) fn in_sync(&self, key: &str) -> Value {
        self.sync().remove(key).unwrap_or_default()
    }

    /// The document with what a form says.
    #[must_use]
    pub(crate) fn with_form(mut self, form: &SettingsForm) -> Self {
        let mut sync = self.sync();
        // It may stand in either place; from now on it stands here.
        self.0.remove("preset");
        sync.insert("preset".to_owned(), json!(form.preset));
        for name in POLICIES {
            if let Some(value) = form.policies.get(name) {
                sync.insert(name.to_owned(), policy_value(value));
            }
        }
        sync.insert("list".to_owned(), list_value(form, sync.get("list")));
        let schedule = form.schedule.trim();
        let schedule = if schedule.is_empty() {
            Value::Null
        } else {
            json!(schedule)
        };
        sync.insert("schedule".to_owned(), schedule);
        sync.insert(
            "mapping".to_owned(),
            mapping_value(&form.rows, sync.get("mapping")),
        );
        sync.insert("filters".to_owned(), filters_value(&form.filters));
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }
}
