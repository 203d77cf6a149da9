//! The four steps, saved at each of them.

use host_harness::server::Role;
use http::StatusCode;

use super::visit::{Answer, Place, SECRET, Visit};
use crate::world::{person, person_with};
use host_harness::graph_emulator::DirectorySource;
use serde_json::{Value, json};

/// Fills in the first step.
pub(super) async fn connect(place: &Place, visit: &mut Visit, secret: &str) -> Answer {
    let page = visit.get("/setup/connect").await;
    let secret = [("secret", secret)];
    visit
        .connect_from(&page, place.application(), &secret)
        .await
}

/// The form of the second step, as the API tells it, as fields.
fn as_form(settings: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut fields = vec![("action".to_owned(), "save".to_owned())];
    for (field, key) in [
        ("version", "version"),
        ("preset", "preset"),
        ("list", "list"),
        ("list_name", "listName"),
        ("list_attribute", "listAttribute"),
        ("schedule", "schedule"),
        ("time_zone", "timeZone"),
    ] {
        fields.push((field.to_owned(), text(&settings[key])));
    }
    for policy in settings["policies"].as_array().unwrap() {
        fields.push((text(&policy["name"]), text(&policy["value"])));
    }
    for (at, row) in settings["rows"].as_array().unwrap().iter().enumerate() {
        for part in ["field", "label", "attribute"] {
            fields.push((format!("row.{at}.{part}"), text(&row[part])));
        }
        if row["mandatory"] == true {
            fields.push((format!("row.{at}.mandatory"), "on".to_owned()));
        }
    }
    fields
}

/// Saves the second step as it stands, with some fields otherwise.
pub(super) async fn map(visit: &mut Visit, otherwise: &[(&str, &str)]) -> Answer {
    let page = visit.get("/setup/map").await;
    map_from(visit, &page, otherwise).await
}

