//! Whoever is not synced does not vanish: not from the review, and not after the first sync.

use host_harness::graph_emulator::DirectorySource;
use serde_json::{Value, json};

use super::visit::{Place, Visit};
use crate::world::{person, person_with};

/// Of eight people, two can be synced.
async fn two_of_eight() -> Place {
    let long = "x".repeat(300);
    let users = vec![
        person(1, "Ann", "One"),
        person(2, "Bob", "Two"),
        person_with(3, "Cyd", "Three", json!({ "surname": null })),
        person_with(4, "Dan", "Four", json!({ "givenName": null })),
        person_with(5, "Eva", "Five", json!({ "companyName": long })),
        person_with(6, "Fay", "Six", json!({ "companyName": long })),
        person_with(7, "Gus", "Seven", json!({ "accountEnabled": false })),
        person_with(8, "Hal", "Eight", json!({ "city": "Elsewhere" })),
    ];
    Place::with(DirectorySource::Users(users), |tenant| tenant).await
}

fn sync() -> Value {
    json!({
        "preset": "additive",
        "mapping": { "givenName": "first_name", "surname": "last_name", "mail": "email",
            "companyName": "company" },
        "filters": { "city": { "not": "Elsewhere" } },
    })
}

fn number(review: &Value, code: &str) -> u64 {
    let counts = review["counts"].as_array().unwrap();
    let count = counts.iter().find(|count| count["code"] == code);
    count.map_or(0, |count| count["count"].as_u64().unwrap())
}

async fn names(visit: &mut Visit, reason: &str) -> Vec<String> {
    let people = visit
        .api(&format!("/people/not-synced?reason={reason}"))
        .await;
    let people = people["people"].as_array().unwrap();
    let name = |person: &Value| person["name"].as_str().unwrap().to_owned();
    people.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_people_are_left_out_in_the_review_and_on_the_overview_after_it() {
    let place = two_of_eight().await;
    place.add("acme", "additive");
    place.connect("acme", sync()).await;
    let mut ada = place.administrator("acme").await;
    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    let review = ada.api("/review").await;
    assert_eq!(number(&review, "create"), 2, "{review}");
    assert_eq!(number(&review, "missing"), 2, "{review}");
    assert_eq!(number(&review, "other"), 4, "{review}");
    let all: u64 = review["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|count| count["count"].as_u64().unwrap())
        .sum();
    assert_eq!(all, 8, "everybody stands behind a number: {review}");
    let digest = review["digest"].as_str().unwrap().to_owned();
    let others = ada.api(&format!("/plan/{digest}/people?of=other")).await;
    let others = others["people"].as_array().unwrap();
    let too_long = others
        .iter()
        .filter(|person| person["why"] == "A value is longer than a contact can hold");
    assert_eq!(too_long.count(), 2, "{others:?}");

    ada.post_api("/sync", json!({ "approve": digest })).await;
    place.server().idle().await;
    for _ in 0..2 {
        let overview = ada.api("/overview").await;
        assert_eq!(overview["activeRecords"], 2);
        let reasons = overview["notSynced"]["reasons"].as_array().unwrap();
        let told: Vec<_> = reasons
            .iter()
            .map(|reason| {
                (
                    reason["code"].as_str().unwrap(),
                    reason["people"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("not-written", 2),
                ("missing-mandatory", 2),
                ("account-disabled", 1),
                ("out-of-scope", 1),
            ],
            "{overview}"
        );
        let page = ada.get("").await.body;
        for told in [
            "Not synced",
            "A mandatory field is missing",
            "/w/acme/people/not-synced?reason=missing-mandatory",
            "/w/acme/ledger",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert!(!page.contains("Everybody could be written"));
        // And so after a sync that reads only what changed.
        place.sync("acme", false).await;
    }
    assert_eq!(names(&mut ada, "missing-mandatory").await.len(), 2);
    let missing = names(&mut ada, "missing-mandatory").await;
    assert!(
        missing.iter().any(|name| name.contains("Cyd")),
        "{missing:?}"
    );
    let unwritten = names(&mut ada, "not-written").await;
    assert!(unwritten.contains(&"Eva Five".to_owned()), "{unwritten:?}");
    let ledger = ada.get("/ledger").await.body;
    assert!(ledger.contains("Eva Five"), "{ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_can_be_synced_again_is_left_out_no_longer() {
    let place = two_of_eight().await;
    place.add("acme", "additive");
    place.connect("acme", sync()).await;
    place.sync("acme", true).await;
    let mut ada = place.administrator("acme").await;
    let reasons = async |visit: &mut Visit| {
        visit.api("/overview").await["notSynced"]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason["people"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(reasons(&mut ada).await, 6);
    for (id, changes) in [
        (3, json!({ "surname": "Three" })),
        (5, json!({ "companyName": "Short" })),
        (7, json!({ "accountEnabled": true })),
        (8, json!({ "city": "Here" })),
    ] {
        let user = crate::world::object_id(id);
        place.control().edit_user(&user, changes).unwrap();
    }
    place.sync("acme", false).await;
    assert_eq!(reasons(&mut ada).await, 2, "those who still cannot be");
}
