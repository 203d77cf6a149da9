//! A store and documents for tests.

use serde_json::{Value, json};
use sync_core::ports::StoreDescription;

use super::settings::Settings;
use super::{Problem, read};

pub(crate) use sync_core::ports::testing::store;

/// The document that people had before presets had names.
pub(crate) const SAMPLE: &str = r#"{ "sync": { "direction": "one-way", "source": "entra-id", "target": "messagemedia", "schedule": "0 6 * * *",
  "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email", "department": "group" },
  "filters": { "department": ["Sales", "Support"], "accountEnabled": true } } }"#;

/// The same without custom fields.
pub(crate) fn strict_store() -> StoreDescription {
    StoreDescription {
        custom_fields: false,
        ..store()
    }
}

/// A document whose `sync` holds, beside the route, the members given.
pub(crate) fn document(sync: &Value) -> Value {
    let mut whole = json!({"direction": "one-way", "source": "entra-id", "target": "contacts"});
    if let (Some(whole), Some(members)) = (whole.as_object_mut(), sync.as_object()) {
        whole.extend(members.clone());
    }
    json!({ "sync": whole })
}

/// The settings of such a document.
pub(crate) fn settings(sync: &Value) -> Settings {
    accepted(&document(sync))
}

/// The settings of a document that must be valid.
pub(crate) fn accepted(document: &Value) -> Settings {
    read(&document.to_string(), &store())
        .unwrap_or_else(|problems| panic!("{document}\n{problems:#?}"))
}

/// The problems of a document that must not be valid.
pub(crate) fn refused(document: &Value, store: &StoreDescription) -> Vec<Problem> {
    match read(&document.to_string(), store) {
        Ok(_) => panic!("accepted: {document}"),
        Err(problems) => problems,
    }
}
