//! A workspace that is disconnected keeps its contacts, and knows them again when it is connected.

use host_harness::contract::{Run, RunMode, RunStatus, SliceEnd};
use serde_json::json;

use crate::world::{World, connector, object_id, people, request};

const PEOPLE: u32 = 25;

async fn world() -> World {
    let sync = json!({
        "preset": "mirror",
        "removed": "delete",
        "limits": { "removals": { "count": 100, "percent": 100, "floor": 100 } },
    });
    World::with(people(PEOPLE), sync)
        .emulator(|options| options.delta_page_size = 7)
        .begin()
        .await
}

async fn disconnect(world: &World) {
    let answer = connector().disconnect(&world.workspace, &world.document);
    let answer = answer.await;
    answer.result.unwrap();
    assert_eq!(answer.stats.http_requests, 0, "nobody is asked");
}

/// The links, by object id, with the contact each leads to.
fn links(world: &World) -> Vec<(Option<String>, String)> {
    let contacts = world.contacts().into_iter();
    let mut links: Vec<_> = contacts
        .map(|contact| (contact.object_id, contact.id))
        .collect();
    links.sort();
    links
}

/// What a sync after it must be: of everybody, known by object id.
fn assert_relinked(run: &Run, people: u64) {
    assert_eq!(run.mode, RunMode::Full);
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.errors);
    assert_eq!(run.counts.processed, people);
    assert_eq!(run.counts.unchanged, people, "{:?}", run.counts);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contacts_stay_as_they_are_and_the_next_sync_knows_everybody_by_object_id() {
    let world = world().await;
    world.sync().await;
    // Somebody whose address here is another's there: only the object id tells them apart.
    world.edit_here(1, "email", Some("given.number2@contoso.example"));
    let (before, links_before) = (world.essence(), links(&world));
    disconnect(&world).await;
    disconnect(&world).await;
    assert_eq!(world.essence(), before);
    let history = world.report().await.history;
    assert_eq!(history.len(), 1, "the history stays");

    world.edit_here(1, "email", Some("given.number1@contoso.example"));
    let run = world.sync().await;
    assert_relinked(&run, u64::from(PEOPLE));
    assert_eq!(links(&world), links_before);
    assert_eq!(world.sync().await.mode, RunMode::Incremental);
}

/// Cuts a run after each of its pages, with people to be taken away among them.
#[tokio::test(flavor = "multi_thread")]
async fn between_two_slices_nothing_that_was_staged_is_taken_away_later() {
    for mode in [RunMode::Full, RunMode::Incremental] {
        for slices in 1.. {
            let world = world().await;
            world.sync().await;
            for id in 1..=9 {
                world.control().delete_user(&object_id(id)).unwrap();
            }
            let mut slice = request(mode);
            slice.slice.max_pages = Some(1);
            let mut ended = false;
            for _ in 0..slices {
                let end = world.try_sync(slice.clone()).await.unwrap().end;
                ended = end == SliceEnd::Finished;
            }
            if ended {
                assert!(slices > 2, "{slices} slices");
                break;
            }
            let links_before = links(&world);
            let before = world.essence();
            disconnect(&world).await;
            assert_eq!(world.essence(), before, "{mode:?}, {slices}");
            let history = world.report().await.history;
            assert_eq!(history[0].status, RunStatus::Stopped);
            assert!(history[0].finished_at_ms.is_some());

            // They come back while nobody looks.
            for id in 1..=9 {
                world.control().restore_user(&object_id(id)).unwrap();
            }
            let run = world.sync().await;
            assert_eq!(run.mode, RunMode::Full, "{mode:?}, {slices}");
            assert_eq!(run.counts.removed, 0, "{mode:?}, {slices}");
            // Whom the cut-off run had taken away already are new people; everybody else is known.
            let taken = u64::from(PEOPLE) - links_before.len() as u64;
            assert_eq!(run.counts.created, taken, "{mode:?}, {slices}");
            assert_eq!(links(&world).len(), PEOPLE as usize, "no duplicates");
            let after = links(&world);
            assert!(links_before.iter().all(|link| after.contains(link)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_no_longer_valid_can_be_disconnected() {
    let mut world = world().await;
    world.sync().await;
    world.reconfigure(json!({ "preset": "no such preset" }));
    disconnect(&world).await;
    world.reconfigure(json!({ "preset": "mirror" }));
    assert_relinked(&world.sync().await, u64::from(PEOPLE));
}
