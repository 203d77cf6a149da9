//! Law 8: a poisoned record hurts only itself. It is recorded with a stable code, tried again, given up
//! visibly, and it does not vanish behind the cursor.

use std::sync::Arc;

use host_harness::contract::{LedgerEntry, RunMode, RunStatus};
use host_harness::graph_emulator::Fault;
use serde_json::json;

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::rejecting_store::RejectingStore;
use crate::world::{World, connector, object_id, people, person_with, request};

const RUDE: u32 = 9;

/// Six people, and one whom the store refuses for an address that is none.
async fn with_somebody_rude() -> World {
    let mut users = people(6);
    users.push(person_with(
        RUDE,
        "No",
        "Address",
        json!({ "mail": "no address" }),
    ));
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    world
}

async fn ledger(world: &World) -> Vec<LedgerEntry> {
    world.report().await.ledger.entries
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_whoever_the_store_refuses_is_in_the_ledger_and_the_others_are_written() {
    let world = with_somebody_rude().await;
    assert_eq!(world.linked(6).len(), 6);
    let entries = ledger(&world).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].object_id, object_id(RUDE));
    assert_eq!(entries[0].code, "invalid-email");
    assert_eq!(entries[0].field.as_deref(), Some("email"));
    assert_eq!((entries[0].tries, entries[0].given_up), (1, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_the_next_run_tries_again_although_nothing_changed_in_the_directory() {
    let world = with_somebody_rude().await;
    world.control().clear_requests();
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental);
    assert_eq!((run.counts.processed, run.counts.failed), (1, 1), "{run:?}");
    assert_eq!(ledger(&world).await[0].tries, 2);
    assert_eq!(run.requests, 3, "a token, the changes, one batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_whoever_can_be_written_by_then_is_written_and_leaves_the_ledger() {
    let wordy = person_with(
        RUDE,
        "No",
        "Company",
        json!({ "companyName": "x".repeat(300) }),
    );
    let mut users = people(3);
    users.push(wordy);
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    assert_eq!(ledger(&world).await[0].code, "too-long");
    let shorter = json!({ "companyName": "Contoso" });
    world
        .control()
        .edit_user(&object_id(RUDE), shorter)
        .unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.failed), (1, 0), "{run:?}");
    assert!(ledger(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_after_five_tries_a_record_is_given_up_and_stays_to_be_seen() {
    let world = with_somebody_rude().await;
    for _ in 0..4 {
        world.sync().await;
    }
    let entry = ledger(&world).await.remove(0);
    assert_eq!((entry.tries, entry.given_up), (5, true));
    let run = world.sync().await;
    assert_eq!(run.counts.processed, 0, "left alone: {run:?}");
    assert_eq!(ledger(&world).await[0].tries, 5);
    let overview = world.report().await.ledger;
    assert_eq!((overview.waiting, overview.given_up), (0, 1));

    let run = world.full_sync().await;
    assert_eq!(run.counts.failed, 1, "a full run tries everybody: {run:?}");
    world
        .control()
        .edit_user(
            &object_id(RUDE),
            json!({ "mail": "at.last@contoso.example" }),
        )
        .unwrap();
    let run = world.sync().await;
    assert_eq!(run.counts.created, 1, "and a change is tried, too: {run:?}");
    assert!(ledger(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_one_person_can_be_tried_on_request_given_up_or_not() {
    let world = with_somebody_rude().await;
    for _ in 0..4 {
        world.sync().await;
    }
    let retry = async || {
        connector()
            .retry(&world.workspace, &world.document, &object_id(RUDE))
            .await
            .result
            .unwrap()
            .run
    };
    let run = retry().await;
    assert_eq!((run.trigger.as_str(), run.counts.failed), ("retry", 1));
    assert_eq!(ledger(&world).await[0].tries, 6);
    let better = json!({ "mail": "at.last@contoso.example" });
    world.control().edit_user(&object_id(RUDE), better).unwrap();
    let run = retry().await;
    assert_eq!(
        (run.counts.processed, run.counts.created),
        (1, 1),
        "{run:?}"
    );
    assert!(ledger(&world).await.is_empty());
    let run = world.sync().await;
    assert_eq!(run.counts.unchanged, 1, "the cursor had stayed: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_look_up_that_fails_is_tried_again_by_the_next_run() {
    let sync = json!({ "preset": "mirror", "removed": "delete" });
    let world = World::with(people(20), sync).begin().await;
    world.sync().await;
    world.control().purge_user(&object_id(7)).unwrap();
    world.control().inject(Fault {
        path: Some(format!("/users/{}", object_id(7))),
        status: Some(403),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.counts.failed, 1, "{run:?}");
    assert_eq!(ledger(&world).await[0].code, "lookup-failed");
    assert!(world.contact_of(7).is_some(), "unknown removes nobody");

    world.control().clear_faults();
    let run = world.sync().await;
    assert_eq!((run.mode, run.counts.removed), (RunMode::Incremental, 1));
    assert!(world.contact_of(7).is_none());
    assert!(ledger(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_a_run_that_was_killed_counts_what_the_store_refused() {
    for last_write in 1..=6 {
        let mut users = people(6);
        users.push(person_with(
            RUDE,
            "No",
            "Address",
            json!({ "mail": "no address" }),
        ));
        let mut world = World::with(users, json!({ "preset": "mirror" }))
            .begin()
            .await;
        let store = CrashingStore::new(world.store.clone(), 5_000, last_write, Death::After);
        world.workspace.store = Arc::new(store);
        let _ = world.try_sync(request(RunMode::Full)).await;
        world.workspace.store = world.store.clone();
        world.run(request(RunMode::Full)).await;
        let history = world.report().await.history;
        let created: u64 = history.iter().map(|run| run.counts.created).sum();
        assert_eq!(created, 6, "write {last_write}: {history:?}");
        assert_eq!(ledger(&world).await.len(), 1, "write {last_write}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_what_a_platform_no_longer_refuses_is_written_without_a_change_in_the_directory() {
    let mut world = World::with(people(4), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let users = [object_id(2), object_id(3)];
    let rejecting = Arc::new(RejectingStore::new(world.store.clone(), users));
    world.workspace.store = rejecting.clone();
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.failed), (2, 2), "{run:?}");
    rejecting.relent();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded);
    assert_eq!((run.mode, run.counts.created), (RunMode::Incremental, 2));
    assert_eq!(world.linked(4), [1, 2, 3, 4]);
}
