//! A run that a limit stopped: who is concerned, and the two ways out.

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

    let approve = [("approve", digest(&overview))];
    let fields = approve
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
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
        .post_api("/sync", json!({ "approve": digest(&overview) }))
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
    place.sync("acme", false).await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 20);
    assert_eq!(overview["blocked"], Value::Null);
}
