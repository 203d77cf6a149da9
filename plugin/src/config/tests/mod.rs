//! The document as a whole. What one section does by itself is tested beside it.

mod accepted;
mod credentials;
mod directions;
mod fingerprint;
mod groups;
mod guests;
mod numbers;
mod org_contacts;
mod presets;
mod refused;
mod schema;

use serde_json::{Value, json};
use sync_core::ports::StoreDescription;

use super::settings::Settings;
use super::test_fixture::{SAMPLE, accepted, document, refused, store};

const TENANT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

fn sample() -> Value {
    serde_json::from_str(SAMPLE).expect("the sample is JSON")
}

/// The document with the value at a pointer replaced; a new member where there is none.
fn with(mut document: Value, parent: &str, key: &str, value: Value) -> Value {
    document
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("an object")
        .insert(key.to_owned(), value);
    document
}

fn connected() -> Value {
    let document = with(sample(), "", "tenant", json!({"id": TENANT}));
    with(
        document,
        "",
        "credentials",
        json!({"clientId": CLIENT, "secret": "client-secret"}),
    )
}

/// That a document has exactly one problem: at the pointer, with every phrase in its message.
#[track_caller]
fn one_problem(document: &Value, store: &StoreDescription, pointer: &str, phrases: &[&str]) {
    let problems = refused(document, store);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].pointer, pointer, "{problems:#?}");
    for phrase in phrases {
        assert!(problems[0].message.contains(phrase), "{problems:#?}");
    }
}

#[track_caller]
fn one_problem_in_sync(sync: &Value, pointer: &str, phrases: &[&str]) {
    one_problem(&document(sync), &store(), pointer, phrases);
}

fn rows(settings: &Settings) -> Vec<(&str, &str, bool, bool)> {
    settings
        .mapping
        .rows
        .iter()
        .map(|row| {
            (
                row.attribute,
                row.field.as_str(),
                row.mandatory,
                row.only_on_create,
            )
        })
        .collect()
}
