//! What a page hears while it is open.

use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::json;

use super::visit::{Place, Visit};

/// The first thing that is heard.
async fn first(visit: &Visit, path: &str) -> String {
    let mut events = visit.listen(path).await;
    let first = events.frame().await.unwrap().unwrap().into_data().unwrap();
    String::from_utf8(first.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_ended_before_the_page_listened_is_heard_of_first() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    for page in ["/overview", "/review"] {
        let shown = ada.api(page).await["changes"].as_u64().unwrap();
        let listening = format!("/events?seen={shown}");
        assert!(
            first(&ada, &listening).await.starts_with("event: idle\n"),
            "{page}"
        );
        place.sync("acme", true).await;
        assert!(
            first(&ada, &listening)
                .await
                .starts_with("event: changed\n"),
            "{page}"
        );
    }
    // Whoever says nothing of what they have seen is told how it is.
    assert!(first(&ada, "/events").await.starts_with("event: idle\n"));
    let answer = ada.get("/events?seen=all").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_signed_out_hears_no_more_of_what_goes_on() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let mut events = ada.listen("/events").await;
    let first = events.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"event: idle\n"), "{first:?}");
    let answer = ada.post("", "/sign-out", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);

    place.sync("acme", true).await;
    let rest = events.collect().await.unwrap().to_bytes();
    assert!(rest.is_empty(), "{rest:?}");
}
