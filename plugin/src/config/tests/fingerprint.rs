//! The fingerprint changes exactly when it must.

use serde_json::{Value, json};

use super::super::read;
use super::super::test_fixture::{SAMPLE, accepted, store};
use super::{TENANT, connected, with};

#[test]
fn the_fingerprint_does_not_depend_on_layout_order_or_what_decides_nothing() {
    let fingerprint = |document: &str| read(document, &store()).expect("valid").fingerprint;
    let plain = fingerprint(SAMPLE);
    assert_eq!(plain.len(), 64);
    let reordered = r#"{"sync":{"filters":{"accountEnabled":true,"department":["support ","SALES","Support"]},
        "mapping":{"department":"group","mail":{"field":"email"},"mobilePhone":["phone_number"],"displayName":"contact_name"},
        "schedule":"every 2 h","preset":"messaging","target":"elsewhere","source":"entra-id","direction":"one-way",
        "scope":"users","fullSyncEveryDays":3,"limits":{"removals":{"count":9}},"listing":{"atOnce":1},"removed":"unlink"}}"#;
    assert_eq!(fingerprint(reordered), plain);

    let connected = connected();
    let base = accepted(&connected).fingerprint;
    for (parent, key, value) in [
        ("/tenant", "id", json!(TENANT.to_uppercase())),
        (
            "/credentials",
            "clientId",
            json!("99991111-aaaa-2222-bbbb-3333cccc4444"),
        ),
        ("/credentials", "secret", json!("another")),
        ("", "endpoints", json!({"graph": "https://localhost:1"})),
    ] {
        let same = with(connected.clone(), parent, key, value);
        assert_eq!(accepted(&same).fingerprint, base, "{parent}/{key}");
    }
}

/// A document whose numbers stay as they are written.
fn as_written(document: &str) -> String {
    let format = r#"{"field":"phone_number","format":"as-written"}"#;
    let written = document.replace(r#""phone_number""#, format);
    assert_ne!(written, document);
    written
}

/// Whoever has such a document need not read everybody anew because there are settings of groups by now, and of the
/// form of numbers.
#[test]
fn documents_without_groups_have_the_fingerprints_that_they_had_before_there_were_any() {
    for (document, before) in [
        (
            as_written(SAMPLE),
            "e3e07c1e2ba9d0d915aafb612248689260875fc58438312d5e6b68b5ab4ea86c",
        ),
        (
            as_written(&connected().to_string()),
            "e5b73af19008fbf80c00ff2979cbeb825f304159faf5faf0b2c32df7ed148ce7",
        ),
        (
            r#"{"preset": "lifecycle", "sync": {}}"#.to_owned(),
            "98072bc37960a36d59208b1f74961ec79cff6b157ed71fd2a0ab458698b23557",
        ),
    ] {
        let settings = read(&document, &store()).expect("valid");
        assert_eq!(settings.fingerprint, before, "{document}");
    }
}

fn with_groups(groups: Value) -> String {
    let document = with(connected(), "/sync", "scope", json!("users-and-groups"));
    accepted(&with(document, "/sync", "groups", groups)).fingerprint
}

#[test]
fn groups_are_the_same_in_any_order_and_spelling() {
    let base = with_groups(json!({
        "include": ["Sales", "Support", "abcdef00-0000-4000-8000-00000000abcd", "Region*"],
        "kinds": ["security", "microsoft-365"],
    }));
    let again = with_groups(json!({
        "people": "all", "members": "direct", "kinds": ["microsoft-365", "security"],
        "list": {"name": "{group}", "description": "{description}"},
        "include": ["REGION *", "{ABCDEF00-0000-4000-8000-00000000ABCD}", "support", "sales"],
    }));
    assert_eq!(again, base);
    let unsaid = with(connected(), "/sync", "scope", json!("users-and-groups"));
    assert_eq!(accepted(&unsaid).fingerprint, with_groups(json!({})));
}

#[test]
fn the_fingerprint_changes_with_all_that_is_said_of_groups() {
    let mut seen = vec![accepted(&connected()).fingerprint];
    for groups in [
        json!({}),
        json!({"include": ["Sales"]}),
        json!({"include": ["Sales*"]}),
        json!({"include": ["Sales", "Support"]}),
        json!({"include": ["abcdef00-0000-4000-8000-00000000abcd"]}),
        json!({"kinds": ["security"]}),
        json!({"kinds": ["mail-enabled"]}),
        json!({"members": "transitive"}),
        json!({"people": "members"}),
        json!({"people": "members", "list": "none"}),
        json!({"list": {"name": "Entra {group}"}}),
        json!({"list": {"description": "From the directory"}}),
    ] {
        let fingerprint = with_groups(groups.clone());
        assert!(!seen.contains(&fingerprint), "{groups}");
        seen.push(fingerprint);
    }
}

#[test]
fn the_fingerprint_changes_with_all_that_decides_who_is_read_and_what_is_written() {
    let mut seen = vec![accepted(&connected()).fingerprint];
    for (parent, key, value) in [
        ("/tenant", "id", json!("contoso.example")),
        ("/tenant", "cloud", json!("china")),
        ("/sync/mapping", "jobTitle", json!("job_title")),
        (
            "/sync/mapping",
            "mail",
            json!({"field": "email", "onlyOnCreate": true}),
        ),
        (
            "/sync/mapping",
            "mail",
            json!({"field": "email", "mandatory": true}),
        ),
        ("/sync/mapping", "department", json!("department")),
        ("/sync/filters", "department", json!("Sales")),
        (
            "/sync/filters",
            "department",
            json!({"not": ["Sales", "Support"]}),
        ),
        ("/sync/filters", "city", json!({"exists": true})),
        ("/sync/filters", "city", json!({"exists": false})),
        ("/sync", "existing", json!("skip")),
        ("/sync", "update", json!(false)),
        ("/sync", "conflict", json!("source-wins")),
        ("/sync", "removed", json!("delete")),
        ("/sync", "leftScope", json!("delete")),
        ("/sync", "disabled", json!("deactivate")),
        ("/sync", "agents", json!("include")),
        ("/sync", "organizationalContacts", json!("include")),
        ("/sync", "list", json!("none")),
        ("/sync", "list", json!({"perAttribute": "city"})),
        ("/sync", "addresses", json!(["mail"])),
        (
            "/sync",
            "addresses",
            json!(["userPrincipalName", "otherMails", "mail"]),
        ),
    ] {
        let fingerprint = accepted(&with(connected(), parent, key, value)).fingerprint;
        assert!(!seen.contains(&fingerprint), "{parent}/{key}");
        seen.push(fingerprint);
    }
}
