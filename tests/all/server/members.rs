//! A member sees the contacts and how the connection stands, and is told nothing that is not so.

use host_harness::server::Role;
use http::StatusCode;
use serde_json::json;

use super::visit::{Place, SECRET};
use crate::world::object_id;

/// What no member of a workspace that works is ever told.
const UNTRUE: [&str; 6] = [
    "No run yet",
    "Nothing is missing",
    "No synced contact lacks a value",
    "Ask your admin to configure it",
    "No sync has succeeded yet",
    "Everybody could be written",
];

async fn is_told_the_truth(place: &Place) {
    let mut max = place.visit("acme", "Max", Role::Member).await;
    for path in [
        "",
        "/live",
        "/contacts",
        "/contacts?address=nobody@x.example",
    ] {
        let page = max.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for untrue in UNTRUE {
            assert!(
                !page.body.contains(untrue),
                "{path}: {untrue}: {}",
                page.body
            );
        }
    }
    let refused = max.get("/setup/map").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.body.contains("configure it"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_workspace_that_works_fails_is_blocked_or_was_let_go_is_told_nothing_untrue()
{
    let place = Place::with_people(20).await;
    let sync = json!({ "preset": "mirror", "removed": "deactivate" });
    place.connected("acme", sync).await;
    is_told_the_truth(&place).await;

    place.control().set_secret("rotated elsewhere");
    place.control().revoke_access_tokens();
    place.sync("acme", false).await;
    is_told_the_truth(&place).await;
    let mut max = place.visit("acme", "Max", Role::Member).await;
    let told = max.api("/overview").await;
    assert_eq!(told["status"]["code"], "failed");
    let explanation = told["status"]["explanation"].as_str().unwrap();
    assert!(!explanation.contains("AADSTS"), "{explanation}");
    assert!(!explanation.contains("secret"), "{explanation}");

    place.control().set_secret(SECRET);
    for id in 1..=8 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    is_told_the_truth(&place).await;

    let mut ada = place.administrator("acme").await;
    ada.post_api("/disconnect", json!({})).await;
    while ada.api("/overview").await["connection"]["state"] != "disconnected" {}
    place.server().idle().await;
    is_told_the_truth(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_was_let_go_or_whose_run_was_taken_back_has_succeeded_all_the_same() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    for _ in 0..9 {
        place.sync("acme", false).await;
    }
    let mut ada = place.administrator("acme").await;
    let run = ada.api("/undo").await["runs"][0]["runId"].clone();
    super::undo::take_back(&place, &mut ada, run.as_str().unwrap()).await;
    let overview = ada.api("/overview").await;
    assert!(overview["lastSuccess"].is_string(), "{overview}");
    ada.post_api("/disconnect", json!({})).await;
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["status"]["code"], "disconnected");
    assert!(overview["lastSuccess"].is_string(), "{overview}");
    for role in [Role::Administrator, Role::Member] {
        let mut somebody = place.visit("acme", "Somebody", role).await;
        let page = somebody.get("").await.body;
        assert!(!page.contains("No sync has succeeded yet"), "{page}");
        assert!(page.contains("Last successful sync"), "{page}");
    }
}
