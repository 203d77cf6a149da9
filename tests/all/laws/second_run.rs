//! Law 3: the second run writes nothing. On an unchanged directory a second sync changes no contact,
//! and an incremental one makes at most two Graph requests.

use host_harness::contract::{RunMode, RunStatus};
use serde_json::{Value, json};

use crate::world::messy::{messy, seed};

async fn a_second_run_writes_nothing(sync: Value) {
    let mut messy = messy(sync, seed()).await;
    messy.world.full_sync().await;
    messy.a_week_passes();
    let world = &messy.world;
    world.sync().await;
    // Only a full round sees what was edited here, where the directory's values come first.
    world.full_sync().await;
    let before = world.snapshot();

    let full = world.full_sync().await;
    assert_eq!(full.mode, RunMode::Full);
    assert!(full.counts.processed > 1_000, "{:?}", full.counts);
    assert_eq!(world.snapshot(), before, "full, versions included");

    world.control().clear_requests();
    let incremental = world.sync().await;
    assert_eq!(incremental.mode, RunMode::Incremental);
    assert_eq!(incremental.counts.processed, 0);
    assert_eq!(world.snapshot(), before, "incremental, versions included");
    let asked = world.control().overview().counters;
    assert!(asked.requests <= 2, "{asked:?}");
    assert_eq!(incremental.requests, asked.requests);

    for run in [full, incremental] {
        let counts = run.counts;
        assert_eq!((counts.created, counts.updated, counts.removed), (0, 0, 0));
        assert!(
            matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
            "{:?}",
            run.errors
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_3_a_second_sync_of_an_additive_workspace_writes_nothing() {
    a_second_run_writes_nothing(json!({ "preset": "additive" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_3_a_second_sync_of_a_mirror_writes_nothing_whoever_wins_a_conflict() {
    for conflict in ["source-wins", "keep-local", "merge"] {
        a_second_run_writes_nothing(json!({ "preset": "mirror", "conflict": conflict })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_3_a_second_sync_of_a_lifecycle_workspace_writes_nothing() {
    a_second_run_writes_nothing(json!({ "preset": "lifecycle", "list": { "name": "Staff" } }))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_3_a_second_sync_of_a_messaging_workspace_writes_nothing() {
    a_second_run_writes_nothing(json!({
        "mapping": {
            "displayName": "contact_name",
            "mobilePhone": "phone_number",
            "mail": "email",
            "department": "group",
        },
    }))
    .await;
}
