//! Law 7, at every point: the process is killed at each call of the store, reads included, before and
//! after its effect, and at each answer of the directory. The next run makes it good.

use std::sync::Arc;
use std::time::Duration;

use host_harness::contract::{Run, RunMode, RunStatus};
use host_harness::graph_emulator::Fault;
use serde_json::json;

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::snapshot::ContactSnapshot;
use crate::world::{World, connector, object_id, people, person, person_with, request};

const PEOPLE: u32 = 40;
/// A page of eight people makes two commits.
const BATCH: u32 = 10;
/// An answer that nobody waits for.
const FOR_EVER: u64 = 3_600_000;

/// People who were synced once, on six pages, and since then: left, emptied, renamed, hired, matching
/// a contact made by hand, and one whom the store refuses.
async fn changed_world(mode: RunMode) -> World {
    let sync = json!({
        "preset": "mirror",
        "removed": "delete",
        "limits": {
            "removals": { "count": 100, "percent": 100, "floor": 100 },
            "blanks": { "count": 100, "percent": 100, "floor": 100 },
        },
    });
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| options.delta_page_size = 8)
        .begin()
        .await;
    world.add_contact(&[("email", "link.me@contoso.example"), ("company", "Here")]);
    world.sync().await;
    let control = world.control();
    for id in 1..=3 {
        control.delete_user(&object_id(id)).unwrap();
    }
    control.purge_user(&object_id(4)).unwrap();
    for id in 5..=30 {
        let change = json!({ "surname": "Changed", "mobilePhone": null });
        control.edit_user(&object_id(id), change).unwrap();
    }
    for id in 101..=110 {
        control
            .add_user(person(id, "New", &format!("Hire{id}")))
            .unwrap();
    }
    control.add_user(person(111, "Link", "Me")).unwrap();
    let rude = json!({ "mail": "no address" });
    control
        .add_user(person_with(112, "Rude", "Record", rude))
        .unwrap();
    if mode == RunMode::Full {
        // The change feed lists everybody, eight a page.
        control.inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
    }
    control.clear_requests();
    world
}

/// What must be the same at the end, however often the process was killed on the way.
#[derive(Debug, PartialEq)]
struct End {
    contacts: Vec<ContactSnapshot>,
    /// Who could not be written.
    ledger: Vec<(String, String)>,
}

async fn end(world: &World) -> End {
    let ledger = world.report().await.ledger;
    let entries = ledger.entries.into_iter();
    End {
        contacts: world.essence(),
        ledger: entries.map(|entry| (entry.object_id, entry.code)).collect(),
    }
}

/// How an unbroken run ends, how many calls of the store it makes and how many requests.
async fn unbroken(mode: RunMode) -> (End, usize, usize) {
    let mut world = changed_world(mode).await;
    let store = CrashingStore::new(world.store.clone(), BATCH, 0, Death::Before).at_any_call();
    let store = Arc::new(store);
    world.workspace.store = store.clone();
    let run = world.run(request(mode)).await;
    assert_eq!((run.counts.removed, run.counts.failed), (4, 1), "{run:?}");
    let requests = world.control().requests().len();
    let pages = world.control().requests();
    let pages = pages.iter().filter(|page| page.target.contains("/delta"));
    assert!(pages.count() >= 5, "at least five pages");
    world.workspace.store = world.store.clone();
    (end(&world).await, store.calls(), requests)
}

async fn is_made_good(world: &World, mode: RunMode, expected: &End, place: &str) {
    let run = world.run(request(mode)).await;
    assert!(
        matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
        "{place}: {run:?}"
    );
    assert_adds_up(&run, place);
    let again = world.sync().await;
    let counts = &again.counts;
    assert_eq!(
        (counts.created, counts.updated, counts.removed),
        (0, 0, 0),
        "{place}: nothing is left to do: {again:?}"
    );
    // By now the refusal of a commit whose answer was never heard has been heard.
    let found = end(world).await;
    let missing = expected.contacts.iter();
    let missing: Vec<_> = missing.filter(|c| !found.contacts.contains(c)).collect();
    let other = found.contacts.iter();
    let other: Vec<_> = other.filter(|c| !expected.contacts.contains(c)).collect();
    assert!(
        found == *expected,
        "{place}: instead of {missing:?} {:?} there is {other:?} {:?}",
        expected.ledger,
        found.ledger
    );
}

fn assert_adds_up(run: &Run, place: &str) {
    let counts = &run.counts;
    let sum = counts.created
        + counts.updated
        + counts.unchanged
        + counts.skipped
        + counts.removed
        + counts.failed;
    assert_eq!(counts.processed, sum, "{place}: {run:?}");
}

async fn killed_at_any_call_of_the_store(mode: RunMode) {
    let (expected, calls, _) = unbroken(mode).await;
    assert!(calls >= 20, "{calls} calls");
    for call in 1..=calls {
        for death in [Death::Before, Death::After] {
            let place = format!("{mode:?}, call {call} of {calls}, {death:?}");
            let mut world = changed_world(mode).await;
            let store = CrashingStore::new(world.store.clone(), BATCH, call, death).at_any_call();
            world.workspace.store = Arc::new(store);
            let answer = world.try_sync(request(mode)).await;
            assert!(answer.is_err(), "{place}: {answer:?}");
            world.workspace.store = world.store.clone();
            is_made_good(&world, mode, &expected, &place).await;
        }
    }
}

async fn killed_at_any_answer_of_the_directory(mode: RunMode) {
    let (expected, _, requests) = unbroken(mode).await;
    assert!(requests >= 6, "{requests} requests");
    for number in 1..=requests {
        let place = format!("{mode:?}, request {number} of {requests}");
        let mut world = changed_world(mode).await;
        let store = CrashingStore::immortal(world.store.clone(), BATCH);
        world.workspace.store = Arc::new(store);
        world.control().inject(Fault {
            skip: number as u64 - 1,
            times: Some(1),
            delay_ms: FOR_EVER,
            ..Fault::default()
        });
        let asked = async {
            while world.control().requests().len() < number {
                tokio::task::yield_now().await;
            }
        };
        let call = connector().sync(&world.workspace, &world.document, request(mode));
        tokio::select! {
            biased;
            answer = call => panic!("{place}: {:?}", answer.result),
            asked = tokio::time::timeout(Duration::from_secs(60), asked) => asked.expect(&place),
        }
        world.control().clear_faults();
        forbid_the_bookmark_again(&world, mode);
        world.workspace.store = world.store.clone();
        is_made_good(&world, mode, &expected, &place).await;
    }
}

fn forbid_the_bookmark_again(world: &World, mode: RunMode) {
    if mode == RunMode::Full {
        world.control().inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_incremental_run_killed_at_any_call_of_the_store_is_made_good() {
    killed_at_any_call_of_the_store(RunMode::Incremental).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_full_run_killed_at_any_call_of_the_store_is_made_good() {
    killed_at_any_call_of_the_store(RunMode::Full).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_incremental_run_killed_at_any_answer_of_the_directory_is_made_good() {
    killed_at_any_answer_of_the_directory(RunMode::Incremental).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_full_run_killed_at_any_answer_of_the_directory_is_made_good() {
    killed_at_any_answer_of_the_directory(RunMode::Full).await;
}
