//! `configure` on documents: what is accepted, and what a wrong one is told.
//!
//! Through the component, so that the store's own description decides. A test would pass by accident
//! if any problem at all came back, so each names the pointer and a word of the advice.

use host_harness::contract::{CheckStatus, Error, Problem};
use host_harness::runtime::CallError;
use host_harness::store::StoreOptions;
use serde_json::json;

use crate::world::{World, person};

/// The document that people already have.
const SAMPLE: &str = include_str!("../../host-harness/demo/configuration.json");

async fn problems(world: &World) -> Vec<Problem> {
    match world.configure().await {
        Err(CallError::Guest {
            error: Error::InvalidConfiguration(problems),
            ..
        }) => problems,
        other => panic!("the document was not refused: {other:?}"),
    }
}

/// The sentence about a place of the document.
#[track_caller]
fn about<'p>(problems: &'p [Problem], pointer: &str) -> &'p str {
    let found = problems.iter().find(|problem| problem.pointer == pointer);
    match found {
        Some(problem) => &problem.message,
        None => panic!("nothing is said about {pointer}: {problems:?}"),
    }
}

fn without_custom_fields() -> StoreOptions {
    StoreOptions {
        custom_fields: false,
        ..StoreOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_that_people_have_is_accepted_unchanged() {
    for store in [StoreOptions::default(), without_custom_fields()] {
        let mut world = World::with(vec![], json!({})).store(store).begin().await;
        world.document = SAMPLE.to_owned();
        let report = world.configure().await.unwrap();
        assert_eq!(report.schedule.as_deref(), Some("0 6 * * *"));
        assert_eq!(report.mappings.len(), 4);
        // It names no tenant: valid, but there is nothing to connect to yet.
        assert!(!report.ready);
        assert!(
            report
                .checks
                .iter()
                .all(|check| check.status == CheckStatus::NotTried)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_preset_is_valid_as_it_stands_and_connects() {
    let presets = [
        json!({ "preset": "additive" }),
        json!({ "preset": "mirror" }),
        json!({ "preset": "lifecycle" }),
        json!({ "preset": "messaging", "mapping": { "mobilePhone": "phone_number" } }),
    ];
    for sync in presets {
        let world = World::with(vec![person(1, "Zoe", "Vance")], sync.clone())
            .store(without_custom_fields())
            .begin()
            .await;
        let report = world.configure().await.unwrap();
        assert!(report.ready, "{sync}: {:?}", report.checks);
        assert!(!report.mappings.is_empty(), "{sync}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_preset_is_told_which_there_are() {
    let world = World::with(vec![], json!({ "preset": "miror" }))
        .begin()
        .await;
    let problems = problems(&world).await;
    let message = about(&problems, "/sync/preset");
    assert!(message.contains("mirror"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_of_a_document_is_told_at_once_with_its_place() {
    let sync = json!({
        "preset": "mirror",
        "shedule": "0 6 * * *",
        "schedule": 6,
        "filters": { "accountEnabled": "yes" },
        "mapping": { "mail": "email", "mobilPhone": "mobile_phone", "surname": ["last_name", 7] },
    });
    let world = World::with(vec![], sync).begin().await;
    let problems = problems(&world).await;
    let message = about(&problems, "/sync/shedule");
    assert!(message.contains("schedule"), "{message}");
    about(&problems, "/sync/schedule");
    about(&problems, "/sync/filters/accountEnabled");
    let message = about(&problems, "/sync/mapping/mobilPhone");
    assert!(message.contains("mobilePhone"), "{message}");
    about(&problems, "/sync/mapping/surname/1");
    assert!(world.contacts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_told_so_and_where() {
    let mut world = World::with(vec![], json!({})).begin().await;
    for text in ["", "{ \"sync\": ", "[]", "{ \"sync\": {}, \"sync\": {} }"] {
        world.document = text.to_owned();
        let problems = problems(&world).await;
        assert!(
            problems.iter().all(|problem| !problem.message.is_empty()),
            "{text:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_the_store_has_not_is_a_problem_where_it_takes_no_custom_ones() {
    let sync = json!({
        "preset": "mirror",
        "mapping": { "mail": "email", "mobilePhone": "mobil_phone" },
    });
    let strict = World::with(vec![], sync.clone())
        .store(without_custom_fields())
        .begin()
        .await;
    let problems = problems(&strict).await;
    let message = about(&problems, "/sync/mapping/mobilePhone");
    assert!(message.contains("mobil_phone"), "{message}");
    assert!(message.contains("mobile_phone"), "{message}");

    // Elsewhere it becomes a custom field, and somebody is asked whether that was meant.
    let open = World::with(vec![], sync).begin().await;
    let report = open.configure().await.unwrap();
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("mobil_phone")),
        "{:?}",
        report.warnings
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandatory_field_of_the_store_has_to_be_mapped() {
    let store = StoreOptions {
        mandatory: vec!["last_name".to_owned()],
        ..StoreOptions::default()
    };
    let sync = json!({ "preset": "mirror", "mapping": { "mail": "email" } });
    let world = World::with(vec![], sync).store(store).begin().await;
    let problems = problems(&world).await;
    let message = about(&problems, "/sync/mapping");
    assert!(message.contains("last_name"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandatory_field_of_the_preset_has_to_be_mapped() {
    let sync = json!({ "preset": "messaging", "mapping": { "mail": "email" } });
    let world = World::with(vec![], sync).begin().await;
    let problems = problems(&world).await;
    let message = about(&problems, "/sync/mapping");
    assert!(message.contains("phone_number"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_document_is_refused_and_not_repeated() {
    let secret = "Abc8Q~0123456789abcdefABCDEF.0123456789_";
    let mut world = World::with(vec![], json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.document = world.document.replace("client-secret", secret);
    let problems = problems(&world).await;
    let message = about(&problems, "/credentials/secret");
    assert!(message.contains("name"), "{message}");
    assert!(!format!("{problems:?}").contains(secret));
}
