//! Schedules: due, not twice, made up for once, and going on where a server ended.

use std::time::Duration;

use entra_connector::config::schedule::Schedule as ConnectorSchedule;
use host_harness::graph_emulator::{DirectorySource, Fault};
use host_harness::runtime::WallClock as _;
use host_harness::schedule::Schedule;
use host_harness::server::Server;
use rusqlite::Connection;
use serde_json::json;

use super::visit::Place;

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn runs(place: &Place) -> usize {
    let mut ada = place.administrator("acme").await;
    ada.api("/overview").await["history"]
        .as_array()
        .unwrap()
        .len()
}

async fn due(place: &Place) -> u64 {
    let begun = place.server().start_due();
    place.server().idle().await;
    begun
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_runs_when_it_is_due_and_a_machine_that_slept_makes_up_for_it_once() {
    let mut place = Place::with_people(2).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 2 h" }),
        )
        .await;
    assert_eq!(runs(&place).await, 1);
    place.clock.advance(HOUR);
    due(&place).await;
    assert_eq!(runs(&place).await, 1, "not yet");
    place.clock.advance(HOUR);
    due(&place).await;
    assert_eq!(runs(&place).await, 2);

    // The machine is off for a day and a half.
    place.stop().await;
    place.clock.advance(36 * HOUR);
    place.start().await;
    due(&place).await;
    due(&place).await;
    assert_eq!(runs(&place).await, 3, "once, not eighteen times");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_stops_no_schedule() {
    let place = Place::with_people(2).await;
    // Somebody has set the clock a year ahead, and everything was computed with that.
    let year = 365 * 24 * HOUR;
    place.clock.advance(year);
    let sync = json!({ "preset": "mirror", "schedule": "every 2 h" });
    place.connected("acme", sync).await;
    due(&place).await;
    assert_eq!(runs(&place).await, 1);
    place.clock.set_back(year);
    let mut begun = due(&place).await;
    place.clock.advance(2 * HOUR);
    begun += due(&place).await;
    assert!(begun >= 1, "not a year later");
    let next_ms = place.server().status("acme").unwrap().next_run_ms.unwrap();
    let now_ms = place.clock.since_epoch().as_millis() as i64;
    let two_hours_ms = 2 * HOUR.as_millis() as i64;
    assert!((now_ms..=now_ms + two_hours_ms).contains(&next_ms));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_plan_holds_a_faster_schedule_back_and_says_so() {
    let place = Place::with_people(2).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 5 min" }),
        )
        .await;
    place.clock.advance(Duration::from_secs(10 * 60));
    due(&place).await;
    assert_eq!(runs(&place).await, 1);
    let mut ada = place.administrator("acme").await;
    let note = ada.api("/overview").await["schedule"]["note"].clone();
    assert!(note.as_str().unwrap().contains("60 minutes"), "{note}");
    place.clock.advance(Duration::from_secs(50 * 60));
    due(&place).await;
    assert_eq!(runs(&place).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_schedule_waits_longer_each_time_says_so_and_recovers() {
    let place = Place::with_people(2).await;
    place
        .connected(
            "acme",
            json!({ "preset": "mirror", "schedule": "every 1 h" }),
        )
        .await;
    place.control().set_secret("rotated elsewhere");
    place.control().revoke_access_tokens();
    for failures in 1..=3 {
        // Long enough for any wait.
        place.clock.advance(24 * HOUR);
        due(&place).await;
        assert_eq!(place.server().status("acme").unwrap().failures, failures);
    }
    let mut ada = place.administrator("acme").await;
    let overview = ada.api("/overview").await;
    let note = overview["schedule"]["note"].as_str().unwrap();
    assert!(note.contains("3 scheduled syncs failed"), "{note}");
    assert_eq!(overview["status"]["code"], "failed");
    place.clock.advance(2 * HOUR);
    due(&place).await;
    assert_eq!(
        place.server().status("acme").unwrap().failures,
        3,
        "it waits"
    );

    place.control().set_secret(super::visit::SECRET);
    place.clock.advance(3 * HOUR);
    due(&place).await;
    let standing = place.server().status("acme").unwrap();
    assert_eq!((standing.failures, standing.succeeded), (0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_do_not_overlap_and_the_second_hears_why() {
    let place = Place::with(
        DirectorySource::Synthetic {
            users: 3_000,
            seed: 1,
        },
        |tenant| tenant,
    )
    .await;
    place.add("acme", "mirror");
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.server().sync("acme", true).unwrap();
    let refused = place.server().sync("acme", false).unwrap_err().to_string();
    assert!(refused.contains("sync is going on"), "{refused}");
    place.server().idle().await;
    assert_eq!(runs(&place).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_plans_that_wait_for_their_directory_and_such_a_plan_can_be_stopped() {
    let place = Place::with_people(2).await;
    for id in ["acme", "bolt", "cove"] {
        place.connected(id, json!({ "preset": "mirror" })).await;
    }
    // Where a plan of everybody begins; a sync of what changed does not ask for it.
    place.control().inject(Fault {
        path: Some("deltatoken=latest".to_owned()),
        delay_ms: 2_000,
        ..Fault::default()
    });
    let mut planning = Vec::new();
    for id in ["acme", "bolt"] {
        let mut ada = place.administrator(id).await;
        let begun = ada.post_api("/plan", json!({})).await;
        assert_eq!(begun.status.as_u16(), 202, "{}", begun.body);
        planning.push(ada);
    }
    let before = place.server().status("cove").unwrap();
    place.server().sync("cove", false).unwrap();
    while place.server().status("cove").unwrap().running {
        tokio::task::yield_now().await;
    }
    assert!(before.succeeded && place.server().status("cove").unwrap().succeeded);
    for id in ["acme", "bolt"] {
        assert!(place.server().status(id).unwrap().running, "{id} plans");
    }
    // Neither waits for the other, though one at a time may compute.
    for ada in &mut planning {
        ada.post_api("/stop", json!({})).await;
    }
    place.server().idle().await;
    let mut told = Vec::new();
    for ada in &mut planning {
        told.push(ada.api("/review").await["failure"].to_string());
    }
    assert!(
        told.iter().all(|told| told.contains("\"stopped; ")),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_a_server_had_begun_is_gone_on_with_by_the_next_one() {
    let mut place = Place::with_people(10).await;
    place.add("acme", "mirror");
    place.connect("acme", json!({ "preset": "mirror" })).await;
    // The directory asks for an hour's patience, so that the run is still open when the server ends.
    place.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        times: Some(1),
        status: Some(429),
        retry_after: Some("3600".to_owned()),
        ..Fault::default()
    });
    place.server().sync("acme", true).unwrap();
    while !place.control().faults().is_empty() {
        tokio::task::yield_now().await;
    }
    place.stop().await;
    place.start().await;
    place.server().idle().await;
    let mut ada = place.administrator("acme").await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["activeRecords"], 10, "{overview}");
    let activity = ada.api("/activity").await.to_string();
    assert!(activity.contains("sync-resumed"), "{activity}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_kept_out_of_a_directory_and_leaves_what_goes_on_there_alone() {
    let mut place = Place::with_people(10).await;
    place.add("acme", "mirror");
    place.connect("acme", json!({ "preset": "mirror" })).await;
    place.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        times: Some(1),
        delay_ms: 300,
        ..Fault::default()
    });
    place.server().sync("acme", true).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = Server::start(listener, place.options.clone()).await;
    let refused = second.err().map(|error| error.to_string()).unwrap();
    assert!(refused.contains("already"), "{refused}");
    assert!(refused.contains("--data"), "{refused}");
    assert!(place.server().status("acme").unwrap().running);
    place.server().idle().await;
    assert!(place.server().status("acme").unwrap().succeeded);
    assert_eq!(runs(&place).await, 1);

    // The next one may, as soon as this one has ended, also where somebody still has a page open.
    let mut ada = place.administrator("acme").await;
    ada.get("").await;
    place.stop().await;
    place.start().await;
}

#[test]
fn connector_and_host_agree_on_what_a_schedule_is() {
    for text in [
        "0 6 * * *",
        "*/15 8-18 * * 1-5",
        "30 2 1,15 * *",
        "0 0 * JAN SUN",
        "0 0 * jan sun",
        "every 60 min",
        "every 6 h",
        "every 7 d",
        "every 8 d",
        "every 0 min",
        "every 2 weeks",
        "EVERY 6 h",
        "daily",
        "@daily",
        "0 0 6 * * *",
        "61 6 * * *",
        "0 24 * * *",
        "0 6 * * 8",
        "0 6 L * *",
        "0 6 * * 1#2",
        "0 6 31 2 *",
        "0 6 31 4,6 *",
        "a b c d e",
        "",
        " every 6 h ",
        "0  6  *  *  *",
    ] {
        let connector = ConnectorSchedule::parse(text).map(drop);
        let host = Schedule::parse(text, "UTC").map(drop);
        let told = |result: Result<(), String>| result.err();
        assert_eq!(
            told(connector.map_err(|error| error.to_string())),
            told(host.map_err(|error| error.to_string())),
            "{text:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_read_any_more_is_told_and_holds_no_schedule_back() {
    let mut place = Place::with_people(2).await;
    let schedule = json!({ "preset": "mirror", "schedule": "every 2 h" });
    place.connected("acme", schedule).await;
    place.stop().await;
    let records = Connection::open(place.folder().join("server.db")).unwrap();
    let altered = records.execute("UPDATE workspaces SET job = 'of another version'", []);
    assert_eq!(altered.unwrap(), 1);
    place.start().await;

    let mut ada = place.administrator("acme").await;
    let overview = ada.api("/overview").await;
    assert_eq!(overview["status"]["code"], "failed", "{overview}");
    assert_ne!(overview["schedule"]["nextRun"], json!(null));
    place.clock.advance(2 * HOUR);
    assert_eq!(due(&place).await, 1);
    assert_eq!(ada.api("/overview").await["status"]["code"], "succeeded");
}
