//! Any document: it is read, or all its problems are told.

use entra_connector::config::read;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use super::mutation::{mutations, spoilt, value};
use super::outside::description;
use super::sound::document;

/// Reads it. What comes out must be usable without a further check.
fn try_to_read(document: &str) {
    match read(document, &description()) {
        Ok(settings) => {
            assert_eq!(settings.fingerprint.len(), 64);
            assert!(!settings.mapping.rows.is_empty());
            let _ = settings.removal_limit.judge(u64::MAX, u64::MAX);
            let _ = settings.blank_limit.judge(u64::MAX, u64::MAX);
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(!problem.message.is_empty());
                assert!(
                    problem.pointer.is_empty() || problem.pointer.starts_with('/'),
                    "{problem:?}"
                );
            }
        }
    }
}

/// A document that says everything there is to say of groups.
fn with_groups() -> Value {
    let mut document = document();
    document["sync"]["scope"] = json!("users-and-groups");
    document["sync"]["groups"] = json!({
        "include": ["Sales", "Region *", "abcdef00-0000-4000-8000-00000000abcd"],
        "kinds": ["security", "mail-enabled"], "members": "transitive", "people": "members",
        "list": {"name": "Entra {group}", "description": "{description}"},
    });
    document
}

#[test]
fn the_document_with_groups_is_read_before_it_is_spoilt() {
    let settings = read(&with_groups().to_string(), &description()).unwrap();
    assert!(settings.groups.is_some());
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn a_spoilt_document_is_read_or_its_problems_are_told(mutations in mutations()) {
        try_to_read(&String::from_utf8_lossy(&spoilt(&document(), &mutations)));
    }

    #[test]
    fn spoilt_groups_are_read_or_their_problems_are_told(mutations in mutations()) {
        try_to_read(&String::from_utf8_lossy(&spoilt(&with_groups(), &mutations)));
    }

    #[test]
    fn any_json_is_read_or_its_problems_are_told(value in value()) {
        try_to_read(&value.to_string());
    }

    #[test]
    fn any_text_is_read_or_its_problems_are_told(text in ".{0,200}") {
        try_to_read(&text);
    }
}

#[test]
fn a_document_nested_without_end_is_refused_and_not_followed() {
    for (open, close) in [("[", "]"), (r#"{"sync":"#, "}")] {
        try_to_read(&open.repeat(100_000));
        try_to_read(&format!(
            "{}1{}",
            open.repeat(100_000),
            close.repeat(100_000)
        ));
    }
}

#[test]
fn a_number_beyond_every_type_is_told_as_a_problem() {
    for number in ["1e999", "-0", "18446744073709551616", "0.1", "1e-400", "00"] {
        try_to_read(&format!(
            r#"{{"preset": "mirror", "sync": {{"fullSyncEveryDays": {number}}}}}"#
        ));
    }
}
