//! A run that a limit stopped: who is concerned, and the two ways out.

use std::collections::BTreeSet;

use host_harness::graph_emulator::Fault;
use http::StatusCode;
use serde_json::{Value, json};

use super::visit::{Place, Visit};
use crate::world::object_id;

/// Twenty people were synced; eight of them are gone, more than a limit lets pass.
async fn eight_of_twenty_left(removed: &str) -> (Place, Visit) {
    let place = Place::with_people(20).await;
    place
        .connected("acme", json!({ "preset": "mirror", "removed": removed }))
        .await;
    for id in 1..=8 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    let ada = place.administrator("acme").await;
    (place, ada)
}

/// So many of so many people were synced and are gone, and no plan can be made of that: the plan that
/// follows a block meets the wall that this puts up.
async fn blocked_without_a_plan(people: u32, gone: u32) -> (Place, Visit) {
    let place = Place::with_people(people).await;
    place
        .connected("acme", json!({ "preset": "mirror", "removed": "delete" }))
        .await;
    for id in 1..=gone {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    // The sync reads the changes once; whoever reads them again is refused.
    place.control().inject(Fault {
        path: Some("/v1.0/users/delta".to_owned()),
        skip: 1,
        status: Some(400),
        ..Fault::default()
    });
    place.sync("acme", false).await;
    place.control().clear_faults();
    let ada = place.administrator("acme").await;
    (place, ada)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_plan_of_a_block_failed_it_says_why_and_one_can_plan_again() {
    let (place, mut ada) = blocked_without_a_plan(20, 8).await;
    let block = ada.api("/blocked").await;
    assert_eq!(block["concerned"]["state"], "unnamed", "{block}");
    let why = block["concerned"]["why"].as_str().unwrap();
    assert!(why.contains("failed: "), "{why}");
    let page = ada.get("/blocked").await;
    assert!(page.body.contains("Plan again"), "{}", page.body);
    assert!(!page.body.contains("being looked up"), "{}", page.body);

    let answer = ada.post_from(&page, "/plan", &[("of", "block")]).await;
    assert_eq!(
        answer.location(),
        "/w/acme/blocked?notice=plan-started",
        "{answer:?}"
    );
    place.server().idle().await;
    let page = ada.get("/blocked").await;
    assert!(!page.body.contains("Plan again"), "{}", page.body);
    for id in 1..=8 {
        assert!(page.body.contains(&format!("Number{id}<")), "{id}");
    }
    let block = ada.api("/blocked").await;
    assert_eq!(block["concerned"]["state"], "named", "{block}");
    let plan = block["concerned"]["plan"].as_str().unwrap();
    let planned = ada.api(&format!("/plan/{plan}/people?of=remove")).await;
    assert_eq!(planned["people"], block["concerned"]["people"]["people"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_the_server_took_with_it_can_be_made_again() {
    let (mut place, _) = blocked_without_a_plan(20, 8).await;
    // The wall is there again, so that the plan is still waiting when the server ends.
    place.control().inject(Fault {
        delay_ms: 1_000,
        ..Fault::default()
    });
    let mut ada = place.administrator("acme").await;
    ada.post("/blocked", "/plan", &[("of", "block")]).await;
    let page = ada.get("/blocked").await;
    assert!(page.body.contains("being looked up"), "{}", page.body);
    assert!(page.body.contains("data-events=\"/w/acme/events?seen="));
    assert_eq!(ada.api("/blocked").await["concerned"]["state"], "awaited");
    place.stop().await;
    place.control().clear_faults();
    place.start().await;
    let mut ada = place.administrator("acme").await;
    let answer = ada.post_api("/blocked/plan", json!({})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    place.server().idle().await;
    assert_eq!(ada.api("/blocked").await["concerned"]["state"], "named");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_exactly_one_page_leads_to_no_empty_one() {
    let place = Place::with_people(120).await;
    place
        .connected("acme", json!({ "preset": "mirror", "removed": "delete" }))
        .await;
    for id in 1..=50 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    let mut ada = place.administrator("acme").await;
    let people = ada.api("/blocked").await["concerned"]["people"].clone();
    assert_eq!(people["people"].as_array().unwrap().len(), 50);
    assert_eq!(people["next"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_person_of_a_block_can_be_reached_page_by_page() {
    let place = Place::with_people(120).await;
    place
        .connected("acme", json!({ "preset": "mirror", "removed": "delete" }))
        .await;
    for id in 1..=55 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    let mut ada = place.administrator("acme").await;
    let shown = |page: &str| -> Vec<u32> {
        (1..=120)
            .filter(|id| page.contains(&format!("Number{id}<")))
            .collect()
    };
    let first = ada.get("/blocked").await.body;
    assert_eq!(shown(&first).len(), 50);
    let (_, rest) = first.split_once("href=\"/w/acme/blocked?after=").unwrap();
    let (after, _) = rest.split_once('"').unwrap();
    let second = ada.get(&format!("/blocked?after={after}")).await.body;
    assert_eq!(shown(&second).len(), 5, "{second}");
    assert!(!second.contains("/blocked?after="), "{second}");
    let all: Vec<u32> = [shown(&first), shown(&second)].concat();
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), (1..=55).collect());
    let block = ada.api(&format!("/blocked?after={after}")).await;
    let people = block["concerned"]["people"]["people"].as_array().unwrap();
    assert_eq!(people.len(), 5);
}

fn digest(overview: &Value) -> String {
    overview["blocked"]["digest"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_who_would_be_removed_and_why_and_does_exactly_that_once_approved() {
    let (place, mut ada) = eight_of_twenty_left("delete").await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["status"]["code"], "blocked");
    assert_eq!(overview["activeRecords"], 20, "nothing was taken away");
    let page = ada.get("/blocked").await;
    assert_eq!(page.status, StatusCode::OK);
    for id in 1..=8 {
        assert!(
            page.body.contains(&format!("Number{id}<")),
            "{id}: {}",
            page.body
        );
    }
    assert!(
        !page.body.contains("Number9<"),
        "who stays is not concerned"
    );
    let cause = overview["blocked"]["cause"].as_str().unwrap();
    assert!(page.body.contains(cause), "{cause}");

    let digest = digest(&overview);
    let fields = [("approve", digest.as_str()), ("deletions", "8")];
    let answer = ada.post_from(&page, "/sync", &fields).await;
    assert!(answer.location().ends_with("notice=approved"), "{answer:?}");
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 12);
    assert_eq!(overview["blocked"], Value::Null);
    assert_eq!(
        ada.get("/blocked").await.location(),
        "/w/acme",
        "there is none any more"
    );
    let activity = ada.api("/activity").await.to_string();
    assert!(activity.contains("sync-approved"), "{activity}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_digest_approves_nothing_and_what_happened_since_stays_out() {
    let (place, mut ada) = eight_of_twenty_left("delete").await;
    let overview = ada.api("/overview").await;
    let approve = json!({ "approve": "0".repeat(64) });
    let answer = ada.post_api("/sync", approve).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);

    // A ninth leaves before the eight are approved.
    place.control().delete_user(&object_id(9)).unwrap();
    let answer = ada
        .post_api(
            "/sync",
            json!({ "approve": digest(&overview), "deletions": 8 }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(
        overview["activeRecords"], 12,
        "the eight, and not the ninth"
    );
    place.sync("acme", false).await;
    assert_eq!(
        ada.api("/overview").await["activeRecords"],
        11,
        "one is no crowd"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_it_and_editing_the_settings_takes_nobody_away() {
    let (place, mut ada) = eight_of_twenty_left("delete").await;
    let answer = super::setup::map(&mut ada, &[("removed", "keep")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    place.approve_review(&mut ada).await;
    place.sync("acme", false).await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 20);
    assert_eq!(overview["blocked"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_limit_stopped_is_deleted_only_with_its_number() {
    let (place, mut ada) = eight_of_twenty_left("delete").await;
    let digest = digest(&ada.api("/overview").await);
    assert_eq!(ada.api("/blocked").await["removals"]["deleted"], 8);
    let page = ada.get("/blocked").await;
    assert!(
        page.body.contains("Delete 8 contacts, and run sync"),
        "{}",
        page.body
    );
    for wrong in ["", "7", "eight", "DELETE", "-8", "88"] {
        let fields = [
            ("approve", digest.as_str()),
            ("of", "block"),
            ("deletions", wrong),
        ];
        let answer = ada.post_from(&page, "/sync", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(
            answer.body.contains("this deletes 8 contacts"),
            "{wrong:?}: {}",
            answer.body
        );
    }
    for wrong in [
        json!({}),
        json!({ "deletions": 7 }),
        json!({ "deletions": 0 }),
    ] {
        let mut body = wrong;
        body["approve"] = json!(digest);
        let answer = ada.post_api("/sync", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["problems"][0]["pointer"], "deletions");
    }
    place.server().idle().await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_plan_tells_how_many_are_deleted_nothing_can_be_approved() {
    let (place, mut ada) = blocked_without_a_plan(20, 8).await;
    assert_eq!(ada.api("/blocked").await["removals"], Value::Null);
    let digest = digest(&ada.api("/overview").await);
    for deletions in [json!(null), json!(8)] {
        let body = json!({ "approve": digest, "deletions": deletions });
        let answer = ada.post_api("/sync", body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert!(answer.body.contains("plan again"), "{}", answer.body);
    }
    place.server().idle().await;
    assert_eq!(ada.api("/overview").await["activeRecords"], 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unlinked_or_deactivated_is_named_with_its_number_and_needs_no_typing() {
    for (removed, kind, label) in [
        ("unlink", "unlinked", "Unlink 8 contacts, and run sync"),
        (
            "deactivate",
            "deactivated",
            "Deactivate 8 contacts, and run sync",
        ),
    ] {
        let (place, mut ada) = eight_of_twenty_left(removed).await;
        assert_eq!(ada.api("/blocked").await["removals"][kind], 8, "{removed}");
        let page = ada.get("/blocked").await;
        assert!(page.body.contains(label), "{removed}: {}", page.body);
        let digest = digest(&ada.api("/overview").await);
        let answer = ada.post_api("/sync", json!({ "approve": digest })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        place.server().idle().await;
        assert_eq!(ada.api("/overview").await["activeRecords"], 12, "{removed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_one_person_again_and_taking_a_run_back_say_nothing_of_the_sync_that_a_limit_stopped()
 {
    let (place, mut ada) = eight_of_twenty_left("deactivate").await;
    let of = |overview: &Value| ["status", "trouble", "blocked"].map(|part| overview[part].clone());
    let before = of(&ada.api("/overview").await);
    assert_eq!(before[0]["code"], "blocked", "{before:?}");
    let retry = json!({ "user": object_id(20) });
    let begun = ada.post_api("/retry", retry).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(of(&overview), before);
    let last = overview["history"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&last["trigger"], &last["status"]),
        (&json!("retry"), &json!("succeeded"))
    );

    let run = ada.api("/undo").await["runs"][0]["runId"].clone();
    super::undo::take_back(&place, &mut ada, run.as_str().unwrap()).await;
    let overview = ada.api("/overview").await;
    assert_eq!(of(&overview), before);
    let last = overview["history"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["trigger"], "undo", "{last}");
    let page = ada.get("").await.body;
    for kind in ["<td>Sync</td>", "<td>Retry</td>", "<td>Undo</td>"] {
        assert!(page.contains(kind), "{kind}");
    }
}
