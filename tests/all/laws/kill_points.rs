//! Law 7, at every point: the process is killed at each call of the store, reads included, before and
//! after its effect, and at each answer of the directory. The next run makes it good.

use std::sync::Arc;
use std::time::Duration;

use host_harness::contract::{Run, RunMode, RunStatus};
use host_harness::graph_emulator::Fault;
use serde_json::json;

use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::snapshot::ContactSnapshot;
use crate::world::{World, connector, object_id, people_over_years, person, person_with, request};

const PEOPLE: u32 = 40;
/// A page of eight people makes two commits.
const BATCH: u32 = 10;
/// An answer that nobody waits for.
const FOR_EVER: u64 = 3_600_000;

/// How a round is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// What has changed.
    Changes,
    /// Everybody, by the feed of changes, eight a page.
    Feed,
    /// Everybody, by a list in partitions, four a page.
    Partitions,
}

impl From<Way> for RunMode {
    fn from(way: Way) -> Self {
        match way {
            Way::Changes => Self::Incremental,
            Way::Feed | Way::Partitions => Self::Full,
        }
    }
}

/// People who were synced once, on six pages, and since then: left, emptied, renamed, hired, matching
/// a contact made by hand, and one whom the store refuses.
async fn changed_world(way: Way) -> World {
    let sync = json!({
        "preset": "mirror",
        "removed": "delete",
        "listing": { "pageSize": if way == Way::Partitions { 4 } else { 999 } },
        "limits": {
            "removals": { "count": 100, "percent": 100, "floor": 100 },
            "blanks": { "count": 100, "percent": 100, "floor": 100 },
        },
    });
    let world = World::with(people_over_years(PEOPLE), sync)
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
    forbid_the_bookmark(&world, way);
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
async fn unbroken(way: Way) -> (End, usize, usize) {
    let mut world = changed_world(way).await;
    let store = CrashingStore::new(world.store.clone(), BATCH, 0, Death::Before).at_any_call();
    let store = Arc::new(store);
    world.workspace.store = store.clone();
    let run = world.run(request(way.into())).await;
    assert_eq!((run.counts.removed, run.counts.failed), (4, 1), "{run:?}");
    let requests = world.control().requests().len();
    let pages = world.control().requests();
    let page = if way == Way::Partitions {
        "$filter=created"
    } else {
        "/delta"
    };
    let pages = pages.iter().filter(|asked| asked.target.contains(page));
    assert!(pages.count() >= 5, "at least five pages");
    world.workspace.store = world.store.clone();
    (end(&world).await, store.calls(), requests)
}

async fn is_made_good(world: &World, way: Way, expected: &End, place: &str) {
    let run = world.run(request(way.into())).await;
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

async fn killed_at_any_call_of_the_store(way: Way) {
    let (expected, calls, _) = unbroken(way).await;
    assert!(calls >= 20, "{calls} calls");
    for call in 1..=calls {
        for death in [Death::Before, Death::After, Death::Told] {
            let place = format!("{way:?}, call {call} of {calls}, {death:?}");
            let mut world = changed_world(way).await;
            let store = CrashingStore::new(world.store.clone(), BATCH, call, death).at_any_call();
            world.workspace.store = Arc::new(store);
            let answer = world.try_sync(request(way.into())).await;
            assert!(answer.is_err(), "{place}: {answer:?}");
            world.workspace.store = world.store.clone();
            is_made_good(&world, way, &expected, &place).await;
        }
    }
}

async fn killed_at_any_answer_of_the_directory(way: Way) {
    let (expected, _, requests) = unbroken(way).await;
    assert!(requests >= 6, "{requests} requests");
    for number in 1..=requests {
        let place = format!("{way:?}, request {number} of {requests}");
        let mut world = changed_world(way).await;
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
        let call = connector().sync(&world.workspace, &world.document, request(way.into()));
        tokio::select! {
            biased;
            answer = call => panic!("{place}: {:?}", answer.result),
            asked = tokio::time::timeout(Duration::from_secs(60), asked) => asked.expect(&place),
        }
        world.control().clear_faults();
        forbid_the_bookmark(&world, way);
        world.workspace.store = world.store.clone();
        is_made_good(&world, way, &expected, &place).await;
    }
}

/// Without it the feed of changes lists everybody.
fn forbid_the_bookmark(world: &World, way: Way) {
    if way == Way::Feed {
        world.control().inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_incremental_run_killed_at_any_call_of_the_store_is_made_good() {
    killed_at_any_call_of_the_store(Way::Changes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_full_run_killed_at_any_call_of_the_store_is_made_good() {
    killed_at_any_call_of_the_store(Way::Feed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_an_incremental_run_killed_at_any_answer_of_the_directory_is_made_good() {
    killed_at_any_answer_of_the_directory(Way::Changes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_full_run_killed_at_any_answer_of_the_directory_is_made_good() {
    killed_at_any_answer_of_the_directory(Way::Feed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_run_in_partitions_killed_at_any_call_of_the_store_is_made_good() {
    killed_at_any_call_of_the_store(Way::Partitions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_7_a_run_in_partitions_killed_at_any_answer_of_the_directory_is_made_good() {
    killed_at_any_answer_of_the_directory(Way::Partitions).await;
}
