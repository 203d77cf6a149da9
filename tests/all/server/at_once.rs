//! Two things at once, and records that cannot be written when they should be.

use std::fs::File;

use host_harness::graph_emulator::Fault;
use http::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::setup::{connect, map};
use super::visit::{Place, SECRET, Visit};

/// Requests with this in their path are answered late.
fn delay(place: &Place, path: &str, times: Option<u64>) {
    place.control().inject(Fault {
        path: Some(path.to_owned()),
        delay_ms: 1_500,
        times,
        ..Fault::default()
    });
}

/// Looks at the overview until it is so.
async fn overview_until(visit: &mut Visit, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..20_000 {
        let overview = visit.api("/overview").await;
        if is_so(&overview) {
            return overview;
        }
    }
    panic!("{}", visit.api("/overview").await);
}

async fn actions(visit: &mut Visit) -> Vec<String> {
    let entries = visit.get("/activity.json").await.json();
    let entries = entries.as_array().unwrap();
    let action = |entry: &Value| entry["action"].as_str().unwrap().to_owned();
    entries.iter().map(action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_while_a_plan_is_made_neither_syncs_nor_connects() {
    let place = Place::with_people(3).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    connect(&place, &mut ada, SECRET).await;
    map(&mut ada, &[]).await;
    place.server().idle().await;
    let digest = ada.api("/review").await["digest"].clone();
    let page = ada.get("/setup/review").await;

    delay(&place, "/v1.0/users", Some(1));
    ada.post("/setup/review", "/plan", &[]).await;
    let approval = [("approve", digest.as_str().unwrap())];
    let answer = ada.post_from(&page, "/sync", &approval).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["connection"]["state"], "setting-up", "{overview}");
    assert_eq!(overview["history"], json!([]));
    assert!(!actions(&mut ada).await.contains(&"connected".to_owned()));

    let answer = ada.post_from(&page, "/sync", &approval).await;
    assert!(answer.location().ends_with("notice=approved"), "{answer:?}");
    place.server().idle().await;
    assert_eq!(
        ada.api("/overview").await["connection"]["state"],
        "connected"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_saved_while_the_connection_is_tested_stays() {
    let place = Place::with_people(3).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 3 h" }),
        )
        .await;
    let mut ada = place.administrator("acme").await;
    let mut eve = place.administrator("acme").await;
    delay(&place, "/token", Some(1));
    place.control().revoke_access_tokens();
    let testing = tokio::spawn(async move {
        let answer = eve.post_api("/test", json!({})).await;
        assert_eq!(answer.json()["ready"], true, "{}", answer.body);
    });
    overview_until(&mut ada, |overview| overview["progress"]["task"] == "test").await;
    let answer = map(&mut ada, &[("schedule", "every 11 h")]).await;
    assert!(answer.location().ends_with("notice=saved"), "{answer:?}");
    testing.await.unwrap();
    let overview = ada.api("/overview").await;
    assert_eq!(overview["schedule"]["words"], "Every 11 hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_came_to_is_kept_once_the_records_can_be_written_again() {
    let place = Place::with_people(3).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 3 h" }),
        )
        .await;
    let mut ada = place.administrator("acme").await;
    delay(&place, "/v1.0/users", Some(1));
    ada.post("", "/sync", &[("mode", "full")]).await;
    // From now on no run can end.
    let records = Connection::open(place.folder().join("server.db")).unwrap();
    records
        .execute_batch(
            "CREATE TRIGGER no_room BEFORE UPDATE OF job ON workspaces WHEN NEW.job IS NULL \
             BEGIN SELECT raise(ABORT, 'no room'); END",
        )
        .unwrap();
    let ended = |overview: &Value| {
        let runs = overview["history"].as_array().unwrap();
        runs.len() == 2 && runs[1]["status"] == "succeeded"
    };
    let overview = overview_until(&mut ada, ended).await;
    assert_eq!(overview["progress"]["task"], "sync", "it is not over yet");

    records.execute_batch("DROP TRIGGER no_room").unwrap();
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["progress"], Value::Null);
    assert_ne!(overview["schedule"]["nextRun"], Value::Null, "{overview}");
    let ends = actions(&mut ada).await;
    let ends = ends.iter().filter(|action| *action == "sync-ended").count();
    assert_eq!(ends, 2, "each run once");
    place
        .clock
        .advance(std::time::Duration::from_secs(3 * 60 * 60));
    assert_eq!(place.server().start_due(), 1, "the schedule lives");
    place.server().idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnection_forgets_the_secret_at_once_and_goes_on_until_it_is_done() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    // Another process is at work on the workspace's contacts.
    let lock = place.folder().join("workspaces/acme/lock");
    let lock = File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    ada.post("/disconnect", "/disconnect", &[("confirm", "DISCONNECT")])
        .await;
    assert_eq!(ada.api("/connection").await["secret"], Value::Null);
    let answer = connect(&place, &mut ada, SECRET).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert_eq!(ada.api("/connection").await["secret"], Value::Null);

    lock.unlock().unwrap();
    for _ in 0..20_000 {
        if actions(&mut ada).await.contains(&"disconnected".to_owned()) {
            break;
        }
    }
    place.server().idle().await;
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.sync("acme", false).await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_name_no_directory_are_no_reason_not_to_disconnect() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let records = Connection::open(place.folder().join("server.db")).unwrap();
    let altered = records.execute(
        "UPDATE workspaces SET settings = json_set(settings, '$.tenant.id', 'contoso')",
        [],
    );
    assert_eq!(altered.unwrap(), 1);
    let status = ada.api("/overview").await["status"].clone();
    assert_eq!(status["code"], "failed", "{status}");
    let told = status["explanation"].as_str().unwrap();
    assert!(told.contains("does not take the settings"), "{told}");
    ada.post("/disconnect", "/disconnect", &[("confirm", "DISCONNECT")])
        .await;
    place.server().idle().await;
    assert!(actions(&mut ada).await.contains(&"disconnected".to_owned()));
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.sync("acme", false).await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_was_never_connected_can_be_disconnected_and_connected() {
    let place = Place::with_people(3).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    ada.post("/disconnect", "/disconnect", &[("confirm", "DISCONNECT")])
        .await;
    place.server().idle().await;
    assert_eq!(
        ada.api("/overview").await["connection"]["state"],
        "disconnected"
    );
    let answer = connect(&place, &mut ada, SECRET).await;
    assert!(answer.location().ends_with("notice=tested"), "{answer:?}");
}
