//! Settings that change whom a sync touches are in force once somebody has approved a plan of them, and not
//! before.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::setup::map;
use super::visit::{Place, Visit};
use crate::world::object_id;

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn connected() -> (Place, Visit) {
    let place = Place::with_people(12).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 2 h", "removed": "delete" }),
        )
        .await;
    let ada = place.administrator("acme").await;
    (place, ada)
}

async fn active(visit: &mut Visit) -> u64 {
    visit.api("/overview").await["activeRecords"]
        .as_u64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_saved_shown_as_a_plan_and_in_force_only_when_that_is_approved() {
    let (place, mut ada) = connected().await;
    // Nobody is in this department: everybody would leave the filter.
    let filter = [
        ("filter.0.attribute", "department"),
        ("filter.0.operator", "is"),
        ("filter.0.values", "Nowhere"),
        ("leftScope", "delete"),
    ];
    let answer = map(&mut ada, &filter).await;
    assert_eq!(
        answer.location(),
        "/w/acme/setup/review?notice=proposed",
        "{answer:?}"
    );
    place.server().idle().await;
    let review = ada.get("/setup/review").await;
    for told in [
        "These settings are not in force yet",
        "Delete 12 contacts, and confirm the settings and run sync",
        "Type 12 to delete 12 contacts",
        "each later sync deletes contacts by itself",
    ] {
        assert!(review.body.contains(told), "{told}: {}", review.body);
    }
    let overview = ada.get("").await.body;
    assert!(overview.contains("are not in force yet"), "{overview}");

    // Until then, scheduled and other syncs go by the settings of before.
    place.clock.advance(3 * HOUR);
    assert_eq!(place.server().start_due(), 1);
    place.server().idle().await;
    place.sync("acme", true).await;
    assert_eq!(active(&mut ada).await, 12);

    let digest = ada.api("/review").await["digest"].clone();
    let refused = ada.post_api("/sync", json!({ "approve": digest })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(active(&mut ada).await, 12);
    assert!(ada.api("/settings").await["proposal"].is_object());

    let fields = [("approve", digest.as_str().unwrap()), ("deletions", "12")];
    let answer = ada.post_from(&review, "/sync", &fields).await;
    assert!(answer.location().ends_with("notice=approved"), "{answer:?}");
    place.server().idle().await;
    assert_eq!(active(&mut ada).await, 0);
    assert_eq!(ada.api("/settings").await["proposal"], Value::Null);
    let activity = ada.api("/activity").await.to_string();
    for action in ["settings-proposed", "settings-confirmed", "sync-approved"] {
        assert!(activity.contains(action), "{action}: {activity}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_touches_people_waits_and_what_does_not_is_in_force_at_once() {
    let (place, mut ada) = connected().await;
    for touching in [
        vec![("removed", "keep")],
        vec![("preset", "additive")],
        vec![("row.0.attribute", "displayName")],
        vec![
            ("row.9.label", "Title here"),
            ("row.9.attribute", "jobTitle"),
        ],
        vec![("row.4.mandatory", "on")],
        vec![("list", "none")],
        vec![
            ("filter.0.attribute", "city"),
            ("filter.0.operator", "filled"),
        ],
        vec![("disabled", "deactivate")],
        vec![("conflict", "keep-local"), ("schedule", "every 9 h")],
    ] {
        let answer = map(&mut ada, &touching).await;
        assert!(
            answer.location().ends_with("notice=proposed"),
            "{touching:?}: {answer:?}"
        );
        place.server().idle().await;
        let settings = ada.api("/settings").await;
        assert_eq!(settings["proposal"]["by"], "Ada", "{touching:?}");
        assert_eq!(
            ada.api("/overview").await["schedule"]["text"],
            "every 2 h",
            "{touching:?}"
        );
        let answer = ada.post_api("/settings/discard", json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.json()["proposal"], Value::Null);
    }
    let again = ada.post_api("/settings/discard", json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);

    for cosmetic in [
        vec![("schedule", "every 5 h")],
        vec![("time_zone", "Europe/Berlin")],
        vec![("schedule", "")],
    ] {
        let answer = map(&mut ada, &cosmetic).await;
        assert!(
            answer.location().ends_with("/w/acme?notice=saved"),
            "{cosmetic:?}: {answer:?}"
        );
        assert_eq!(ada.api("/settings").await["proposal"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_api_too_settings_wait_for_the_plan_of_them() {
    let (place, mut ada) = connected().await;
    let mut settings = ada.api("/settings").await;
    settings["preset"] = json!("additive");
    let saved = ada.put_api("/settings", &settings).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    assert_eq!(saved.json()["proposal"]["by"], "Ada");
    assert_eq!(saved.json()["preset"], "additive");
    // A plan that was made before is none of these settings.
    let review = ada.api("/review").await;
    assert_eq!(review["stale"], true, "{review}");
    place.control().delete_user(&object_id(1)).unwrap();
    place.sync("acme", false).await;
    assert_eq!(active(&mut ada).await, 11, "Mirror is still in force");
    place.approve_review(&mut ada).await;
    place.control().delete_user(&object_id(2)).unwrap();
    place.sync("acme", false).await;
    assert_eq!(active(&mut ada).await, 11, "Add only is, now");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_wait_outlive_the_server_and_a_new_secret() {
    let (mut place, mut ada) = connected().await;
    map(&mut ada, &[("removed", "keep")]).await;
    place.server().idle().await;
    place.stop().await;
    place.start().await;
    let mut ada = place.administrator("acme").await;
    assert!(ada.api("/settings").await["proposal"].is_object());
    let answer = super::setup::connect(&place, &mut ada, super::visit::SECRET).await;
    assert!(answer.location().ends_with("notice=tested"), "{answer:?}");
    assert!(ada.api("/settings").await["proposal"].is_object());
    assert_eq!(ada.api("/review").await["stale"], true);
    place.approve_review(&mut ada).await;
    let settings = ada.api("/settings").await;
    assert_eq!(settings["proposal"], Value::Null);
    let removed = settings["policies"].as_array().unwrap();
    let removed = removed.iter().find(|one| one["name"] == "removed").unwrap();
    assert_eq!(removed["value"], "keep");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_directory_is_set_up_anew_and_nothing_runs_before_its_plan_is_approved() {
    let (place, mut ada) = connected().await;
    let page = ada.get("/setup/connect").await;
    let (_, client) = place.application();
    let answer = ada
        .connect_from(&page, ("contoso.example", client), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let overview = ada.api("/overview").await;
    assert_eq!(overview["connection"]["state"], "setting-up", "{overview}");
    place.clock.advance(48 * HOUR);
    assert_eq!(place.server().start_due(), 0);
    let mut ada = place.administrator("acme").await;
    let refused = ada.post_api("/sync", json!({})).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
}
