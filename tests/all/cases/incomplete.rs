//! Rounds that look complete and are not: the run ends `incomplete`, says why, removes nobody, and
//! the position before it stays.

use host_harness::contract::{Run, RunMode, RunStatus};
use host_harness::graph_emulator::{Fault, Items, Links};
use serde_json::json;

use super::storms::{live_through, storm};
use super::synced;
use super::{PEOPLE, answers, assert_caught_up, assert_untouched, change_the_directory, deletes};
use crate::world::messy::seed;
use crate::world::{World, object_id, people, person, request};

const LIST: &str = "/v1.0/users?";
const CHANGES: &str = "/users/delta";

fn page(path: &str, items: Items, links: Links) -> Fault {
    Fault {
        path: Some(path.to_owned()),
        items,
        links,
        ..Fault::default()
    }
}

/// The deltaLink that the last incremental round started from.
fn position(world: &World) -> String {
    let requests = world.control().requests().into_iter().rev();
    let mut tokens = requests.filter(|request| request.target.contains("$deltatoken="));
    tokens.next().expect("a round of changes").target
}

/// The run says why it is incomplete, and took nothing away.
fn assert_incomplete(run: &Run, code: &str) {
    assert_eq!(run.status, RunStatus::Incomplete, "{code}: {run:?}");
    let codes: Vec<_> = run.errors.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(codes, [code], "{run:?}");
    assert_eq!(run.counts.removed, 0, "{code}");
}

/// With the trouble gone the next run makes everything good.
async fn assert_recovers(world: &World) {
    world.control().clear_faults();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_caught_up(world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ends_early_while_the_count_says_more_removes_nobody() {
    for left in [0, 3, 6] {
        let world = synced().await;
        let fault = page(LIST, Items::First(left), Links::Removed);
        world.control().inject(fault);
        let run = world.full_sync().await;
        assert_incomplete(&run, "list-truncated");
        assert_untouched(&world);
        assert_eq!(
            answers(&world, "/$batch"),
            [0; 0],
            "nobody is even looked up"
        );
        change_the_directory(&world);
        assert_recovers(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_incomplete_round_showed_is_added_and_altered() {
    let world = synced().await;
    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    for id in 2..=4 {
        let change = json!({ "surname": "Renamed" });
        control.edit_user(&object_id(id), change).unwrap();
    }
    control.add_user(person(50, "New", "Hire")).unwrap();
    control.inject(page(LIST, Items::First(4), Links::Removed));
    let run = world.full_sync().await;
    assert_incomplete(&run, "list-truncated");
    assert!(run.counts.updated >= 2, "{run:?}");
    assert_eq!(world.field_of(2, "last_name").unwrap(), "Renamed");
    assert!(world.contact_of(1).is_some(), "who left stays for now");
    let overview = world.report().await;
    assert_eq!(overview.history[0].status, RunStatus::Incomplete);
    world.control().clear_faults();
    world.sync().await;
    assert_eq!(world.contact_of(1), None);
    assert!(world.contact_of(50).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_before_an_incomplete_round_stays() {
    let world = synced().await;
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental);
    world
        .control()
        .inject(page(CHANGES, Items::Kept, Links::Removed));
    world.control().clear_requests();
    change_the_directory(&world);
    for _ in 0..2 {
        let run = world.sync().await;
        assert_incomplete(&run, "no-delta-link");
    }
    let tokens: Vec<_> = world
        .control()
        .requests()
        .into_iter()
        .filter(|request| request.target.contains("$deltatoken="))
        .map(|request| request.target)
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1], "asked from the same position");
    assert!(world.contact_of(1).is_some(), "nobody is removed");
    assert_recovers(&world).await;
    world.sync().await;
    assert_ne!(position(&world), tokens[0], "and now it moves");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_go_round_in_a_circle_end_the_run() {
    for (path, back, mode) in [
        (LIST, 0, RunMode::Full),
        (CHANGES, 0, RunMode::Incremental),
        ("$skiptoken", 1, RunMode::Incremental),
        ("$skiptoken", 2, RunMode::Incremental),
    ] {
        let world = synced().await;
        change_the_directory(&world);
        world.control().clear_requests();
        world
            .control()
            .inject(page(path, Items::Kept, Links::Back(back)));
        let run = world.run(request(mode)).await;
        assert_incomplete(&run, "links-repeat");
        let asked = answers(&world, "/users").len();
        assert!(asked < 40, "{path} {back}: {asked} requests");
        assert!(world.contact_of(1).is_some(), "nobody is removed");
        assert_recovers(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ever_new_links_with_the_same_people_end_the_run() {
    let world = synced().await;
    change_the_directory(&world);
    world.control().clear_requests();
    world
        .control()
        .inject(page(LIST, Items::Kept, Links::Renewed));
    let run = world.full_sync().await;
    assert_incomplete(&run, "endless-round");
    let asked = answers(&world, LIST).len();
    assert!((10..1_000).contains(&asked), "{asked} pages");
    assert!(world.contact_of(1).is_some(), "nobody is removed");
    assert_recovers(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ever_new_links_to_empty_pages_end_the_run() {
    for (path, mode) in [(LIST, RunMode::Full), (CHANGES, RunMode::Incremental)] {
        let world = synced().await;
        change_the_directory(&world);
        world.control().clear_requests();
        // The bookmark of a full round is a page of changes, too.
        let fault = page(path, Items::Removed, Links::Renewed);
        world.control().inject(fault);
        let run = world.run(request(mode)).await;
        assert_incomplete(&run, "endless-round");
        let asked = answers(&world, path).len();
        assert!((10..1_000).contains(&asked), "{path}: {asked} pages");
        assert!(world.contact_of(1).is_some(), "nobody is removed");
        assert_recovers(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_shows_and_counts_nobody_is_not_believed() {
    let world = synced().await;
    world
        .control()
        .inject(page(LIST, Items::Removed, Links::Removed));
    world.control().inject(Fault {
        path: Some("/users/$count".to_owned()),
        body: Some("0".to_owned()),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_incomplete(&run, "empty-directory");
    assert_untouched(&world);
    change_the_directory(&world);
    assert_recovers(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_that_is_cut_short_keeps_what_it_made_and_the_next_makes_the_rest() {
    let world = World::with(people(PEOPLE), deletes()).begin().await;
    world
        .control()
        .inject(page(LIST, Items::First(3), Links::Removed));
    let run = world.sync().await;
    assert_incomplete(&run, "list-truncated");
    assert_eq!((run.counts.created, world.contacts().len()), (3, 3));
    world.control().clear_faults();
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert_eq!(run.counts.created, 9);
    assert_untouched(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_a_storm_of_pages_that_deceive_removes_who_is_there() {
    let first = seed();
    for seed in first..first + 6 {
        let troubled = live_through(storm(seed, true)).await;
        assert!(troubled > 10, "seed {seed} was calm: {troubled}");
    }
}
