//! Law 12: counts add up. processed = created + updated + unchanged + skipped + removed + failed,
//! for every run, and equal to what the store says.

use host_harness::contract::{Run, RunMode, RunStatus, SliceEnd};
use host_harness::graph_emulator::{Behaviour, DirectorySource, Fault};
use host_harness::store::StoreOptions;
use serde_json::{Value, json};

use crate::world::messy::{messy, seed};
use crate::world::snapshot::Snapshot;
use crate::world::{World, object_id, people, person_with, request};

fn assert_adds_up(run: &Run) {
    let counts = &run.counts;
    assert_eq!(
        counts.processed,
        counts.created
            + counts.updated
            + counts.unchanged
            + counts.skipped
            + counts.removed
            + counts.failed,
        "{run:?}"
    );
    let skips: u64 = run.skips.iter().map(|skip| skip.count).sum();
    assert_eq!(skips, counts.skipped, "every skip has a reason: {run:?}");
}

/// The run's numbers against what it did to the store.
fn assert_tells_what_the_store_shows(run: &Run, before: &Snapshot, after: &Snapshot) {
    assert_adds_up(run);
    let created = after.keys().filter(|id| !before.contains_key(*id)).count();
    let removed = before.iter().filter(|(id, was)| match after.get(*id) {
        None => true,
        Some(is) => (was.user.is_some() && is.user.is_none()) || (was.active && !is.active),
    });
    let removed = removed.count();
    let written = before
        .iter()
        .filter(|(id, was)| after.get(*id).is_none_or(|is| is.version != was.version))
        .count();
    let counts = &run.counts;
    assert_eq!(counts.created, created as u64, "{run:?}");
    assert_eq!(counts.removed, removed as u64, "{run:?}");
    assert_eq!(counts.updated, (written - removed) as u64, "{run:?}");
}

