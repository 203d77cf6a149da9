//! What the feed of changes may do and remain right: state people twice, in any order, again from
//! rounds before, and before or after it has buried them. Whatever is stated last is true
//! (<https://learn.microsoft.com/graph/delta-query-overview>).

use host_harness::contract::{RunMode, RunStatus};
use host_harness::graph_emulator::{Behaviour, Fault, Items, Links};
use serde_json::json;

use super::{PEOPLE, answers, assert_caught_up, change_the_directory, deletes, synced};
use crate::world::{World, object_id, people};

/// The next round brings exactly what changed, and the one after it writes nothing.
async fn assert_round_is_right(world: &World, told: &str) {
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{told}: {run:?}");
    assert_eq!(run.mode, RunMode::Incremental, "{told}");
    let counts = &run.counts;
    assert_eq!(
        (counts.created, counts.removed, counts.failed),
        (1, 1, 0),
        "{told}: {run:?}"
    );
    assert_caught_up(world);
    let versions = |world: &World| -> Vec<_> {
        let contacts = world.contacts().into_iter();
        contacts.map(|contact| contact.version).collect()
    };
    let before = versions(world);
    world.sync().await;
    world.full_sync().await;
    assert_eq!(versions(world), before, "{told}: written again");
}

fn on_changes(items: Items, links: Links, times: Option<u64>) -> Fault {
    Fault {
        path: Some("/users/delta".to_owned()),
        times,
        items,
        links,
        ..Fault::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_stated_twice_on_a_page_are_taken_once() {
    let world = synced().await;
    change_the_directory(&world);
    world
        .control()
        .inject(on_changes(Items::Twice, Links::Kept, None));
    assert_round_is_right(&world, "twice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_a_page_does_not_matter() {
    let world = synced().await;
    change_the_directory(&world);
    world
        .control()
        .inject(on_changes(Items::Reversed, Links::Kept, None));
    assert_round_is_right(&world, "reversed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_twice_under_two_addresses_is_taken_once() {
    for skip in 0..4 {
        let world = synced().await;
        change_the_directory(&world);
        world.control().inject(Fault {
            skip,
            ..on_changes(Items::Kept, Links::Renewed, Some(1))
        });
        world.control().clear_requests();
        assert_round_is_right(&world, &format!("page {skip}")).await;
        assert_eq!(
            answers(&world, "again="),
            [200],
            "the page was asked for again"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_earlier_rounds_that_are_replayed_change_nothing() {
    let world = synced().await;
    world.control().set_behaviour(Behaviour {
        replayed_changes: 20,
        repeat_over_pages: true,
        ..Behaviour::default()
    });
    change_the_directory(&world);
    assert_round_is_right(&world, "before").await;
    world.control().clear_requests();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert!(
        answers(&world, "/users/delta").len() > 1,
        "a page of replays"
    );
    assert_eq!(
        (run.counts.created, run.counts.updated, run.counts.removed),
        (0, 0, 0)
    );
    assert_caught_up(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_after_its_tombstone_is_there_and_a_tombstone_after_its_user_is_the_end() {
    let world = synced().await;
    change_the_directory(&world);
    world
        .control()
        .inject(on_changes(Items::Contradicted, Links::Kept, None));
    assert_round_is_right(&world, "contradicted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_is_buried_on_a_page_and_stated_on_a_later_one_stays() {
    let world = synced().await;
    let before = world.contact_of(3).unwrap();
    let link = |token: &str| format!("{}/v1.0/users/delta?{token}", world.emulator.graph_url());
    let pages = [
        json!({
            "value": [{ "id": object_id(3), "@removed": { "reason": "deleted" } }],
            "@odata.nextLink": link("$skiptoken=x"),
        }),
        json!({
            "value": [{ "id": object_id(3), "givenName": "Given", "surname": "Number3" }],
            "@odata.deltaLink": link("$deltatoken=latest"),
        }),
    ];
    for page in pages {
        world.control().inject(Fault {
            path: Some("/users/delta".to_owned()),
            times: Some(1),
            body: Some(page.to_string()),
            ..Fault::default()
        });
    }
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.removed, 0);
    assert_eq!(world.contact_of(3).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_in_the_first_round_removes_nobody_who_never_was() {
    let world = World::with(people(PEOPLE), deletes())
        .emulator(|options| options.delta_page_size = 2)
        .begin()
        .await;
    world.control().delete_user(&object_id(1)).unwrap();
    world.control().purge_user(&object_id(2)).unwrap();
    // Contacts that somebody made here have the addresses of those who are gone.
    for id in [1, 2] {
        let address = format!("given.number{id}@contoso.example");
        world.add_contact(&[("email", &address)]);
    }
    // Where the service takes no bookmark, the first round is read from the feed of changes.
    world.control().inject(Fault {
        path: Some("$deltatoken=latest".to_owned()),
        status: Some(400),
        ..Fault::default()
    });
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!((run.counts.created, run.counts.removed), (10, 0));
    assert!(
        answers(&world, "$skiptoken").len() > 3,
        "it was read by the feed"
    );
    assert_eq!(world.contacts().len(), 12);
    assert_eq!(world.linked(2), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_in_the_middle_that_leads_on_is_not_the_end() {
    let world = synced().await;
    change_the_directory(&world);
    // The people of the page come later, on another that leads to it.
    world.control().inject(Fault {
        skip: 1,
        ..on_changes(Items::Removed, Links::Renewed, Some(3))
    });
    world.control().clear_requests();
    assert_round_is_right(&world, "empty").await;
    assert_eq!(answers(&world, "again="), [200; 3]);
}
