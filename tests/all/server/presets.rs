//! A preset that is shown is a preset that is in force.

use http::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::setup::map;
use super::visit::{Place, Visit};

const PRESETS: [&str; 4] = ["additive", "mirror", "lifecycle", "messaging"];

/// A workspace with each preset, as it was made.
async fn made_with_each() -> (Place, Vec<Visit>) {
    let place = Place::with_people(1).await;
    let mut visits = Vec::new();
    for preset in PRESETS {
        place.add(preset, preset);
        visits.push(place.administrator(preset).await);
    }
    (place, visits)
}

/// What settings say of everything that a preset decides.
fn said(settings: &Value) -> Value {
    let mut said = settings.clone();
    let said = said.as_object_mut().unwrap();
    for other in ["version", "settingUp", "filledIn"] {
        said.remove(other);
    }
    json!(said)
}

/// The document as the records have it.
pub(super) fn document(place: &Place, workspace: &str) -> Value {
    let records = Connection::open(place.folder().join("server.db")).unwrap();
    let text: String = records
        .query_row(
            "SELECT coalesce(proposed, settings) FROM workspaces WHERE id = ?1",
            [workspace],
            |row| row.get(0),
        )
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn choose(visit: &mut Visit, preset: &str, by_form: bool) {
    if by_form {
        let answer = map(visit, &[("preset", preset)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    } else {
        let mut settings = visit.api("/settings").await;
        settings["preset"] = json!(preset);
        let answer = visit.put_api("/settings", &settings).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_any_preset_after_any_other_and_saving_is_that_preset_by_form_and_by_api() {
    let (place, mut fresh) = made_with_each().await;
    let mut expected = Vec::new();
    for visit in &mut fresh {
        let settings = visit.api("/settings").await;
        assert_eq!(settings["differences"], json!([]), "{settings}");
        expected.push(said(&settings));
    }
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    for (number, first) in PRESETS.iter().enumerate() {
        for (second, expected) in PRESETS.iter().zip(&expected) {
            choose(&mut ada, first, number % 2 == 0).await;
            choose(&mut ada, second, number % 2 == 1).await;
            let settings = ada.api("/settings").await;
            assert_eq!(said(&settings), *expected, "{second} after {first}");
            let document = document(&place, "acme");
            let sync = document["sync"].as_object().unwrap();
            let mut keys: Vec<&str> = sync.keys().map(String::as_str).collect();
            keys.retain(|key| *key != "mapping" || *second != "messaging");
            assert_eq!(
                keys,
                ["filters", "preset"],
                "{second} after {first}: {document}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_had_chosen_before_does_not_outlive_the_preset_that_it_was_chosen_with() {
    let (place, mut fresh) = made_with_each().await;
    let additive = said(&fresh[0].api("/settings").await);
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    for own in [
        vec![("removed", "delete")],
        vec![("update", "false"), ("conflict", "keep-local")],
        vec![("list", "attribute"), ("list_attribute", "department")],
        vec![("schedule", ""), ("existing", "skip")],
        vec![
            ("row.9.label", "Title here"),
            ("row.9.attribute", "jobTitle"),
        ],
        vec![("row.4.mandatory", "on")],
        vec![("leftScope", "deactivate"), ("disabled", "deactivate")],
    ] {
        choose(&mut ada, "mirror", true).await;
        let answer = map(&mut ada, &own).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let custom = ada.api("/settings").await;
        assert_eq!(custom["preset"], "mirror");
        assert_ne!(custom["differences"], json!([]), "{own:?}");
        let page = ada.get("/setup/map").await.body;
        assert!(page.contains("Custom, from Mirror"), "{own:?}: {page}");
        choose(&mut ada, "additive", true).await;
        assert_eq!(said(&ada.api("/settings").await), additive, "{own:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_together_with_the_preset_is_kept_and_told_as_a_difference() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let mut ada = place.administrator("acme").await;
    let both = [("preset", "additive"), ("schedule", "every 3 h")];
    let answer = map(&mut ada, &both).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let settings = ada.api("/settings").await;
    assert_eq!(settings["schedule"], "every 3 h");
    let differences = settings["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{settings}");
    assert_eq!(
        differences[0],
        json!({ "label": "Schedule", "value": "every 3 h", "preset": "every 6 h" })
    );
    let policies = settings["policies"].as_array().unwrap();
    let update = policies.iter().find(|one| one["name"] == "update").unwrap();
    assert_eq!(update["value"], "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_from_elsewhere_is_shown_as_what_it_is_and_a_preset_brings_all_of_its_own() {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    place
        .connect(
            "acme",
            json!({
                "preset": "additive", "update": true, "existing": "link", "removed": "delete",
                "addresses": ["mail"],
                "mapping": { "givenName": "first_name", "surname": "last_name",
                    "mail": { "field": "email", "mandatory": false, "onlyOnCreate": true } },
            }),
        )
        .await;
    let mut ada = place.administrator("acme").await;
    let settings = ada.api("/settings").await;
    let differences = settings["differences"].as_array().unwrap();
    let told = |label: &str| differences.iter().any(|one| one["label"] == label);
    for label in [
        "Email",
        "Removed from the directory",
        "Where an address is looked for",
    ] {
        assert!(told(label), "{label}: {settings}");
    }
    // Saving without a change changes nothing of it.
    let before = document(&place, "acme");
    let answer = ada.put_api("/settings", &settings).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(said(&ada.api("/settings").await), said(&settings));
    let after = document(&place, "acme");
    assert_eq!(after["sync"]["addresses"], before["sync"]["addresses"]);

    choose(&mut ada, "lifecycle", false).await;
    let settings = ada.api("/settings").await;
    assert_eq!(settings["differences"], json!([]), "{settings}");
    // And the preset itself, over what was custom: the button that fills it in.
    let page = ada.get("/setup/map").await;
    let fields = [("preset", "additive"), ("action", "preset")];
    let filled = ada.post_from(&page, "/setup/map", &fields).await;
    assert!(
        filled
            .body
            .contains("These settings are <strong>Add only</strong>."),
        "{}",
        filled.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn add_only_that_is_chosen_over_mirror_overwrites_no_contact() {
    let place = Place::with_people(3).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    choose(&mut ada, "additive", true).await;
    place.approve_review(&mut ada).await;
    let changes = json!({ "givenName": "Changed" });
    let user = crate::world::object_id(1);
    place.control().edit_user(&user, changes).unwrap();
    place.sync("acme", true).await;
    let contacts = ada.api("/contacts").await.to_string();
    assert!(!contacts.contains("Changed"), "{contacts}");
}
