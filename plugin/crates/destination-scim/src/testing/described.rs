//! What the server says of itself, and how it spells names.

use serde_json::{Value, json};

use crate::fields::{ENTERPRISE, GROUP, USER};

pub(super) fn schemas() -> Value {
    let attribute = |name: &str| json!({"name": name, "mutability": "readWrite"});
    let complex = |name: &str, parts: &[&str]| {
        let parts: Vec<_> = parts.iter().map(|part| attribute(part)).collect();
        json!({"name": name, "mutability": "readWrite", "subAttributes": parts})
    };
    json!({"totalResults": 3, "Resources": [
        {"id": USER, "attributes": [
            attribute("userName"), attribute("displayName"), attribute("title"), attribute("active"),
            attribute("preferredLanguage"), complex("name", &["givenName", "familyName", "formatted"]),
            complex("emails", &["value", "type"]), complex("phoneNumbers", &["value", "type"]),
        ]},
        {"id": GROUP, "attributes": [attribute("displayName"), complex("members", &["value"])]},
        {"id": ENTERPRISE, "attributes": [
            attribute("department"), attribute("organization"), attribute("costCenter"),
            {"name": "employeeNumber", "mutability": "readOnly"},
        ]},
    ]})
}

pub(super) fn resource_types() -> Value {
    json!({"totalResults": 2, "Resources": [
        {"id": "User", "schema": USER, "schemaExtensions": [{"schema": ENTERPRISE, "required": false}]},
        {"id": "Group", "schema": GROUP},
    ]})
}

/// With a capital letter before every name.
pub(super) fn capitals(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let named = members.into_iter().map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().unwrap().to_ascii_uppercase();
                (
                    std::iter::once(first).chain(letters).collect(),
                    capitals(value),
                )
            });
            Value::Object(named.collect())
        }
        Value::Array(elements) => elements.into_iter().map(capitals).collect(),
        other => other,
    }
}
