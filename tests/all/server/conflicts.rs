//! Values that both sides have changed, on the page and by the API.

use host_harness::server::Role;
use host_harness::store::{SqliteStore, StoreOptions};
use host_harness::store_api::AdminStore as _;
use http::StatusCode;
use serde_json::{Value, json};

use super::visit::Place;
use crate::world::object_id;

/// Both sides have changed the company of the first people.
async fn in_conflict_about(people: u32) -> Place {
    let place = Place::with_people(people.max(3)).await;
    let mapping = json!({ "givenName": "first_name", "mail": "email",
        "companyName": { "field": "company", "direction": "two-way" } });
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "conflicts": "ask", "mapping": mapping }),
        )
        .await;
    let folder = place.folder().join("workspaces").join("acme");
    let store = SqliteStore::open(&folder, &StoreOptions::default()).unwrap();
    for id in 1..=people {
        let company = json!({ "companyName": "Northwind" });
        place.control().edit_user(&object_id(id), company).unwrap();
        let theirs = store.linked_to(&object_id(id)).unwrap().unwrap();
        store
            .edit_field(&theirs.id, "company", Some("Fabrikam"))
            .unwrap();
    }
    drop(store);
    place.sync("acme", false).await;
    place
}

async fn in_conflict() -> Place {
    in_conflict_about(1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_people_are_paged_through() {
    let place = in_conflict_about(102).await;
    let mut ada = place.administrator("acme").await;
    let first = ada.api("/conflicts").await;
    let users = |told: &Value| -> Vec<String> {
        let values = told["values"].as_array().unwrap().iter();
        let user = |value: &Value| value["value"]["objectId"].as_str().unwrap().to_owned();
        values.map(user).collect()
    };
    let next = first["next"].as_str().unwrap().to_owned();
    let rest = ada.api(&format!("/conflicts?after={next}")).await;
    let all = [users(&first), users(&rest)].concat();
    let everybody: Vec<_> = (1..=102).map(object_id).collect();
    assert_eq!(all, everybody);
    assert_eq!(
        (&rest["next"], &rest["isLater"]),
        (&Value::Null, &json!(true))
    );
    let page = ada.get("/conflicts").await;
    assert!(
        page.body
            .contains(&format!("/w/acme/conflicts?after={next}"))
    );
    let last = ada.get(&format!("/conflicts?after={next}")).await;
    assert!(last.body.contains("First people"), "{}", last.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_both_values_and_decides_and_a_member_does_neither() {
    let place = in_conflict().await;
    let mut ada = place.administrator("acme").await;
    let overview = ada.get("").await;
    assert!(overview.body.contains("href=\"/w/acme/conflicts\""));
    let page = ada.get("/conflicts").await;
    for value in ["Northwind", "Fabrikam", "Take the directory"] {
        assert!(page.body.contains(value), "{value}: {}", page.body);
    }
    let told = ada.api("/conflicts").await;
    let one = &told["values"][0];
    assert_eq!(one["value"]["decided"], Value::Null, "{told}");

    let mut max = place.visit("acme", "max", Role::Member).await;
    let refused = max.get("/conflicts").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let seen = one["seenAtMs"].to_string();
    let user = object_id(1);
    let decision = |seen: &str| {
        [
            ("user", user.clone()),
            ("attribute", "companyName".to_owned()),
            ("seenAtMs", seen.to_owned()),
            ("take", "directory".to_owned()),
        ]
    };
    let fields = decision(&seen);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = ada.post_from(&page, "/conflicts", &fields).await;
    assert_eq!(
        answer.location(),
        "/w/acme/conflicts?notice=decided",
        "{answer:?}"
    );
    let told = ada.api("/conflicts").await;
    assert_eq!(told["values"], json!([]), "decided, it is shown apart");
    assert_eq!(told["decided"][0]["value"]["decided"], "directory");
    let page = ada.get("/conflicts").await;
    assert!(page.body.contains("Nothing is to be decided."));
    assert!(page.body.contains("The directory’s counts"));
    let entries = ada.get("/activity.json").await.json();
    let actions = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"]);
    assert!(
        actions.clone().any(|action| action == "conflict-directory"),
        "{entries}"
    );

    place.sync("acme", false).await;
    place.sync("acme", false).await;
    let told = ada.api("/conflicts").await;
    assert_eq!(
        (&told["values"], &told["decided"]),
        (&json!([]), &json!([]))
    );
    let body =
        json!({ "user": user, "attribute": "companyName", "seenAtMs": 1, "take": "contact" });
    let late = ada.post_api("/conflicts", body).await;
    assert!(late.body.contains("no-conflict"), "{late:?}");
}
