//! What is edited here is found without reading everybody: through the component, over SQLite, against the local
//! Graph, with what is asked of both sides counted.

use std::sync::Arc;

use host_harness::contract::{Run, RunMode, RunStatus};
use serde_json::{Value, json};

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::messy::{Random, seed};
use crate::world::{World, object_id, people, request};

const PEOPLE: u32 = 40;
/// A page of eight people makes two commits.
const BATCH: u32 = 10;

/// People in step, whose job titles go both ways, and nothing asked so far.
async fn world_in_step() -> World {
    let anything = json!({ "count": 1_000, "percent": 100, "floor": 1_000 });
    let sync = json!({
        "preset": "mirror",
        "mapping": {
            "givenName": "first_name",
            "mail": "email",
            "jobTitle": { "field": "job_title", "direction": "two-way" },
        },
        "limits": { "directory": anything, "directoryBlanks": anything },
    });
    let roles = ["User.Read.All", "User.ReadWrite.All"].map(str::to_owned);
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| {
            options.tenant.roles = roles.to_vec();
            options.tenant.permissions = roles.to_vec();
        })
        .begin()
        .await;
    assert_eq!(world.sync().await.mode, RunMode::Full);
    world.control().clear_requests();
    world
}

/// A run of what changed, and the requests that it made.
async fn sync(world: &World) -> (Run, Vec<String>) {
    world.control().clear_requests();
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental);
    let requests = world.control().requests();
    let asked = requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.path()));
    (run, asked.collect())
}

fn count(asked: &[String], what: &str) -> usize {
    asked.iter().filter(|asked| asked.contains(what)).count()
}

/// What the directory holds.
fn title(world: &World, id: u32) -> Option<String> {
    let user = world.control().user(&object_id(id)).unwrap();
    let title = user.get("jobTitle").and_then(Value::as_str);
    title.map(str::to_owned)
}

