//! A server's directory that commit 044fdb7 wrote: its records, sealed secrets and contacts, under today's server.

use std::fs;
use std::time::Duration;

use host_harness::graph_emulator::{DirectorySource, TenantOptions};
use host_harness::server::{KeySource, Role};
use serde_json::{Value, json};

use super::visit::Place;
use crate::world::older_data::{assert_still_told, copy, of_the_future, told, written};

/// A server that was stopped, with that version's data in the place of its own.
async fn place() -> Place {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let people = tests.join("../host-harness/demo/directory.json");
    // The secret that was sealed then.
    let secret = |tenant: TenantOptions| TenantOptions {
        client_secret: TenantOptions::default().client_secret,
        ..tenant
    };
    let mut place = Place::with(DirectorySource::File(people), secret).await;
    // To 2026-11-28T03:00:00Z: after that version ran, and before the next run is due.
    place.clock.advance(Duration::from_hours(6 * 24 + 19));
    place.stop().await;
    fs::remove_dir_all(place.folder()).unwrap();
    copy(&written("server/data"), place.folder());
    place.options.keys = KeySource::File(place.folder().join("vault.key"));
    place
}

/// Without what a clock, or a place, makes different.
fn lasting(mut told: Value) -> Value {
    let object = told.as_object_mut().unwrap();
    for key in [
        "progress",
        "changes",
        "activity",
        "schedule",
        "connection",
        "lastSuccess",
    ] {
        object.remove(key);
    }
    if let Some(secret) = object.get_mut("secret").and_then(Value::as_object_mut) {
        secret.remove("ageDays");
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_a_sync_opens_the_secret_that_was_sealed_then() {
    let mut place = place().await;
    place.start().await;
    let mut ada = place.visit("demo", "Ada", Role::Administrator).await;
    let then = lasting(told("server/overview.json"));
    assert_still_told(&lasting(ada.api("/overview").await), &then);
    assert_still_told(&ada.api("/contacts").await, &told("server/contacts.json"));
    let settings = ada.api("/settings").await;
    for key in ["preset", "schedule", "rows"] {
        assert_eq!(settings[key], told("server/settings.json")[key], "{key}");
    }
    ada.post_api("/sync", json!({})).await;
    place.server().idle().await;
    let overview = ada.api("/overview").await;
    // Everybody is read, since the tenant is at another address, and some miss a value.
    assert_eq!(overview["status"]["code"], "warnings", "{overview:#}");
    assert_eq!(overview["activeRecords"], 60);
    assert_still_told(&ada.api("/contacts").await, &told("server/contacts.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_later_version_are_refused_before_anything_is_changed() {
    let place = place().await;
    let database = place.folder().join("server.db");
    of_the_future(&database);
    let before = fs::read(&database).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let started = host_harness::server::Server::start(listener, place.options.clone()).await;
    let refused = started.err().expect("it is not opened").to_string();
    assert!(refused.contains("newer"), "{refused}");
    assert_eq!(fs::read(&database).unwrap(), before);
}
