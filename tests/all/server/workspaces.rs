//! Many workspaces on one server: each by itself.

use http::StatusCode;
use serde_json::json;

use super::visit::Place;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_one_workspace_is_nobody_in_another() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place
        .connected("globex", json!({ "preset": "mirror" }))
        .await;
    let mut ada = place.administrator("acme").await;
    ada.root = "/w/globex".to_owned();
    for path in [
        "",
        "/contacts",
        "/api/overview",
        "/events",
        "/setup/connect",
    ] {
        assert_eq!(
            ada.get(path).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    ada.root = "/w/there-is-none".to_owned();
    assert_eq!(ada.get("").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_are_due_are_done_and_the_failure_of_one_touches_no_other() {
    let mut place = Place::with_people(20).await;
    for number in 0..8 {
        place.add(&format!("w{number}"), "mirror");
        place
            .connect(&format!("w{number}"), json!({ "preset": "mirror" }))
            .await;
    }
    // The contacts of one of them are gone, and something else is in their place.
    let broken = place.folder().join("workspaces/w3/connector.db");
    place.stop().await;
    // A file of its own: whoever still had the old one open writes into that.
    std::fs::remove_file(&broken).unwrap();
    std::fs::write(&broken, "no database").unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(broken.with_extension(format!("db{suffix}")));
    }
    place
        .clock
        .advance(std::time::Duration::from_secs(2 * 60 * 60));
    place.start().await;
    place.server().start_due();
    place.server().idle().await;
    for number in 0..8 {
        let standing = place.server().status(&format!("w{number}")).unwrap();
        assert_eq!(standing.succeeded, number != 3, "w{number}");
        assert_eq!(standing.failures, u32::from(number == 3), "w{number}");
    }
    assert_eq!(
        std::fs::read_to_string(&broken).unwrap(),
        "no database",
        "left as it was"
    );
    let mut ada = place.administrator("w3").await;
    let answer = ada.get("").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.body.contains("not a contact database"),
        "{}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_keeps_the_contacts_and_connecting_again_relinks_by_object_id() {
    let place = Place::with_people(5).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    let before = ada.api("/contacts").await;

    let answer = ada
        .post("/disconnect", "/disconnect", &[("confirm", "disconnect")])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        ada.api("/overview").await["connection"]["state"],
        "connected"
    );

    let answer = ada
        .post("/disconnect", "/disconnect", &[("confirm", "DISCONNECT")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["connection"]["state"], "disconnected");
    assert_eq!(overview["schedule"]["nextRun"], serde_json::Value::Null);
    assert_eq!(
        ada.api("/connection").await["secret"],
        serde_json::Value::Null
    );
    assert_eq!(ada.api("/contacts").await, before, "the contacts stay");
    let answer = ada.post("", "/plan", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "nothing goes on here");

    // Somebody is renamed meanwhile, address and all: only the object id still says who it is.
    place
        .control()
        .edit_user(
            &crate::world::object_id(1),
            json!({ "mail": "other@contoso.example", "displayName": "Other" }),
        )
        .unwrap();
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.sync("acme", false).await;
    let after = ada.api("/contacts").await;
    let ids = |contacts: &serde_json::Value| -> Vec<String> {
        let people = contacts["people"].as_array().unwrap();
        let id = |person: &serde_json::Value| person["contactId"].as_str().unwrap().to_owned();
        people.iter().map(id).collect()
    };
    assert_eq!(ids(&after), ids(&before), "nobody twice");
    assert!(after.to_string().contains("other@contoso.example"));
    assert_eq!(
        ada.api("/overview").await["history"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