/// The same, from a page that was opened before.
pub(super) async fn map_from(
    visit: &mut Visit,
    page: &Answer,
    otherwise: &[(&str, &str)],
) -> Answer {
    let settings = visit.api("/settings").await;
    let mut form = as_form(&settings);
    form.retain(|(name, _)| name != "version");
    form.push(("version".to_owned(), page.field("version")));
    form.retain(|(name, _)| otherwise.iter().all(|(other, _)| other != name));
    form.extend(
        otherwise
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let fields: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    visit.post_from(page, "/setup/map", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_maps_reviews_and_runs_exactly_what_was_reviewed() {
    let users = vec![
        person(1, "Ann", "One"),
        person(2, "Bob", "Two"),
        person_with(3, "Cyd", "Three", json!({ "surname": null })),
    ];
    let mut place = Place::with(DirectorySource::Users(users), |tenant| tenant).await;
    place.add("acme", "additive");
    let mut ada = place.administrator("acme").await;
    assert_eq!(ada.get("/setup").await.location(), "/w/acme/setup/connect");

    let answer = connect(&place, &mut ada, "wrong").await;
    assert!(
        answer.location().ends_with("notice=not-ready"),
        "{answer:?}"
    );
    let told = ada.api("/connection").await;
    assert_eq!(told["ready"], false);
    assert!(
        told["checks"][0]["code"]
            .as_str()
            .unwrap()
            .starts_with("AADSTS")
    );

    let answer = connect(&place, &mut ada, SECRET).await;
    assert!(answer.location().ends_with("notice=tested"), "{answer:?}");
    // One stops here, and comes back another day, to another process.
    place.stop().await;
    place.start().await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(ada.get("/setup").await.location(), "/w/acme/setup/map");

    let settings = ada.api("/settings").await;
    let rows = settings["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["mandatory"] == true), "{rows:?}");
    let attributes = settings["attributes"].as_array().unwrap();
    let sample = |name: &str| {
        let attribute = attributes.iter().find(|one| one["name"] == name);
        attribute.unwrap()["sample"].clone()
    };
    assert_eq!(sample("department"), "Sales");
    let answer = map(
        &mut ada,
        &[
            ("row.9.label", "Title here"),
            ("row.9.attribute", "jobTitle"),
        ],
    )
    .await;
    assert!(answer.location().contains("/setup/review"), "{answer:?}");

    place.server().idle().await;
    let review = ada.api("/review").await;
    let count = |code: &str| {
        let counts = review["counts"].as_array().unwrap();
        let count = counts.iter().find(|count| count["code"] == code);
        count.map_or(0, |count| count["count"].as_u64().unwrap())
    };
    assert_eq!((count("create"), count("missing")), (2, 1), "{review}");
    let digest = review["digest"].as_str().unwrap();
    let people = ada.api(&format!("/plan/{digest}/people?of=missing")).await;
    assert_eq!(people["people"][0]["address"], "cyd.three@contoso.example");

    let answer = ada
        .post("/setup/review", "/sync", &[("approve", digest)])
        .await;
    assert!(answer.location().ends_with("notice=approved"), "{answer:?}");
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 2);
    assert_eq!(overview["connection"]["state"], "connected");
    assert_eq!(overview["history"][0]["approved"]["digest"], digest);
    assert_eq!(overview["schedule"]["words"], "Every 6 hours");
    let contacts = ada.api("/contacts").await;
    let titles: Vec<_> = contacts["people"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|person| person["values"].as_array().unwrap())
        .filter(|value| value["label"] == "Title here")
        .collect();
    assert_eq!(titles.len(), 2, "the mapping with an own label");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_other_settings_cannot_be_approved() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    ada.post("/setup/review", "/plan", &[]).await;
    place.server().idle().await;
    let digest = ada.api("/review").await["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let saved = map(&mut ada, &[("conflict", "keep-local")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let answer = ada
        .post("/setup/review", "/sync", &[("approve", &digest)])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("plan again"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_beside_the_field_and_nothing_is_saved() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let page = ada.get("/setup/connect").await;
    let fields = [
        ("version", "1"),
        ("tenant", "https://contoso"),
        ("client_id", "my-app"),
        ("cloud", "global"),
        ("secret", "kept-out-of-the-page"),
        ("action", "save"),
    ];
    let answer = ada.post_from(&page, "/setup/connect", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("aria-invalid"));
    assert!(
        answer.body.contains("my-app"),
        "what was typed is still there"
    );
    assert!(!answer.body.contains("kept-out-of-the-page"));
    let told = ada.api("/connection").await;
    assert_eq!(
        (&told["tenant"], &told["secret"]),
        (&json!(""), &Value::Null)
    );
    // The same form, mended, is carried out: it was not before.
    let answer = connect(&place, &mut ada, SECRET).await;
    assert!(answer.location().ends_with("notice=tested"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_contacts_and_status_and_neither_settings_nor_people_behind_numbers() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut max = place.visit("acme", "Max", Role::Member).await;
    let overview = max.api("/overview").await;
    assert_eq!(overview["activeRecords"], 3);
    // Left out, and not told as nothing: there is a history, and something may be missing.
    for hidden in [
        "schedule",
        "blocked",
        "mappings",
        "activity",
        "history",
        "dataQuality",
        "notSynced",
        "ledger",
        "trouble",
        "proposal",
        "secret",
        "warnings",
        "mappedAttributes",
        "dataInsights",
    ] {
        assert_eq!(overview.get(hidden), None, "{hidden}");
    }
    assert_eq!(max.get("/contacts").await.status, StatusCode::OK);
    for path in [
        "/setup/connect",
        "/setup/map",
        "/setup/review",
        "/activity",
        "/ledger",
        "/blocked",
        "/disconnect",
        "/people/missing?field=email",
        "/plan/abc/people?of=create",
        "/people/not-synced?reason=out-of-scope",
        "/undo",
        "/undo/abc",
        "/api/undo",
        "/api/people/not-synced?reason=out-of-scope",
        "/activity.csv",
        "/api/settings",
        "/api/connection",
        "/api/activity",
    ] {
        let answer = max.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            answer.body.contains("Ask your admin"),
            "{path}: {}",
            answer.body
        );
    }
    for path in [
        "/sync",
        "/stop",
        "/plan",
        "/retry",
        "/test",
        "/undo",
        "/undo/plan",
        "/setup/discard",
        "/disconnect",
        "/setup/map",
        "/setup/connect",
    ] {
        let answer = max.post("", path, &[("confirm", "DISCONNECT")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let answer = max.post_api(path, json!({})).await;
        assert!(!answer.status.is_success(), "{path}");
    }
}
