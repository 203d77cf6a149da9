//! Law 7: the cursor moves only with durable effects. Whatever a run is cut into, and wherever it is
//! killed, the next run ends in the same state as an unbroken one.

use std::sync::Arc;

use host_harness::contract::{Run, RunMode, RunStatus, SliceEnd};
use host_harness::graph_emulator::Fault;
use serde_json::{Value, json};

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::messy::{messy, seed};
use crate::world::snapshot::ContactSnapshot;
use crate::world::{World, connector, object_id, people, person, person_with, request};

/// Slices of one page each, from a fresh instance each; how many there were.
async fn page_by_page(world: &World, mode: RunMode) -> (Run, u32) {
    let mut request = request(mode);
    request.slice.max_pages = Some(1);
    for slices in 1..1_000 {
        let result = world.try_sync(request.clone()).await.unwrap();
        if result.end == SliceEnd::Finished {
            return (result.run, slices);
        }
    }
    panic!("the run does not come to an end");
}

async fn slices_come_to_the_same(sync: Value) {
    let mut whole = messy(sync.clone(), seed()).await;
    let mut sliced = messy(sync, seed()).await;
    for mode in [RunMode::Full, RunMode::Incremental, RunMode::Full] {
        let run = whole.world.run(request(mode)).await;
        let (last, slices) = page_by_page(&sliced.world, mode).await;
        assert!(slices >= 3, "{slices} slices");
        assert_eq!(last.mode, run.mode);
        assert_eq!(
            format!("{:?} {:?}", last.counts, last.skips),
            format!("{:?} {:?}", run.counts, run.skips)
        );
        assert_eq!(sliced.world.essence(), whole.world.essence(), "{mode:?}");
        whole.a_week_passes();
        sliced.a_week_passes();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_mirror_in_slices_of_a_page_ends_as_one_in_one_go() {
    slices_come_to_the_same(json!({ "preset": "mirror", "removed": "delete" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_lifecycle_workspace_in_slices_of_a_page_ends_as_one_in_one_go() {
    slices_come_to_the_same(json!({ "preset": "lifecycle" })).await;
}

const PEOPLE: u32 = 25;
/// Changes of one commit: fewer than the contract lets a store take, so that a page of seven people
/// makes two portions.
const BATCH: u32 = 4;

/// People who were synced once, and whose directory has changed in every way since.
async fn changed_world(mode: RunMode) -> World {
    let sync = json!({
        "preset": "mirror",
        "removed": "delete",
        "limits": { "removals": { "count": 100, "percent": 100, "floor": 100 } },
    });
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| options.delta_page_size = 7)
        .begin()
        .await;
    world.add_contact(&[("email", "link.me@contoso.example"), ("company", "Here")]);
    world.sync().await;
    let control = world.control();
    for id in 1..=3 {
        control.delete_user(&object_id(id)).unwrap();
    }
    control.purge_user(&object_id(4)).unwrap();
    for id in 5..=9 {
        let change = json!({ "surname": "Changed", "mobilePhone": null });
        control.edit_user(&object_id(id), change).unwrap();
    }
    for id in 101..=104 {
        control
            .add_user(person(id, "New", &format!("Hire{id}")))
            .unwrap();
    }
    control.add_user(person(105, "Link", "Me")).unwrap();
    let rude = json!({ "mail": "no address" });
    control
        .add_user(person_with(106, "Rude", "Record", rude))
        .unwrap();
    if mode == RunMode::Full {
        // The change feed lists everybody, seven a page.
        control.inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
    }
    world
}

/// How an unbroken run ends, and how many writes it takes.
async fn unbroken(mode: RunMode) -> (Vec<ContactSnapshot>, usize) {
    let mut world = changed_world(mode).await;
    let store = Arc::new(CrashingStore::immortal(world.store.clone(), BATCH));
    world.workspace.store = store.clone();
    let run = world.run(request(mode)).await;
    assert_eq!(run.counts.removed, 4, "{run:?}");
    assert_eq!(run.counts.failed, 1, "{run:?}");
    (world.essence(), store.calls())
}

async fn killed_anywhere_the_next_run_ends_the_same(mode: RunMode) {
    let (expected, writes) = unbroken(mode).await;
    assert!(writes >= 6, "{writes} writes");
    for last_write in 1..=writes {
        for death in [Death::Before, Death::After, Death::Told] {
            let mut world = changed_world(mode).await;
            let store = CrashingStore::new(world.store.clone(), BATCH, last_write, death);
            world.workspace.store = Arc::new(store);
            let error = world.try_sync(request(mode)).await;
            assert!(error.is_err(), "write {last_write}, {death:?}");

            world.workspace.store = world.store.clone();
            let run = world.run(request(mode)).await;
            assert!(
                matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
                "write {last_write}, {death:?}: {run:?}"
            );
            assert_eq!(world.essence(), expected, "write {last_write}, {death:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_incremental_run_that_is_killed_at_any_write_is_made_good_by_the_next() {
    killed_anywhere_the_next_run_ends_the_same(RunMode::Incremental).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_full_run_that_is_killed_at_any_write_is_made_good_by_the_next() {
    killed_anywhere_the_next_run_ends_the_same(RunMode::Full).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_call_that_the_host_drops_is_made_good_by_the_next() {
    let (expected, writes) = unbroken(RunMode::Incremental).await;
    for last_write in 1..=writes {
        let mut world = changed_world(RunMode::Incremental).await;
        let store = CrashingStore::new(world.store.clone(), BATCH, last_write, Death::After);
        let store = Arc::new(store);
        world.workspace.store = store.clone();
        let request = request(RunMode::Incremental);
        tokio::select! {
            biased;
            () = store.death() => {}
            answer = connector().sync(&world.workspace, &world.document, request) => {
                // The answer was quicker than the news of the store's death.
                assert!(answer.result.is_err());
            }
        }
        world.workspace.store = world.store.clone();
        world.sync().await;
        assert_eq!(
            world.essence(),
            expected,
            "dropped after write {last_write}"
        );
    }
}