async fn run_and_check(world: &World, mode: RunMode) -> Run {
    let before = world.snapshot();
    let run = world.run(request(mode)).await;
    assert_tells_what_the_store_shows(&run, &before, &world.snapshot());
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_the_counts_of_a_messy_life_are_what_the_store_shows() {
    for preset in ["additive", "mirror", "lifecycle"] {
        let mut messy = messy(json!({ "preset": preset }), seed()).await;
        for mode in [RunMode::Full, RunMode::Incremental, RunMode::Full] {
            run_and_check(&messy.world, mode).await;
            messy.a_week_passes();
        }
    }
}

/// People of whom the store refuses two, the mapping one and the preset one.
fn troublesome() -> Vec<Value> {
    let mut people = people(6);
    let otherwise = [
        json!({ "mail": "no address at all" }),
        json!({ "mail": "two words@contoso.example" }),
        json!({ "givenName": "x".repeat(65) }),
        json!({ "surname": null }),
    ];
    for (number, otherwise) in (11..).zip(otherwise) {
        people.push(person_with(
            number,
            "Given",
            &format!("Number{number}"),
            otherwise,
        ));
    }
    people
}

fn demanding() -> StoreOptions {
    StoreOptions {
        mandatory: vec!["last_name".to_owned()],
        ..StoreOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_records_that_cannot_be_written_are_counted_as_failed_or_skipped() {
    let world = World::with(troublesome(), json!({ "preset": "mirror" }))
        .store(demanding())
        .begin()
        .await;
    let run = run_and_check(&world, RunMode::Full).await;
    let counts = &run.counts;
    assert_eq!((counts.created, counts.skipped, counts.failed), (6, 1, 3));
    assert_eq!(run.skips[0].reason, "missing-mandatory");
    assert_eq!(run.status, RunStatus::Warnings);
    let mut codes: Vec<_> = run
        .errors
        .iter()
        .map(|error| (error.code.as_str(), error.count))
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [("invalid-email", 2), ("too-long", 1)]);
    assert_eq!(
        world.report().await.history[0].counts.failed,
        3,
        "the record says so, too"
    );

    // A linked contact keeps what it must not lose, and the next value that it cannot take fails.
    world
        .control()
        .edit_user(
            &object_id(1),
            json!({ "surname": null, "givenName": "y".repeat(65) }),
        )
        .unwrap();
    world
        .control()
        .edit_user(&object_id(2), json!({ "surname": null }))
        .unwrap();
    let run = run_and_check(&world, RunMode::Incremental).await;
    // The three who could not be written before are tried again.
    assert_eq!((run.counts.failed, run.counts.unchanged), (4, 1), "{run:?}");
    assert_eq!(world.field_of(2, "last_name").unwrap(), "Number2");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_a_run_in_slices_counts_what_the_store_refused_in_each_of_them() {
    let world = World::with(troublesome(), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let before = world.snapshot();
    let mut request = request(RunMode::Full);
    request.slice.max_pages = Some(1);
    let run = world.run(request).await;
    assert_tells_what_the_store_shows(&run, &before, &world.snapshot());
    assert_eq!(run.counts.failed, 3, "{run:?}");
    assert_eq!(run.requests, world.control().overview().counters.requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_people_whom_the_feed_shows_again_and_again_do_not_spoil_the_counts() {
    let world = World::with(
        Vec::new(),
        json!({ "preset": "mirror", "removed": "delete" }),
    )
    .emulator(|options| {
        options.directory = DirectorySource::Synthetic {
            users: 60,
            seed: seed(),
        };
        options.delta_page_size = 5;
        options.behaviour = Behaviour {
            repeat_over_pages: true,
            replayed_changes: 20,
            empty_first_page: true,
            unknown_property: true,
            cast_path_in_links: true,
            ..Behaviour::default()
        };
    })
    .begin()
    .await;
    run_and_check(&world, RunMode::Full).await;
    for round in 0..3 {
        let change = json!({ "surname": format!("Round{round}") });
        world.control().edit_users(25, change).unwrap();
        let gone = world.contacts()[round].object_id.clone().unwrap();
        world.control().delete_user(&gone).unwrap();
        let run = run_and_check(&world, RunMode::Incremental).await;
        assert_eq!((run.counts.removed, run.mode), (1, RunMode::Incremental));
        assert!(run.counts.processed > 26, "some were shown again: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_a_person_twice_on_one_page_and_records_without_an_id_add_up() {
    let world = World::with(people(3), json!({ "preset": "mirror" }))
        .begin()
        .await;
    run_and_check(&world, RunMode::Full).await;
    world.changes_show(&[
        json!({ "id": object_id(1), "surname": "First" }),
        json!({ "surname": "Nobody" }),
        json!({ "id": object_id(1), "surname": "Last" }),
        json!({ "id": null, "surname": "Nobody" }),
        json!({ "id": object_id(77), "@removed": { "reason": "deleted" } }),
        json!({ "id": object_id(2), "@removed": { "reason": "changed" } }),
    ]);
    let run = run_and_check(&world, RunMode::Incremental).await;
    assert_eq!(world.field_of(1, "last_name").unwrap(), "Last");
    let counts = &run.counts;
    assert_eq!((counts.updated, counts.removed), (1, 1));
    assert_eq!((counts.skipped, counts.failed), (1, 2), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_blocked_and_failed_runs_add_up_and_their_successors_count_the_rest() {
    let world = World::with(people(30), json!({ "preset": "mirror" }))
        .emulator(|options| options.delta_page_size = 4)
        .begin()
        .await;
    run_and_check(&world, RunMode::Full).await;
    for id in 1..=10 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    let blocked = run_and_check(&world, RunMode::Incremental).await;
    assert_eq!(blocked.status, RunStatus::Blocked);

    for id in 6..=10 {
        world.control().restore_user(&object_id(id)).unwrap();
    }
    world
        .control()
        .edit_users(20, json!({ "surname": "Edited{number}" }))
        .unwrap();
    world.control().inject(Fault {
        path: Some("$skiptoken".to_owned()),
        skip: 2,
        status: Some(403),
        ..Fault::default()
    });
    let before = world.snapshot();
    let failed = run_and_check(&world, RunMode::Incremental).await;
    assert_eq!(failed.status, RunStatus::Failed);
    world.control().clear_faults();
    let rest = world.sync().await;
    assert_adds_up(&rest);
    let updated = failed.counts.updated + rest.counts.updated;
    let written = world
        .snapshot()
        .iter()
        .filter(|(id, is)| is.version != before[*id].version && is.user.is_some())
        .count();
    assert_eq!(updated, written as u64);
    assert_eq!(rest.counts.removed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_12_the_overview_says_of_each_run_what_the_run_said() {
    let world = World::with(troublesome(), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let mut told = Vec::new();
    for mode in [RunMode::Full, RunMode::Incremental, RunMode::Full] {
        let result = world.try_sync(request(mode)).await.unwrap();
        assert_eq!(result.end, SliceEnd::Finished);
        told.insert(0, format!("{:?}", result.run));
    }
    let overview = world.report().await;
    let history: Vec<_> = overview
        .history
        .iter()
        .map(|run| format!("{run:?}"))
        .collect();
    assert_eq!(history, told);
    assert_eq!(overview.active_records, world.contacts().len() as u64);
}
