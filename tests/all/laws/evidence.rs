//! Laws 4 and 5: nobody is removed for being absent, and nobody is removed by a round that did not
//! come to its end. A removal carries evidence.

use host_harness::contract::{Effect, Evidence, RunMode, RunStatus};
use host_harness::graph_emulator::Fault;
use serde_json::{Value, json};

use crate::world::{World, object_id, people};

const PEOPLE: u32 = 30;

/// Contacts of people who are gone are deleted, and no breaker is in the way: what protects people
/// here is the evidence alone.
fn deletes() -> Value {
    json!({
        "preset": "mirror",
        "removed": "delete",
        "leftScope": "delete",
        "limits": { "removals": { "count": 1000, "percent": 100, "floor": 1000 } },
    })
}

async fn synced() -> World {
    let world = World::with(people(PEOPLE), deletes()).begin().await;
    world.sync().await;
    assert_eq!(world.linked(PEOPLE).len(), 30);
    world
}

fn everybody() -> Vec<u32> {
    (1..=PEOPLE).collect()
}

fn everybody_but(gone: &[u32]) -> Vec<u32> {
    (1..=PEOPLE).filter(|id| !gone.contains(id)).collect()
}

/// Everybody but some, as few as a list may lack without being doubted.
fn people_but(hidden: &[u32]) -> Vec<Value> {
    let numbered = (1..).zip(people(PEOPLE));
    numbered
        .filter(|(id, _)| !hidden.contains(id))
        .map(|(_, person)| person)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_whoever_the_list_does_not_show_is_asked_for_and_stays() {
    let world = synced().await;
    world.list_shows(&people(PEOPLE)[..26]);
    let run = world.full_sync().await;
    assert_eq!(world.linked(PEOPLE), everybody());
    assert_eq!(run.counts.unchanged, 30, "the others were found by id");
    assert_eq!(run.counts.removed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_a_list_that_ends_too_early_is_not_believed() {
    for shown in [0, 12, 23] {
        let world = synced().await;
        world.control().purge_user(&object_id(30)).unwrap();
        world.list_shows(&people(PEOPLE)[..shown]);
        let run = world.full_sync().await;
        assert_eq!(run.status, RunStatus::Incomplete, "{shown} shown: {run:?}");
        assert_eq!(run.errors[0].code, "list-truncated");
        assert_eq!(world.linked(PEOPLE), everybody(), "{shown} shown");

        world.control().clear_faults();
        let run = world.sync().await;
        assert_eq!(run.mode, RunMode::Incremental, "the old cursor stands");
        assert_eq!(world.linked(PEOPLE), everybody_but(&[30]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_a_look_up_that_fails_removes_nobody() {
    let world = synced().await;
    world.list_shows(&people_but(&[7, 8, 9]));
    world.control().delete_user(&object_id(7)).unwrap();
    world.control().inject(Fault {
        path: Some("/$batch".to_owned()),
        status: Some(503),
        ..Fault::default()
    });
    let run = world.impatient_run(RunMode::Full).await;
    assert_eq!(run.status, RunStatus::Failed, "{run:?}");
    assert_eq!(world.linked(PEOPLE), everybody());

    world.control().clear_faults();
    world.full_sync().await;
    assert_eq!(world.linked(PEOPLE), everybody_but(&[7]));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_a_look_up_that_fails_for_one_person_hurts_nobody_else() {
    let world = synced().await;
    world.list_shows(&people_but(&[7, 8, 9]));
    world.control().delete_user(&object_id(7)).unwrap();
    world.control().delete_user(&object_id(8)).unwrap();
    world.control().inject(Fault {
        path: Some(format!("/users/{}", object_id(7))),
        status: Some(403),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(world.linked(PEOPLE), everybody_but(&[8]));
    assert_eq!(
        (run.counts.removed, run.counts.failed),
        (1, 1),
        "{:?}",
        run.errors
    );
    assert_eq!(run.errors[0].code, "lookup-failed");
    assert_eq!(run.status, RunStatus::Warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_a_404_that_is_not_about_the_person_is_no_evidence() {
    let world = synced().await;
    world.list_shows(&people_but(&[7, 8, 9]));
    world.control().inject(Fault {
        path: Some("/users/0".to_owned()),
        status: Some(404),
        code: Some("UnknownError".to_owned()),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(world.linked(PEOPLE), everybody());
    assert_eq!(run.counts.failed, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_each_way_to_be_gone_has_its_own_evidence() {
    let world = synced().await;
    world.control().delete_user(&object_id(1)).unwrap();
    world.control().purge_user(&object_id(2)).unwrap();
    let evidence = || -> Vec<_> {
        let planned = world.planned();
        assert!(
            planned
                .iter()
                .all(|entry| entry.what.effect == Effect::Delete)
        );
        let evidence = planned
            .into_iter()
            .map(|entry| entry.what.evidence.unwrap());
        evidence.map(|evidence| format!("{evidence:?}")).collect()
    };
    let said = |evidence: &[Evidence]| -> Vec<_> {
        evidence
            .iter()
            .map(|evidence| format!("{evidence:?}"))
            .collect()
    };

    world.plan(RunMode::Incremental).await;
    assert_eq!(
        evidence(),
        said(&[Evidence::DeletedSoft, Evidence::DeletedPermanently])
    );
    // A full round does not hear of deletions before it: it has to ask.
    world.plan(RunMode::Full).await;
    assert_eq!(
        evidence(),
        said(&[Evidence::FoundInDeletedItems, Evidence::NotFoundAnywhere])
    );
    world.full_sync().await;
    assert_eq!(world.linked(PEOPLE), everybody_but(&[1, 2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_whoever_is_deleted_and_restored_within_a_round_stays() {
    let world = synced().await;
    let before = world.contact_of(3).unwrap().id;
    world.control().delete_user(&object_id(3)).unwrap();
    world.control().restore_user(&object_id(3)).unwrap();
    world.sync().await;
    assert_eq!(world.contact_of(3).unwrap().id, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_4_a_tombstone_that_a_later_page_contradicts_removes_nobody() {
    let world = synced().await;
    let page = |value: Value, next: &str| {
        let link = format!("{}/v1.0/users/delta?{next}", world.emulator.graph_url());
        let name = if next.contains("skip") {
            "@odata.nextLink"
        } else {
            "@odata.deltaLink"
        };
        Fault {
            path: Some("/v1.0/users/delta".to_owned()),
            times: Some(1),
            body: Some(json!({ "value": [value], name: link }).to_string()),
            ..Fault::default()
        }
    };
    let gone = json!({ "id": object_id(3), "@removed": { "reason": "changed" } });
    let back = json!({ "id": object_id(3), "surname": "Back" });
    world.control().inject(page(gone, "$skiptoken=x"));
    world.control().inject(page(back, "$deltatoken=latest"));
    world.sync().await;
    assert_eq!(world.field_of(3, "last_name").as_deref(), Some("Back"));
}

/// A full round reads the change feed at ten people a page where the service takes no bookmark.
async fn synced_page_by_page() -> World {
    let world = World::with(people(PEOPLE), deletes())
        .emulator(|options| options.delta_page_size = 10)
        .begin()
        .await;
    world.control().inject(Fault {
        path: Some("$deltatoken=latest".to_owned()),
        status: Some(400),
        ..Fault::default()
    });
    world.full_sync().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_a_full_round_that_breaks_off_removes_nobody_and_the_next_run_ends_it() {
    let world = synced_page_by_page().await;
    world.control().purge_user(&object_id(2)).unwrap();
    world.control().inject(Fault {
        path: Some("$skiptoken".to_owned()),
        skip: 1,
        status: Some(403),
        ..Fault::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(run.counts.processed > 0, "some of it was read");
    assert_eq!(world.linked(PEOPLE), everybody());

    world.control().clear_faults();
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full, "the same round goes on");
    assert_eq!(world.linked(PEOPLE), everybody_but(&[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_5_a_staged_removal_is_void_once_its_round_is_lost() {
    let world = synced_page_by_page().await;
    // The first page of changes tells of person 1; the token of the second is lost, and by the time
    // of the full round that follows, person 1 is back.
    world.control().delete_user(&object_id(1)).unwrap();
    for id in 2..=15 {
        let change = json!({ "surname": "Renamed" });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    let mut slice = crate::world::request(RunMode::Incremental);
    slice.slice.max_pages = Some(1);
    world.try_sync(slice).await.unwrap();
    assert_eq!(world.linked(PEOPLE), everybody(), "staged, not done");

    world.control().restore_user(&object_id(1)).unwrap();
    world.control().reset_delta();
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), everybody());
    assert_eq!(world.field_of(15, "last_name").as_deref(), Some("Renamed"));
}