fn assert_title(world: &World, id: u32, everywhere: &str) {
    assert_eq!(title(world, id).as_deref(), Some(everywhere), "{id}");
    let here = world.field_of(id, "job_title");
    assert_eq!(here.as_deref(), Some(everywhere), "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_changes_on_either_side_is_two_requests_at_most_and_no_write() {
    let world = world_in_step().await;
    let before = world.snapshot();
    let (run, asked) = sync(&world).await;
    assert!(asked.len() <= 2, "{asked:?}");
    assert_eq!(run.counts.processed, 0);
    let counters = world.control().overview().counters;
    assert_eq!(counters.writes, 0);
    assert_eq!(world.snapshot(), before, "versions included");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_one_batch_that_compares_and_one_that_writes_and_nobody_else_is_read() {
    let world = world_in_step().await;
    for id in 1..=20 {
        world.edit_here(id, "job_title", Some("Head of Sales"));
    }
    let (run, asked) = sync(&world).await;
    assert_eq!((run.counts.processed, run.counts.updated), (20, 20));
    assert_eq!(count(&asked, "/$batch"), 2, "{asked:?}");
    assert_eq!(count(&asked, "PATCH "), 20);
    assert_eq!(count(&asked, "/users/delta"), 1);
    let other = |asked: &&String| asked.ends_with("/users") || asked.ends_with("$count");
    assert_eq!(asked.iter().filter(other).count(), 0, "{asked:?}");
    (1..=20).for_each(|id| assert_title(&world, id, "Head of Sales"));

    // The echo is one page of changes, and then nothing is left to do.
    let before = world.snapshot();
    for _ in 0..2 {
        let (run, asked) = sync(&world).await;
        assert_eq!(run.counts.unchanged, run.counts.processed);
        assert_eq!(count(&asked, "PATCH "), 0);
    }
    assert!(sync(&world).await.1.len() <= 2);
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_both_sides_changed_the_person_is_asked_for_and_the_rest_is_not_read() {
    let world = world_in_step().await;
    for id in [1, 2] {
        world.edit_here(id, "job_title", Some("Head of Sales"));
    }
    let change = json!({ "jobTitle": "Chief", "givenName": "Jo" });
    world.control().edit_user(&object_id(2), change).unwrap();
    let (run, _) = sync(&world).await;
    assert_eq!(run.counts.failed, 0, "{run:?}");
    assert_title(&world, 1, "Head of Sales");
    assert_title(&world, 2, "Chief");
    assert_eq!(world.field_of(2, "first_name").as_deref(), Some("Jo"));
    assert!(
        run.warnings
            .iter()
            .any(|warning| warning.message.contains("edited on both sides")),
        "{run:?}"
    );
}

/// Edits here, changes there, and both of one person.
async fn moved_world() -> World {
    let world = world_in_step().await;
    for id in 1..=12 {
        world.edit_here(id, "job_title", Some("Head of Sales"));
    }
    for id in 12..=14 {
        let change = json!({ "jobTitle": "Chief" });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    world.control().clear_requests();
    world
}

/// Whom the directory was given something of, each as often as that was done.
fn given(world: &World) -> Vec<String> {
    let requests = world.control().requests();
    let patches = requests.iter().filter(|request| request.method == "PATCH");
    let user = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut given: Vec<_> = patches.map(|request| user(request.path())).collect();
    given.sort_unstable();
    given
}

fn assert_settled(world: &World, others: &[u32], place: &str) {
    (1..=11).for_each(|id| assert_title(world, id, "Head of Sales"));
    (12..=14).for_each(|id| assert_title(world, id, "Chief"));
    let once: Vec<_> = (1..=11)
        .chain(others.iter().copied())
        .map(object_id)
        .collect();
    assert_eq!(given(world), once, "{place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_at_any_write_of_the_store_loses_no_edit_and_sends_none_twice() {
    let mut world = moved_world().await;
    let living = Arc::new(CrashingStore::immortal(world.store.clone(), BATCH));
    world.workspace.store = living.clone();
    world.sync().await;
    world.workspace.store = world.store.clone();
    assert_settled(&world, &[], "unbroken");
    let writes = living.calls();
    assert!(writes >= 5, "{writes}");

    for death in [Death::Before, Death::After, Death::Told] {
        for last in 1..=writes {
            let place = format!("{death:?} {last}");
            let mut world = moved_world().await;
            let store = CrashingStore::new(world.store.clone(), BATCH, last, death);
            world.workspace.store = Arc::new(store);
            let _ = world.try_sync(request(RunMode::Incremental)).await;
            world.workspace.store = world.store.clone();
            // Somebody edits on, whom the run that died has not seen.
            world.edit_here(20, "job_title", Some("Later"));
            for _ in 0..2 {
                let run = world.sync().await;
                let is_done = matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings);
                assert!(is_done, "{place}: {run:?}");
            }
            assert_title(&world, 20, "Later");
            assert_settled(&world, &[20], &place);
        }
    }
}

/// Lives in the normal run; each is a function of its seed.
const LIVES: u64 = 24;
/// People to whom something happens.
const TOUCHED: u64 = 5;

/// Edits on both sides, syncs, and syncs that die; then quiet.
async fn live(seed: u64) {
    let mut world = world_in_step().await;
    let mut random = Random::new(seed);
    for _ in 0..8 {
        let id = u32::try_from(1 + random.below(TOUCHED)).unwrap();
        let value = [None, Some("A"), Some("B"), Some("C")][random.below(4) as usize];
        match random.below(8) {
            0..=2 => world.edit_here(id, "job_title", value),
            3 | 4 => {
                let title = json!({ "jobTitle": value });
                world.control().edit_user(&object_id(id), title).unwrap();
            }
            5 => {
                let name = json!({ "givenName": format!("Given{}", random.below(100)) });
                world.control().edit_user(&object_id(id), name).unwrap();
            }
            6 => drop(world.sync().await),
            _ => {
                let death = [Death::Before, Death::After, Death::Told][random.below(3) as usize];
                let last = 1 + random.below(6) as usize;
                let store = CrashingStore::new(world.store.clone(), BATCH, last, death);
                world.workspace.store = Arc::new(store);
                let _ = world.try_sync(request(RunMode::Incremental)).await;
                world.workspace.store = world.store.clone();
            }
        }
    }
    for _ in 0..2 {
        let run = world.sync().await;
        assert_eq!(run.counts.failed, 0, "TEST_SEED={seed}: {run:?}");
    }
    for id in 1..=u32::try_from(TOUCHED).unwrap() {
        let here = world.field_of(id, "job_title");
        assert_eq!(title(&world, id), here, "TEST_SEED={seed}: {id}");
    }
    let before = world.snapshot();
    let (run, asked) = sync(&world).await;
    assert_eq!(
        run.counts.processed, run.counts.unchanged,
        "TEST_SEED={seed}"
    );
    assert_eq!(count(&asked, "PATCH "), 0, "TEST_SEED={seed}");
    // Who was not edited or changed need not be looked at, and everybody is in step all the same.
    let everybody = world.full_sync().await;
    assert_eq!(
        everybody.counts.unchanged,
        u64::from(PEOPLE),
        "TEST_SEED={seed}"
    );
    assert_eq!(world.snapshot(), before, "TEST_SEED={seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_life_two_runs_over_what_was_edited_leave_both_sides_in_step() {
    let first = seed();
    let lives: u64 = match std::env::var("HISTORIES") {
        Ok(histories) => histories.parse().unwrap(),
        Err(_) => LIVES,
    };
    for number in 0..lives {
        live(first.wrapping_add(number)).await;
    }
}
