//! A store and documents for tests.

use serde_json::{Value, json};

use super::settings::Settings;
use super::{Problem, read};
use crate::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription, StoreLimits};

/// The document that people had before presets had names.
pub(crate) const SAMPLE: &str = r#"{ "sync": { "direction": "one-way", "source": "entra-id", "target": "messagemedia", "schedule": "0 6 * * *",
  "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email", "department": "group" },
  "filters": { "department": ["Sales", "Support"], "accountEnabled": true } } }"#;

/// A store with twelve fields that takes custom ones.
pub(crate) fn store() -> StoreDescription {
    use FieldKind::{Email, Phone, Text};
    StoreDescription {
        fields: vec![
            field("first_name", Text, Some(FieldRole::GivenName)),
            field("last_name", Text, Some(FieldRole::FamilyName)),
            field("display_name", Text, Some(FieldRole::DisplayName)),
            field("email", Email, Some(FieldRole::Email)),
            field("mobile_phone", Phone, Some(FieldRole::Phone)),
            field("company", Text, Some(FieldRole::Company)),
            field("job_title", Text, None),
            field("department", Text, None),
            field("office_location", Text, None),
            field("contact_name", Text, None),
            field("phone_number", Phone, Some(FieldRole::Phone)),
            field("group", Text, Some(FieldRole::Group)),
        ],
        custom_fields: true,
        atomic: true,
        max_batch: 1_000,
        journal: true,
        limits: StoreLimits::default(),
    }
}

/// The same without custom fields.
pub(crate) fn strict_store() -> StoreDescription {
    StoreDescription {
        custom_fields: false,
        ..store()
    }
}

fn field(name: &str, kind: FieldKind, role: Option<FieldRole>) -> FieldDescription {
    FieldDescription {
        name: name.to_owned(),
        label: name.replace('_', " "),
        kind,
        mandatory: false,
        max_length: Some(100),
        role,
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
