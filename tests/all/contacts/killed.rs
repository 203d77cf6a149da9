//! Law 7 for them: the process is killed at each write of a run, and the next one makes it good.

use std::sync::Arc;

use host_harness::contract::{RunMode, RunStatus};
use serde_json::json;

use super::{contact, contact_id, included, world};
use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::{World, object_id, request};

const BATCH: u32 = 4;

/// Users and organisational contacts who were synced once, and of whom some changed, left and came since.
async fn changed_world() -> World {
    let mut sync = included();
    sync["removed"] = json!("delete");
    sync["listing"] = json!({ "pageSize": 3 });
    let world = world(sync).await;
    world.sync().await;
    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    control.delete_contact(&contact_id(1)).unwrap();
    for id in 2..=4 {
        let change = json!({ "surname": "Changed", "phones": [] });
        control.edit_contact(&contact_id(id), change).unwrap();
    }
    control.add_contact(contact(6)).unwrap();
    world
}

async fn killed_at_every_write(mode: RunMode) {
    let mut unbroken = changed_world().await;
    let store = Arc::new(CrashingStore::new(
        unbroken.store.clone(),
        BATCH,
        0,
        Death::Before,
    ));
    unbroken.workspace.store = store.clone();
    let run = unbroken.run(request(mode)).await;
    assert_eq!(run.counts.removed, 2, "{run:?}");
    let (expected, writes) = (unbroken.essence(), store.calls());
    assert!(writes >= 3, "{writes} writes");
    for write in 1..=writes {
        for death in [Death::Before, Death::After] {
            let place = format!("{mode:?}, write {write} of {writes}, {death:?}");
            let mut world = changed_world().await;
            let store = CrashingStore::new(world.store.clone(), BATCH, write, death);
            world.workspace.store = Arc::new(store);
            let answer = world.try_sync(request(mode)).await;
            assert!(answer.is_err(), "{place}: {answer:?}");
            world.workspace.store = world.store.clone();
            let run = world.run(request(mode)).await;
            assert!(
                matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
                "{place}: {run:?}"
            );
            assert_eq!(world.essence(), expected, "{place}");
            assert_eq!(world.sync().await.counts.processed, 0, "{place}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incremental_run_killed_at_any_write_is_made_good() {
    killed_at_every_write(RunMode::Incremental).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_killed_at_any_write_is_made_good() {
    killed_at_every_write(RunMode::Full).await;
}
