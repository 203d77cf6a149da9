//! The directory tells the server of changes: from the change to the contact without a schedule, and nothing that
//! a stranger sends leads to anything.

use std::time::Duration;

use host_harness::graph_emulator::{Behaviour, LifecycleEvent};
use host_harness::server::Role;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::visit::{Place, Visit};
use crate::world::object_id;

async fn told() -> Place {
    let place = Place::told_of_changes(8).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    assert_eq!(place.control().subscriptions().len(), 1);
    place
}

/// The address at which the directory was asked to tell.
fn address(place: &Place) -> String {
    let made = &place.control().subscriptions()[0];
    made["notificationUrl"].as_str().unwrap().to_owned()
}

fn rename(place: &Place, id: u32, name: &str) {
    let change = json!({ "givenName": name });
    place.control().edit_user(&object_id(id), change).unwrap();
}

/// The names of the contacts, once they have this one.
async fn until_named(visit: &mut Visit, name: &str) {
    for _ in 0..2_000 {
        let contacts = visit.api("/contacts").await.to_string();
        if contacts.contains(name) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody is called {name}");
}

/// The status that is answered where a body of so many bytes is announced and none of it sent.
async fn announced(place: &Place, address: &str, bytes: usize) -> u16 {
    let origin = &place.options.public_url;
    let host = origin.strip_prefix("http://").unwrap();
    let path = address.strip_prefix(origin.as_str()).unwrap_or(address);
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    let line = std::str::from_utf8(&answer).unwrap();
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

async fn runs(visit: &mut Visit) -> Vec<Value> {
    let history = visit.api("/overview").await["history"].clone();
    history.as_array().unwrap().clone()
}

/// Waits until there were so many runs.
async fn until_runs(visit: &mut Visit, count: usize) -> Vec<Value> {
    for _ in 0..2_000 {
        let runs = runs(visit).await;
        if runs.len() >= count && runs.iter().all(|run| run["status"] != "running") {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("there were no {count} runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_the_directory_is_in_the_contacts_without_a_schedule() {
    let place = told().await;
    let mut ada = place.administrator("acme").await;
    rename(&place, 3, "Zerlina");
    until_named(&mut ada, "Zerlina").await;
    place.server().idle().await;
    let runs = runs(&mut ada).await;
    assert!(
        runs.iter().any(|run| run["trigger"] == "notification"),
        "{runs:?}"
    );
    let note = ada.api("/overview").await["schedule"]["note"].clone();
    assert!(note.as_str().unwrap().contains("Microsoft tells"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_microsoft_asks_is_said_back_as_text_exactly_and_html_stays_text() {
    let place = told().await;
    let address = address(&place);
    let mut microsoft = Visit::stranger(&place.options.public_url);
    for (sent, said) in [
        (
            "Validation%3A+Testing+client%20application",
            "Validation: Testing client application",
        ),
        (
            "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "<script>alert(1)</script>",
        ),
        ("%2541+%2B", "%41 +"),
    ] {
        let question = format!("{address}?validationToken={sent}");
        let answer = microsoft.post_anything(&question, Vec::new()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, said);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let long = format!("{address}?validationToken={}", "x".repeat(4_000));
    let answer = microsoft.post_anything(&long, Vec::new()).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (StatusCode::BAD_REQUEST, "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_sends_is_answered_before_it_is_read_and_leads_to_nothing() {
    let place = told().await;
    let mut ada = place.administrator("acme").await;
    let before = runs(&mut ada).await.len();
    let known = address(&place);
    let mut stranger = Visit::stranger(&place.options.public_url);
    for path in [
        "/notify/acme/guess".to_owned(),
        "/notify/nobody/guess".to_owned(),
        known[..known.len() - 1].to_owned(),
        known.replace("/acme/", "/other/"),
        format!("{known}x"),
    ] {
        let question = format!("{path}?validationToken=reflected");
        for path in [&path, &question] {
            let answer = stranger.post_anything(path, b"{}".to_vec()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.body.contains("reflected"));
        }
        assert_eq!(announced(&place, &path, 10 << 20).await, 404, "{path}");
    }
    // With the right address and nothing genuine in it: taken, judged, and no run.
    for body in [
        &b"{"[..],
        b"",
        br#"{"value": [{"clientState": "guessed", "subscriptionId": "x", "tenantId": "y"}]}"#,
    ] {
        let answer = stranger.post_anything(&known, body.to_vec()).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::ACCEPTED, ""));
    }
    place.server().start_due();
    place.server().idle().await;
    assert_eq!(runs(&mut ada).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_are_refused_and_a_flood_is_told_to_come_later() {
    let place = told().await;
    let address = address(&place);
    let mut stranger = Visit::stranger(&place.options.public_url);
    assert_eq!(announced(&place, &address, 10 << 20).await, 413);
    let mut refused = 0;
    for _ in 0..700 {
        let answer = stranger.post_anything(&address, b"{}".to_vec()).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0);
    place.server().idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_notifications_leads_to_few_runs_one_after_another() {
    let place = told().await;
    place.control().set_behaviour(Behaviour {
        notifications_per_change: 20,
        notifications_repeated: true,
        ..Behaviour::default()
    });
    let mut ada = place.administrator("acme").await;
    for number in 0..30 {
        rename(&place, 1 + number % 8, &format!("Name{number}"));
    }
    rename(&place, 5, "Zerlina");
    until_named(&mut ada, "Zerlina").await;
    place.server().idle().await;
    let runs = runs(&mut ada).await;
    assert!(runs.len() < 20, "{} runs for 31 changes", runs.len());
    assert!(
        runs.iter().all(|run| run["status"] == "succeeded"),
        "{runs:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_comes_before_the_change_shows_leads_to_one_more_sync() {
    let place = told().await;
    place.control().set_behaviour(Behaviour {
        visibility_delay_seconds: 60,
        ..Behaviour::default()
    });
    let mut ada = place.administrator("acme").await;
    rename(&place, 3, "Zerlina");
    let seen = until_runs(&mut ada, 2).await;
    assert_eq!(seen.last().unwrap()["trigger"], "notification");
    place.server().idle().await;
    assert!(!ada.api("/contacts").await.to_string().contains("Zerlina"));
    place.control().advance_clock(Duration::from_secs(60));
    place.clock.advance(Duration::from_secs(3 * 60));
    place.server().start_due();
    until_named(&mut ada, "Zerlina").await;
    place.server().idle().await;
    let count = runs(&mut ada).await.len();
    // Once, and not for ever.
    place.clock.advance(Duration::from_secs(3 * 60));
    place.server().start_due();
    place.server().idle().await;
    assert_eq!(runs(&mut ada).await.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_arrives_the_schedule_finds_the_change() {
    let place = told().await;
    place.control().set_behaviour(Behaviour {
        every_notification_lost: 1,
        ..Behaviour::default()
    });
    let mut ada = place.administrator("acme").await;
    rename(&place, 3, "Zerlina");
    place.clock.advance(Duration::from_secs(2 * 3_600));
    place.server().start_due();
    until_named(&mut ada, "Zerlina").await;
    place.server().idle().await;
    let last = runs(&mut ada).await.pop().unwrap();
    assert_eq!(last["trigger"], "schedule");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_the_subscription_is_seen_to_at_once() {
    let place = told().await;
    let mut ada = place.administrator("acme").await;
    let id = place.control().subscriptions()[0]["id"].clone();
    let event = LifecycleEvent::SubscriptionRemoved;
    place
        .control()
        .tell_lifecycle(id.as_str().unwrap(), event)
        .unwrap();
    until_runs(&mut ada, 2).await;
    place.server().idle().await;
    let anew = place.control().subscriptions();
    assert_eq!(anew.len(), 1);
    assert_ne!(anew[0]["id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_is_gone_is_told_of_nothing_and_takes_what_still_comes() {
    let place = told().await;
    let address = address(&place);
    let mut ada = place.administrator("acme").await;
    let before = runs(&mut ada).await.len();
    let answer = ada.post_api("/disconnect", json!({})).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    place.server().idle().await;
    assert!(
        place.control().subscriptions().is_empty(),
        "the directory was told"
    );
    let mut microsoft = Visit::stranger(&place.options.public_url);
    let late = microsoft
        .post_anything(&address, b"{\"value\": []}".to_vec())
        .await;
    assert_eq!(late.status, StatusCode::ACCEPTED);
    place.server().start_due();
    place.server().idle().await;
    assert_eq!(runs(&mut ada).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_stays_over_a_restart_and_is_told_to_nobody() {
    let mut place = told().await;
    let address = address(&place);
    let (_, secret) = address.rsplit_once('/').unwrap();
    let mut ada = place.administrator("acme").await;
    let mut max = place.visit("acme", "Max", Role::Member).await;
    for visit in [&mut ada, &mut max] {
        for path in ["", "/activity", "/setup/connect"] {
            assert!(!visit.get(path).await.body.contains(secret), "{path}");
        }
    }
    place.stop().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    drop(listener);
    place.start().await;
    // At another port it is another address, behind which the same part keeps strangers out.
    place.sync("acme", false).await;
    let moved = self::address(&place);
    assert_ne!(moved, address);
    assert!(moved.ends_with(secret));
    assert_eq!(place.control().subscriptions().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_limit_has_stopped_waits_for_a_person_whatever_is_told() {
    let place = told().await;
    place.control().set_behaviour(Behaviour {
        notification_delay_ms: 300,
        ..place.control().behaviour()
    });
    for id in 1..=7 {
        place.control().delete_user(&object_id(id)).unwrap();
    }
    let mut ada = place.administrator("acme").await;
    let stopped = until_runs(&mut ada, 2).await;
    assert_eq!(stopped[1]["status"], "blocked", "{stopped:?}");
    rename(&place, 8, "Zerlina");
    // Twice as long as a notification and the look at what waits take.
    tokio::time::sleep(Duration::from_secs(3)).await;
    place.server().idle().await;
    assert_eq!(runs(&mut ada).await.len(), 2);
}
