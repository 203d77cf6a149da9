//! The configuration document.

use api_types::views::MappingRowForm;
use configuration_document::Malformed;
use serde_json::{Map, Value, json};

use super::form::SettingsForm;
use super::written::name_of;

/// The name under which the client secret is kept in the vault.
pub(crate) const CLIENT_SECRET: &str = "client-secret";

/// The name under which the secret of a destination is kept in the vault.
pub(crate) const DESTINATION_SECRET: &str = "destination-secret";

/// The name of the key of the certificate, as a document has it. In the vault it is under [`vault_name`].
pub(crate) const CERTIFICATE_KEY: &str = "client-certificate";

/// The name under which the vault keeps a key: no name of a secret begins so, so that a key is never given out as
/// one.
pub(crate) fn vault_name(key: &str) -> String {
    format!("{KEY_PREFIX}{key}")
}

/// What the names of keys begin with, in the vault.
pub(crate) const KEY_PREFIX: &str = "key:";

/// What the vault has of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) secret: bool,
    pub(crate) certificate: bool,
}

/// Under which names the connector asks for what a connection signs in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CredentialNames {
    pub(crate) secrets: Vec<String>,
    pub(crate) keys: Vec<String>,
}

/// What a preset decides, as the document names it: with another preset, all of it is another. Whom the
/// filter wants, groups, the limits and how often everybody is read are no part of a preset.
const OF_PRESETS: [&str; 10] = [
    "existing",
    "update",
    "conflict",
    "removed",
    "leftScope",
    "disabled",
    "list",
    "schedule",
    "mapping",
    "addresses",
];

/// The preset of a document that names none.
const UNNAMED_PRESET: &str = "messaging";

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

    /// What stands at the two keys, where it is a text.
    fn string(&self, pointer: [&str; 2]) -> String {
        let [section, key] = pointer;
        let value = self.0.get(section).and_then(|section| section.get(key));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn tenant(&self) -> String {
        self.string(["tenant", "id"])
    }

    /// The name of the client secret.
    pub(crate) fn secret_name(&self) -> String {
        self.string(["credentials", "secret"])
    }

    /// The names of what the connection signs in with, what stands in for it included.
    pub(crate) fn credential_names(&self) -> CredentialNames {
        let credentials = self.0.get("credentials");
        let fallback = credentials.and_then(|credentials| credentials.get("fallback"));
        let mut names = CredentialNames::default();
        for credential in credentials.into_iter().chain(fallback) {
            let word = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            names.secrets.extend(word(credential.get("secret")));
            names
                .keys
                .extend(word(credential.pointer("/certificate/key")));
        }
        let destination = self.destination();
        let secret = destination.as_ref().and_then(|chosen| chosen.get("secret"));
        let secret = secret.and_then(Value::as_str).map(str::to_owned);
        names.secrets.extend(secret);
        names
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

    /// The document with another connection. A certificate that is held comes first, and a secret beside it stands
    /// in for it.
    #[must_use]
    pub(crate) fn with_connection(
        mut self,
        tenant: &str,
        client_id: &str,
        cloud: &str,
        held: Held,
    ) -> Self {
        let tenant = json!({ "id": tenant, "cloud": cloud });
        let certificate = json!({ "key": CERTIFICATE_KEY });
        let credentials = match held {
            Held {
                certificate: true,
                secret: true,
            } => json!({
                "clientId": client_id, "certificate": certificate,
                "fallback": { "secret": CLIENT_SECRET },
            }),
            Held {
                certificate: true, ..
            } => json!({ "clientId": client_id, "certificate": certificate }),
            Held { .. } => json!({ "clientId": client_id, "secret": CLIENT_SECRET }),
        };
        self.0.insert("tenant".to_owned(), tenant);
        self.0.insert("credentials".to_owned(), credentials);
        self
    }

    /// The document with another section.
    #[must_use]
    pub(super) fn with_section(mut self, name: &str, section: Value) -> Self {
        self.0.insert(name.to_owned(), section);
        self
    }

    /// The document without a section.
    #[must_use]
    pub(super) fn without_section(mut self, name: &str) -> Self {
        self.0.remove(name);
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

    pub(super) fn sync(&self) -> Map<String, Value> {
        match self.0.get("sync") {
            Some(Value::Object(sync)) => sync.clone(),
            _ => Map::new(),
        }
    }

    /// A value of `sync`.
    pub(crate) fn in_sync(&self, key: &str) -> Value {
        self.sync().remove(key).unwrap_or_default()
    }

    /// The name of its preset, wherever it stands.
    pub(crate) fn preset(&self) -> String {
        let named = self.in_sync("preset");
        let named = named.as_str().or_else(|| self.0.get("preset")?.as_str());
        named.unwrap_or(UNNAMED_PRESET).to_owned()
    }

    /// The document without anything that a preset decides: its preset as it is.
    #[must_use]
    pub(crate) fn without_own_choices(self) -> Self {
        OF_PRESETS
            .into_iter()
            .fold(self, |settings, key| settings.without(key))
    }

    /// The document without a key of `sync`.
    #[must_use]
    pub(crate) fn without(mut self, key: &str) -> Self {
        let mut sync = self.sync();
        sync.remove(key);
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }

    /// The object that chooses a destination, where one is chosen.
    pub(crate) fn destination(&self) -> Option<Value> {
        Some(self.in_sync("target")).filter(Value::is_object)
    }

    /// The document with another destination; with none, the contacts are this server's own. A name that stands there
    /// is no destination, and stays.
    #[must_use]
    pub(crate) fn with_destination(self, destination: Option<Value>) -> Self {
        match destination {
            Some(destination) => self.with("target", destination),
            None if self.destination().is_some() => self.without("target"),
            None => self,
        }
    }

    /// The document with a value of `sync`.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        let mut sync = self.sync();
        sync.insert(key.to_owned(), value);
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }

    /// This document with what another says in `sync`.
    #[must_use]
    pub(crate) fn overlaid(self, other: &Self) -> Self {
        let said = other.sync().into_iter();
        said.fold(self, |settings, (key, value)| settings.with(&key, value))
    }

    /// The document with another `sync`. Its preset stands there, from now on.
    #[must_use]
    pub(super) fn with_sync(mut self, sync: Map<String, Value>) -> Self {
        self.0.remove("preset");
        self.0.insert("sync".to_owned(), Value::Object(sync));
        self
    }

    /// The fields of which the document says that a person may lack them.
    fn waived(&self) -> Vec<String> {
        let mapping = self.in_sync("mapping");
        let targets = mapping.as_object().into_iter().flatten();
        let targets = targets.flat_map(|(_, targets)| match targets {
            Value::Array(targets) => targets.as_slice(),
            one => std::slice::from_ref(one),
        });
        targets
            .filter(|target| target.get("mandatory") == Some(&Value::Bool(false)))
            .filter_map(|target| name_of(target))
            .map(str::to_owned)
            .collect()
    }

    /// Marks the rows of a form that are demanded, so that they stay mandatory; but for one of which this
    /// document says that a person may lack it, and the form does not say otherwise.
    pub(crate) fn mark_demanded(&self, form: &mut SettingsForm, demanded: &[MappingRowForm]) {
        let waived = self.waived();
        for row in &mut form.rows {
            let is_demanded = demanded.iter().any(|other| {
                other.mandatory
                    && other.field == row.field
                    && (!row.field.is_empty() || other.label == row.label)
            });
            row.waived = is_demanded && !row.mandatory && waived.contains(&row.field);
            row.fixed = is_demanded && !row.waived;
            row.mandatory |= row.fixed;
        }
    }
}
