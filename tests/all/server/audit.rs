//! The audit log: complete, exported, and not edited.

use host_harness::server::Operator;
use http::StatusCode;
use serde_json::json;

use super::visit::Place;
use crate::world::object_id;

#[tokio::test(flavor = "multi_thread")]
async fn what_people_and_the_server_did_is_in_the_log_and_can_be_taken_away() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let mut ada = place.administrator("acme").await;
    ada.post("", "/sync", &[("mode", "full")]).await;
    place.server().idle().await;
    ada.post("", "/plan", &[]).await;
    place.server().idle().await;
    let somebody = object_id(1);
    ada.post("", "/retry", &[("user", &somebody)]).await;
    place.server().idle().await;

    let csv = ada.get("/activity.csv").await;
    assert_eq!(csv.status, StatusCode::OK);
    assert!(
        csv.header("content-disposition")
            .contains("acme-activity.csv")
    );
    assert!(
        csv.body.starts_with("number,at,who,action,subject\n"),
        "{}",
        csv.body
    );
    for (who, action) in [
        ("operator", "workspace-made"),
        ("operator", "settings-saved"),
        ("operator", "secret-set"),
        ("connector", "secret-used"),
        ("operator", "connection-tested"),
        ("operator", "connected"),
        ("operator", "sync-started"),
        ("server", "sync-ended"),
        ("operator", "invited"),
        ("Ada", "signed-in"),
        ("Ada", "full-sync-started"),
        ("Ada", "plan-started"),
        ("server", "planned"),
    ] {
        assert!(
            csv.body.contains(&format!(",{who},{action},")),
            "{who} {action}:\n{}",
            csv.body
        );
    }
    let tried = format!(",Ada,retry-started,{somebody}");
    assert!(csv.body.contains(&tried), "{}", csv.body);
    let entries = ada.get("/activity.json").await.json();
    let entries = entries.as_array().unwrap().len();
    assert_eq!(entries + 1, csv.body.lines().count());
    assert!(entries >= 11);

    let operator = Operator::open(&place.options).unwrap();
    // And that the server was started, which is no workspace's.
    assert_eq!(
        operator.verify_audit(None).unwrap().entries,
        entries as u64 + 1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fills_the_log_that_all_workspaces_share() {
    let place = Place::with_people(2).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    place.add("quiet", "mirror");
    let mut ada = place.administrator("acme").await;
    let mut quiet = place.administrator("quiet").await;
    let size = || -> u64 {
        let files = ["server.db", "server.db-wal"].map(|name| place.folder().join(name));
        files
            .iter()
            .map(|file| std::fs::metadata(file).map_or(0, |file| file.len()))
            .sum()
    };
    let before = size();
    let long = "x".repeat(20_000);
    let mut refused = 0;
    for _ in 0..200 {
        let answer = ada.post_api("/retry", json!({ "user": long })).await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    // 120 at once and one a second: a machine may be so slow that few are too many.
    println!("{refused} were too many");
    assert!(size() - before < 4 << 20, "{} bytes", size() - before);
    // Reading goes on, and so does everything in the other workspaces.
    ada.api("/overview").await;
    let answer = quiet.post_api("/disconnect", json!({})).await;
    assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}
