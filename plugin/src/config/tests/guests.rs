use serde_json::{Value, json};
use sync_core::ports::{FieldKind, FieldRole, StoreDescription};

use super::super::limits;
use super::super::test_fixture::{accepted, document, refused, store};

const URL: &str = "https://contoso.example/welcome";

/// A document that invites, with other members of `sync`.
fn inviting(more: &Value) -> Value {
    let mut sync = json!({
        "preset": "mirror", "direction": "two-way", "contactsWithoutUser": "invite",
        "invitations": { "redirectUrl": URL },
    });
    let members = sync.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    document(&sync)
}

fn problem(document: &Value) -> (String, String) {
    problem_with(document, &store())
}

fn problem_with(document: &Value, store: &StoreDescription) -> (String, String) {
    let mut problems = refused(document, store);
    assert_eq!(problems.len(), 1, "{document}\n{problems:#?}");
    let problem = problems.remove(0);
    (problem.pointer, problem.message)
}

#[test]
fn nobody_is_invited_unless_the_document_says_so() {
    let silent = accepted(&document(
        &json!({ "preset": "mirror", "direction": "two-way" }),
    ));
    assert_eq!(silent.invitations, None);
    let nothing =
        json!({ "preset": "mirror", "direction": "two-way", "contactsWithoutUser": "nothing" });
    let nothing = accepted(&document(&nothing));
    assert_eq!(nothing.invitations, None);
    assert_eq!(nothing.fingerprint, silent.fingerprint);
}

#[test]
fn guests_are_invited_without_a_message_and_an_administrator_is_told() {
    let settings = accepted(&inviting(&json!({})));
    let invitations = settings.invitations.unwrap();
    assert_eq!(
        (invitations.redirect_url.as_str(), invitations.send_message),
        (URL, false)
    );
    assert!(
        settings
            .warnings
            .iter()
            .any(|it| it.contains("Nobody can take an invitation back"))
    );
    assert!(
        !settings
            .warnings
            .iter()
            .any(|it| it.contains("write to everybody"))
    );
    let with_message = json!({ "invitations": { "redirectUrl": URL, "sendMessage": true } });
    let settings = accepted(&inviting(&with_message));
    assert!(settings.invitations.unwrap().send_message);
    assert!(
        settings
            .warnings
            .iter()
            .any(|it| it.contains("write to everybody"))
    );
}

#[test]
fn what_is_approved_is_approved_with_the_terms() {
    let fingerprint = |more: Value| accepted(&inviting(&more)).fingerprint;
    let plain = fingerprint(json!({}));
    let message = json!({ "invitations": { "redirectUrl": URL, "sendMessage": true } });
    assert_ne!(fingerprint(message), plain);
    let elsewhere = json!({ "invitations": { "redirectUrl": "https://elsewhere.example" } });
    assert_ne!(fingerprint(elsewhere), plain);
    assert_eq!(
        fingerprint(json!({ "limits": { "invitations": { "count": 3 } } })),
        plain
    );
}

#[test]
fn the_limit_of_invitations_is_the_tightest() {
    let settings = accepted(&inviting(&json!({})));
    let limit = settings.invitation_limit;
    assert_eq!(limit, limits::INVITATIONS);
    assert!(limit.count <= settings.directory_blank_limit.count);
    assert_eq!(
        (limit.allows(1_000), limit.allows(100), limit.allows(10)),
        (10, 5, 3)
    );
    let own = json!({ "limits": { "invitations": { "count": 50, "percent": 100 } } });
    assert_eq!(accepted(&inviting(&own)).invitation_limit.allows(1_000), 50);
}

#[test]
fn where_guests_are_led_is_not_guessed() {
    let (pointer, message) = problem(&document(&json!({
        "preset": "mirror", "direction": "two-way", "contactsWithoutUser": "invite",
    })));
    assert_eq!(pointer, "/sync/contactsWithoutUser");
    assert!(message.contains("redirectUrl"), "{message}");
    for url in [
        "http://contoso.example",
        "contoso.example",
        "https://",
        "https:// x",
        "https://a@b",
    ] {
        let (pointer, message) =
            problem(&inviting(&json!({ "invitations": { "redirectUrl": url } })));
        assert_eq!(pointer, "/sync/invitations/redirectUrl", "{url}");
        assert!(message.contains("https://"), "{message}");
    }
    let (pointer, _) = problem(&inviting(
        &json!({ "invitations": { "sendMessage": true } }),
    ));
    assert_eq!(pointer, "/sync/invitations");
}

#[test]
fn terms_without_invitations_are_a_mistake() {
    let sync = json!({ "preset": "mirror", "invitations": { "redirectUrl": URL } });
    let (pointer, message) = problem(&document(&sync));
    assert_eq!(pointer, "/sync/invitations");
    assert!(message.contains("contactsWithoutUser"), "{message}");
}

#[test]
fn a_document_that_writes_nothing_to_the_directory_invites_nobody() {
    for more in [
        json!({ "direction": "one-way" }),
        json!({ "preset": "additive", "direction": "one-way" }),
    ] {
        let (pointer, message) = problem(&inviting(&more));
        assert_eq!(pointer, "/sync/contactsWithoutUser");
        assert!(message.contains("two-way"), "{message}");
    }
}

#[test]
fn a_filter_that_leaves_guests_out_is_refused_and_one_that_takes_them_is_not() {
    for filter in [
        json!({ "userType": ["Member"] }),
        json!({ "userType": { "not": ["Guest"] } }),
        json!({ "accountEnabled": false }),
        json!({ "department": ["Sales"] }),
        json!({ "employeeId": { "exists": true } }),
        json!({ "mail": { "exists": false } }),
    ] {
        let (pointer, message) = problem(&inviting(&json!({ "filters": filter })));
        assert_eq!(pointer, "/sync/contactsWithoutUser", "{filter}");
        assert!(message.contains("would leave them out"), "{message}");
    }
    for filter in [
        json!({ "userType": ["Member", "Guest"], "accountEnabled": true }),
        json!({ "department": { "not": ["Sales"] } }),
        json!({ "mail": { "exists": true }, "employeeId": { "exists": false } }),
    ] {
        accepted(&inviting(&json!({ "filters": filter })));
    }
}

#[test]
fn members_of_groups_alone_are_no_guests() {
    let (_, message) = problem(&inviting(&json!({
        "scope": "users-and-groups", "groups": { "people": "members" },
    })));
    assert!(message.contains("is in no group"), "{message}");
    accepted(&inviting(&json!({ "scope": "users-and-groups" })));
}

#[test]
fn a_store_that_does_not_tell_or_has_no_address_is_no_place_to_invite_from() {
    let silent = StoreDescription {
        unlinked: false,
        ..store()
    };
    let (_, message) = problem_with(&inviting(&json!({})), &silent);
    assert!(message.contains("does not tell"), "{message}");
    let mut by_number = store();
    for field in &mut by_number.fields {
        match field.role {
            Some(FieldRole::Email) => field.role = None,
            Some(FieldRole::Phone) if field.name == "mobile_phone" => {
                field.role = Some(FieldRole::Email);
                assert_eq!(field.kind, FieldKind::Phone);
            }
            _ => {}
        }
    }
    let problems = refused(
        &inviting(&json!({ "mapping": {
        "mobilePhone": "mobile_phone", "jobTitle": "job_title", "companyName": "company",
    } })),
        &by_number,
    );
    assert!(
        problems
            .iter()
            .any(|it| it.message.contains("mail address, to which")),
        "{problems:?}"
    );
}
