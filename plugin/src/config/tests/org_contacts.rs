//! Whether organisational contacts are people, and what is told where the document asks of them what they have not.

use serde_json::{Value, json};
use sync_core::settings::OrgContacts;

use super::super::test_fixture::{accepted, document, store};
use super::one_problem;

fn with(otherwise: Value) -> Value {
    let mut sync = json!({ "preset": "mirror", "organizationalContacts": "include" });
    for (key, value) in otherwise.as_object().unwrap() {
        sync[key] = value.clone();
    }
    document(&sync)
}

#[test]
fn they_are_left_out_unless_the_document_includes_them() {
    for preset in ["additive", "mirror", "lifecycle"] {
        let settings = accepted(&document(&json!({ "preset": preset })));
        assert_eq!(settings.org_contacts, OrgContacts::Skip, "{preset}");
    }
    assert_eq!(
        accepted(&with(json!({}))).org_contacts,
        OrgContacts::Include
    );
}

#[test]
fn another_word_is_refused_with_those_that_there_are() {
    one_problem(
        &with(json!({ "organizationalContacts": "yes" })),
        &store(),
        "/sync/organizationalContacts",
        &["skip", "include"],
    );
}

#[test]
fn each_question_that_only_users_can_answer_is_warned_of() {
    let settings = accepted(&with(json!({
        "filters": { "accountEnabled": true, "department": "Sales" },
        "mapping": { "mail": "email", "employeeId": { "label": "ID", "mandatory": true } },
    })));
    let warnings = settings.warnings.join("\n");
    assert!(warnings.contains("accountEnabled"), "{warnings}");
    assert!(warnings.contains("employeeId"), "{warnings}");
    assert!(!warnings.contains("department"), "{warnings}");
    let users_alone = with(json!({
        "organizationalContacts": "skip", "filters": { "accountEnabled": true },
    }));
    let warnings = accepted(&users_alone).warnings.join("\n");
    assert!(!warnings.contains("organisational"), "{warnings}");
}
