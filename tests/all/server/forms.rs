//! Forms that come again: as they were, with other content, at the same moment, after a failure.

use host_harness::graph_emulator::Fault;
use http::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::setup::{map, map_from};
use super::visit::{Place, SECRET, Visit};

/// How often something was done.
async fn acts(visit: &mut Visit, action: &str) -> usize {
    let activity = visit.api("/activity").await;
    let entries = activity["entries"].as_array().unwrap();
    let is_it = |entry: &&Value| entry["action"] == action;
    entries.iter().filter(is_it).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_posted_again_with_other_content_is_another_form_and_loses_nothing() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/map").await;
    let first = map_from(&mut ada, &page, &[("schedule", "every 2 h")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    // She goes back, where her browser shows the page as it was, and changes her mind.
    let second = map_from(&mut ada, &page, &[("schedule", "every 9 h")]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("every 9 h"), "{}", second.body);
    assert_eq!(ada.api("/settings").await["schedule"], "every 2 h");
    let third = map_from(&mut ada, &second, &[("schedule", "every 9 h")]).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "{}", third.body);
    assert_eq!(ada.api("/settings").await["schedule"], "every 9 h");

    let (tenant, client) = (&place.tenant.tenant_id, &place.tenant.client_id);
    let page = ada.get("/setup/connect").await;
    let first = ada.connect_from(&page, (tenant, client), &[]).await;
    assert!(first.location().ends_with("notice=tested"), "{first:?}");
    let otherwise = [("secret_expires", "2028-01-02")];
    let second = ada
        .connect_from(&page, ("other.example", client), &otherwise)
        .await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    for entered in ["other.example", "2028-01-02"] {
        assert!(second.body.contains(entered), "{}", second.body);
    }
    assert!(!second.body.contains(SECRET));
    assert_eq!(ada.api("/connection").await["tenant"], tenant.as_str());
    let third = ada
        .connect_from(&second, ("other.example", client), &[])
        .await;
    assert_eq!(third.status, StatusCode::SEE_OTHER, "{}", third.body);
    let now = ada.api("/connection").await;
    assert_eq!(now["tenant"], "other.example");
    assert_eq!(
        (&now["ready"], &now["tenantName"]),
        (&json!(false), &Value::Null)
    );
    assert_ne!(now["checks"], json!([]), "why is told: {now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_filtered_by_licenses_in_the_form_and_what_is_wrong_stands_at_the_filter() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let offered = ada.api("/settings").await["filteredBy"].clone();
    let names: Vec<_> = offered
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "assignedLicenses",
            "assignedLicenses/skuId",
            "assignedPlans/servicePlanId"
        ]
    );
    let any = ("filter.0.attribute", "assignedLicenses");
    let wrong = [any, ("filter.0.operator", "is"), ("filter.0.values", "x")];
    let refused = map(&mut ada, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("people with a license"),
        "{}",
        refused.body
    );
    let saved = map(&mut ada, &[any, ("filter.0.operator", "filled")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let filters = ada.api("/settings").await["filters"].clone();
    assert_eq!(filters[0]["attribute"], "assignedLicenses");
    assert_eq!(filters[0]["operator"], "filled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_posted_twice_at_the_same_moment_is_carried_out_once_and_answered_twice() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let mut other_tab = Visit::stranger(&place.options.public_url);
    other_tab.root.clone_from(&ada.root);
    other_tab.cookie.clone_from(&ada.cookie);

    let page = ada.get("/setup/map").await;
    let saved = acts(&mut ada, "settings-saved").await;
    let change = [("schedule", "every 2 h")];
    let (one, other) = tokio::join!(
        map_from(&mut ada, &page, &change),
        map_from(&mut other_tab, &page, &change)
    );
    assert_eq!(one.status, StatusCode::SEE_OTHER, "{}", one.body);
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.body);
    assert_eq!(one.location(), other.location());
    assert_eq!(acts(&mut ada, "settings-saved").await, saved + 1);

    let page = ada.get("/setup/connect").await;
    let (tenant, client) = (&place.tenant.tenant_id, &place.tenant.client_id);
    let (one, other) = tokio::join!(
        ada.connect_from(&page, (tenant, client), &[]),
        other_tab.connect_from(&page, (tenant, client), &[])
    );
    assert!(one.location().ends_with("notice=tested"), "{one:?}");
    assert!(other.location().ends_with("notice=tested"), "{other:?}");
    assert_eq!(acts(&mut ada, "connection-saved").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_could_not_be_carried_out_may_come_again_and_is_not_taken_for_done() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/map").await;
    let change = [("schedule", "every 2 h")];
    let other = Connection::open(place.folder().join("server.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = map_from(&mut ada, &page, &change).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.body.contains("Nothing was changed"),
        "{}",
        answer.body
    );
    other.execute_batch("ROLLBACK").unwrap();
    let answer = map_from(&mut ada, &page, &change).await;
    assert!(answer.location().ends_with("notice=saved"), "{answer:?}");
    assert_eq!(ada.api("/settings").await["schedule"], "every 2 h");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_saved_while_a_sync_runs_is_saved_and_says_that_it_was_not_tested() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    place.control().inject(Fault {
        path: Some("/users".to_owned()),
        delay_ms: 1_500,
        times: Some(1),
        ..Fault::default()
    });
    place.server().sync("acme", true).unwrap();
    let client = &place.tenant.client_id;
    let answer = ada
        .connect_from(&page, ("contoso.example", client), &[])
        .await;
    assert!(
        answer.location().ends_with("notice=not-tested"),
        "{answer:?}"
    );
    let connection = ada.api("/connection").await;
    assert_eq!(connection["tenant"], "contoso.example");
    // The same form once more says the same, and blames nobody.
    let again = ada
        .connect_from(&page, ("contoso.example", client), &[])
        .await;
    assert_eq!(again.location(), answer.location());
    assert!(
        ada.fetch(answer.location())
            .await
            .body
            .contains("not tested")
    );
    place.server().idle().await;
}
