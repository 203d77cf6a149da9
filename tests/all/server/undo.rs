//! Taking a run back in the browser and by the API.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::visit::{Place, Visit};
use crate::world::object_id;

/// Plans and approves the undo of a run, with the number of deletions that the plan names.
pub(super) async fn take_back(place: &Place, visit: &mut Visit, run: &str) {
    let begun = visit.post_api("/undo/plan", json!({ "run": run })).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    let plan = visit.api(&format!("/undo/{run}")).await;
    let approval = json!({
        "run": run, "approve": plan["digest"], "deletions": plan["removals"]["deleted"],
    });
    let begun = visit.post_api("/undo", approval).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
}

async fn actions(visit: &mut Visit) -> Vec<String> {
    let entries = visit.get("/activity.json").await.json();
    let entries = entries.as_array().unwrap();
    let action = |entry: &Value| entry["action"].as_str().unwrap().to_owned();
    entries.iter().map(action).collect()
}

/// Four of twenty were deleted with their people; the run that did it.
async fn four_of_twenty_deleted() -> (Place, Visit, String) {
    let place = Place::with_people(20).await;
    place
        .connected("acme", json!({ "preset": "mirror", "removed": "delete" }))
        .await;
    for id in 1..=4 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    let mut ada = place.administrator("acme").await;
    let run = ada.api("/undo").await["runs"][0].clone();
    assert_eq!(run["removed"], 4, "{run}");
    let id = run["runId"].as_str().unwrap().to_owned();
    (place, ada, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_back_from_the_history_with_numbers_and_people_and_an_approval() {
    let (place, mut ada, run) = four_of_twenty_deleted().await;
    let history = ada.get("").await;
    assert!(history.body.contains("action=\"/w/acme/undo/plan\""));
    let answer = ada
        .post_from(&history, "/undo/plan", &[("run", &run)])
        .await;
    let page = format!("/w/acme/undo/{run}?notice=undo-planned");
    assert_eq!(answer.location(), page, "{answer:?}");
    place.server().idle().await;

    let page = ada.get(&format!("/undo/{run}")).await;
    assert!(page.body.contains("Will be made again"), "{}", page.body);
    assert!(page.body.contains("Undo the run</button>"), "{}", page.body);
    let plan = ada.api(&format!("/undo/{run}")).await;
    assert_eq!(plan["counts"][0]["count"], 4, "{plan}");
    assert_eq!(plan["removals"]["deleted"], 0);
    let digest = plan["digest"].as_str().unwrap();
    let people = ada.get(&format!("/plan/{digest}/people?of=create")).await;
    assert!(
        people
            .body
            .contains(&format!("href=\"/w/acme/undo/{run}\""))
    );
    for id in 1..=4 {
        assert!(
            people.body.contains(&object_id(id)),
            "{id}: {}",
            people.body
        );
    }

    let approval = [("run", run.as_str()), ("approve", digest)];
    let answer = ada.post_from(&page, "/undo", &approval).await;
    assert!(answer.location().ends_with("notice=undoing"), "{answer:?}");
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 20, "{overview}");
    let plan = ada.api(&format!("/undo/{run}")).await;
    assert!(plan["doneAt"].is_string(), "{plan}");
    let done = actions(&mut ada).await;
    for action in [
        "undo-plan-started",
        "undo-planned",
        "undo-approved",
        "undo-ended",
    ] {
        assert!(done.contains(&action.to_owned()), "{action}: {done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_deletes_needs_the_number_and_only_a_plan_of_that_run_is_taken() {
    let place = Place::with_people(6).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let run = ada.api("/undo").await["runs"][0]["runId"].clone();
    let run = run.as_str().unwrap();
    ada.post_api("/undo/plan", json!({ "run": run })).await;
    place.server().idle().await;
    let plan = ada.api(&format!("/undo/{run}")).await;
    assert_eq!(plan["removals"]["deleted"], 6, "{plan}");
    let digest = plan["digest"].as_str().unwrap();

    let page = ada.get(&format!("/undo/{run}")).await;
    assert!(
        page.body.contains("Delete 6 contacts, and undo the run"),
        "{}",
        page.body
    );
    for wrong in ["", "5", "all"] {
        let fields = [("run", run), ("approve", digest), ("deletions", wrong)];
        let answer = ada.post_from(&page, "/undo", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.body.contains("this deletes 6 contacts"));
    }
    let body = json!({ "run": run, "approve": digest });
    let answer = ada.post_api("/undo", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (run, digest) in [("another", digest), (run, "0000")] {
        let body = json!({ "run": run, "approve": digest, "deletions": 6 });
        let answer = ada.post_api("/undo", body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    }
    place.server().idle().await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 6);
    let fields = [("run", run), ("approve", digest), ("deletions", "6")];
    let answer = ada.post_from(&page, "/undo", &fields).await;
    assert!(answer.location().ends_with("notice=undoing"), "{answer:?}");
    place.server().idle().await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_does_not_do_again_what_was_just_taken_back_until_somebody_syncs() {
    let (place, mut ada, run) = four_of_twenty_deleted().await;
    take_back(&place, &mut ada, &run).await;
    place.clock.advance(Duration::from_secs(48 * 60 * 60));
    assert_eq!(place.server().start_due(), 0);
    let mut ada = place.administrator("acme").await;
    let schedule = ada.api("/overview").await["schedule"].clone();
    assert_eq!(schedule["nextRun"], Value::Null, "{schedule}");
    let note = schedule["note"].as_str().unwrap();
    assert!(note.contains("a run was taken back"), "{note}");
    assert_eq!(ada.api("/overview").await["activeRecords"], 20);

    let begun = ada.post_api("/sync", json!({})).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    assert!(ada.api("/overview").await["schedule"]["nextRun"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_back_says_why() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let begun = ada
        .post_api("/undo/plan", json!({ "run": "never-was" }))
        .await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    let plan = ada.api("/undo/never-was").await;
    let why = plan["failure"].as_str().unwrap();
    assert!(why.contains("nothing-to-undo"), "{why}");
    let page = ada.get("/undo/never-was").await;
    assert!(page.body.contains("It was not done."), "{}", page.body);
    // How the connection stands, it says nothing about.
    assert_eq!(ada.api("/overview").await["status"]["code"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_a_server_had_begun_is_gone_on_with_by_the_next_one() {
    let (mut place, mut ada, run) = four_of_twenty_deleted().await;
    ada.post_api("/undo/plan", json!({ "run": run })).await;
    place.server().idle().await;
    let digest = ada.api(&format!("/undo/{run}")).await["digest"].clone();
    place.stop().await;
    // As a server leaves it that was killed right after the approval.
    let records = rusqlite::Connection::open(place.folder().join("server.db")).unwrap();
    let job = json!({ "task": "undo", "run": run, "approved": digest });
    let left = records.execute("UPDATE workspaces SET job = ?1", [job.to_string()]);
    assert_eq!(left.unwrap(), 1);
    place.start().await;
    place.server().idle().await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 20);
    let done = actions(&mut ada).await;
    assert!(done.contains(&"undo-resumed".to_owned()), "{done:?}");
    assert!(done.contains(&"undo-ended".to_owned()), "{done:?}");
}
