//! The access token outlives a run, and nothing of what it was made from.

use host_harness::server::Role;
use serde_json::{Value, json};

use super::secrets::{beginning_of_access_tokens, found_in};
use super::setup::connect;
use super::visit::{Place, SECRET, Visit};

/// Requests of one sync, and how many of them asked for a token.
async fn asked(place: &Place, id: &str) -> (u64, u64) {
    place.control().clear_requests();
    place.sync(id, false).await;
    let counters = place.control().overview().counters;
    (counters.requests, counters.token_requests)
}

async fn connected() -> Place {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place
}

async fn last_run(visit: &mut Visit) -> Value {
    let history = visit.api("/overview").await["history"].clone();
    history.as_array().unwrap().last().unwrap().clone()
}

async fn uses_of_secrets(visit: &mut Visit) -> usize {
    let entries = visit.get("/activity.json").await.json();
    let entries = entries.as_array().unwrap().iter();
    entries
        .filter(|entry| entry["action"] == "secret-used")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_after_the_first_asks_for_the_changes_and_for_nothing_else() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    let before = uses_of_secrets(&mut ada).await;
    for _ in 0..3 {
        assert_eq!(asked(&place, "acme").await, (1, 0));
    }
    let run = last_run(&mut ada).await;
    assert_eq!(
        (&run["status"], &run["requests"]),
        (&json!("succeeded"), &json!(1))
    );
    // What is not read is not noted as used.
    assert_eq!(uses_of_secrets(&mut ada).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_workspace_signs_in_for_itself_although_the_application_is_the_same() {
    let place = connected().await;
    place.add("contoso", "mirror");
    place
        .connect("contoso", json!({ "preset": "mirror" }))
        .await;
    let (_, sign_ins) = asked(&place, "contoso").await;
    assert_eq!(sign_ins, 1);
    assert_eq!(asked(&place, "contoso").await, (1, 0));
    assert_eq!(asked(&place, "acme").await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_replaced_within_the_same_run() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    place.control().revoke_access_tokens();
    assert_eq!(
        asked(&place, "acme").await,
        (3, 1),
        "refused, signed in, again"
    );
    assert_eq!(last_run(&mut ada).await["status"], "succeeded");
    assert_eq!(asked(&place, "acme").await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_was_given_a_minute_ago_counts_at_once() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    place.control().grant(Vec::new());
    place.control().revoke_access_tokens();
    let (_, sign_ins) = asked(&place, "acme").await;
    assert_eq!(sign_ins, 1);
    assert_eq!(last_run(&mut ada).await["status"], "failed");
    // The token that is kept now carries no permission: that is told after one more sign-in.
    assert_eq!(asked(&place, "acme").await, (3, 1));
    assert_eq!(last_run(&mut ada).await["status"], "failed");

    place.control().grant(vec!["User.Read.All".to_owned()]);
    assert_eq!(asked(&place, "acme").await, (3, 1));
    assert_eq!(last_run(&mut ada).await["status"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_is_signed_in_with_although_the_token_is_still_good() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    connect(&place, &mut ada, "not-the-right-one").await;
    place.sync("acme", false).await;
    let run = last_run(&mut ada).await;
    assert_eq!(run["status"], "failed", "{run}");
    connect(&place, &mut ada, SECRET).await;
    let (_, sign_ins) = asked(&place, "acme").await;
    assert_eq!(sign_ins, 1);
    assert_eq!(last_run(&mut ada).await["status"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_the_connection_signs_in_whatever_is_kept() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    place.control().clear_requests();
    let answer = ada.post_api("/test", json!({})).await;
    assert_eq!(answer.json()["ready"], true, "{}", answer.body);
    assert_eq!(place.control().overview().counters.token_requests, 1);

    place.control().set_secret("rotated elsewhere");
    let answer = ada.post_api("/test", json!({})).await;
    assert_eq!(answer.json()["ready"], false, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_was_disconnected_has_no_token_when_it_is_connected_again() {
    let place = connected().await;
    let mut ada = place.administrator("acme").await;
    ada.post("/disconnect", "/disconnect", &[("confirm", "DISCONNECT")])
        .await;
    let mut state = json!(null);
    for _ in 0..20_000 {
        state = ada.api("/overview").await["connection"]["state"].clone();
        if state == "disconnected" {
            break;
        }
    }
    assert_eq!(state, "disconnected");
    place.server().idle().await;
    place.connect("acme", json!({ "preset": "mirror" })).await;
    let (_, sign_ins) = asked(&place, "acme").await;
    assert_eq!(sign_ins, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_started_anew_signs_in() {
    let mut place = connected().await;
    place.stop().await;
    place.start().await;
    assert_eq!(asked(&place, "acme").await, (2, 1));
    assert_eq!(asked(&place, "acme").await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_kept_is_in_no_file_and_on_no_page() {
    let place = connected().await;
    assert_eq!(asked(&place, "acme").await, (1, 0), "it is kept");
    let token = beginning_of_access_tokens(&place).await;
    let mut found = Vec::new();
    found_in(place.data.path(), &token, &mut found);
    assert_eq!(found, Vec::<String>::new());
    let mut ada = place.administrator("acme").await;
    let mut max = place.visit("acme", "Max", Role::Member).await;
    for visit in [&mut ada, &mut max] {
        for path in ["", "/activity", "/api/overview", "/api/connection"] {
            assert!(!visit.get(path).await.body.contains(&token), "{path}");
        }
    }
}
