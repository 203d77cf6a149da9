//! A run that did not do what it should: what failed, since when, why, and the one thing that helps.

use std::time::Duration;

use host_harness::graph_emulator::Fault;
use http::StatusCode;
use serde_json::{Value, json};

use super::visit::{Place, SECRET, Visit};
use crate::world::object_id;

async fn told(visit: &mut Visit) -> Value {
    let trouble = visit.api("/overview").await["trouble"].clone();
    if trouble.is_object() {
        // The page says it too, outside of every tooltip.
        let page = visit.get("").await.body;
        let (_, banner) = page.split_once("id=\"trouble\"").expect(&page);
        let (banner, _) = banner.split_once("<ul class=\"cards\"").unwrap();
        let label = trouble["remedy"]["label"].as_str().unwrap();
        assert!(banner.contains(label), "{banner}");
        assert!(!banner.contains("tooltip"), "{banner}");
    }
    trouble
}

fn is(trouble: &Value, cause: &str, remedy: &str) {
    assert_eq!(trouble["cause"], cause, "{trouble}");
    assert_eq!(trouble["remedy"]["code"], remedy, "{trouble}");
    assert!(trouble["since"].is_string(), "{trouble}");
    assert!(!trouble["reason"].as_str().unwrap().is_empty(), "{trouble}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_changed_is_told_since_the_first_failure_and_until_it_works_again() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    assert_eq!(told(&mut ada).await, Value::Null);
    place.control().set_secret("rotated elsewhere");
    place.control().revoke_access_tokens();
    place.sync("acme", false).await;
    let first = told(&mut ada).await;
    is(&first, "secret", "enter-secret");
    assert_eq!(first["remedy"]["path"], "/setup/connect");
    assert!(
        first["reason"].as_str().unwrap().contains("secret"),
        "{first}"
    );
    place.clock.advance(Duration::from_secs(3 * 60 * 60));
    place.sync("acme", false).await;
    assert_eq!(told(&mut ada).await["since"], first["since"]);

    place.control().set_secret(SECRET);
    place.sync("acme", false).await;
    assert_eq!(told(&mut ada).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_is_closed_is_told_with_the_option_of_the_host_that_opens_it() {
    let mut place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    // From now on somebody decrypts on the way, and nobody told the server whom to trust.
    let gateway = place.behind_a_certificate_of_its_own().await;
    place.sync("acme", false).await;
    let mut ada = place.administrator("acme").await;
    let closed = told(&mut ada).await;
    is(&closed, "network", "test-again");
    let reason = closed["reason"].as_str().unwrap();
    assert!(reason.contains("--ca-file FILE"), "{closed}");
    let status = ada.api("/overview").await["status"].clone();
    assert!(status.to_string().contains("--ca-file FILE"), "{status}");
    // So does a plan that is asked for.
    ada.post_api("/plan", json!({})).await;
    place.server().idle().await;
    let review = ada.api("/review").await;
    let failure = review["failure"].as_str().unwrap();
    assert!(failure.contains("--ca-file FILE"), "{review}");
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_failure_has_its_own_button() {
    let place = Place::with_people(20).await;
    let sync = json!({ "preset": "mirror", "removed": "delete" });
    place.connected("acme", sync).await;
    let mut ada = place.administrator("acme").await;
    let refusing = |status, code: &str| Fault {
        path: Some("/v1.0/users".to_owned()),
        status: Some(status),
        code: Some(code.to_owned()),
        ..Fault::default()
    };
    for (fault, cause, remedy) in [
        (
            refusing(403, "Authorization_RequestDenied"),
            "consent",
            "ask-for-consent",
        ),
        (refusing(501, "NotImplemented"), "other", "sync-again"),
    ] {
        place.control().inject(fault);
        place.sync("acme", true).await;
        place.control().clear_faults();
        is(&told(&mut ada).await, cause, remedy);
    }
    // The button does what it says.
    let page = ada.get("").await;
    let answer = ada
        .post_from(&page, "/sync", &[("mode", "incremental")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    place.server().idle().await;
    assert_eq!(told(&mut ada).await, Value::Null);

    for id in 1..=8 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    place.sync("acme", false).await;
    is(&told(&mut ada).await, "blocked", "review-block");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_reached_is_tested_again_from_the_banner() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    place.control().inject(Fault {
        path: Some("/v1.0/".to_owned()),
        drop_connection: true,
        ..Fault::default()
    });
    place.sync("acme", true).await;
    let trouble = told(&mut ada).await;
    is(&trouble, "network", "test-again");
    assert_eq!(trouble["remedy"]["posts"], true);
    place.control().clear_faults();
    let answer = ada.post("", "/test", &[]).await;
    assert!(
        answer.location().ends_with("/setup/connect?notice=works"),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_could_not_even_begin_is_told_with_its_kind() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let directory = place.folder().join("workspaces").join("acme");
    let lock = std::fs::OpenOptions::new()
        .write(true)
        .open(directory.join("lock"))
        .unwrap();
    lock.lock().unwrap();
    place.sync("acme", false).await;
    drop(lock);
    is(&told(&mut ada).await, "store", "sync-again");
    place.sync("acme", false).await;
    assert_eq!(told(&mut ada).await, Value::Null);
}
