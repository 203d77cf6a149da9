//! The fingerprint changes exactly when it must.

use serde_json::json;

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
        "fullSyncEveryDays":3,"limits":{"removals":{"count":9}},"listing":{"atOnce":1},"removed":"unlink"}}"#;
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
