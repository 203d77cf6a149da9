//! Law 13: same input, same plan. The digest is the same whatever order people and pages come in,
//! however large the pages are, and in another process.

use host_harness::contract::{PlanEntry, RunMode};
use host_harness::graph_emulator::{Behaviour, Fault};
use serde_json::{Value, json};

use crate::world::messy::{Random, messy, seed};
use crate::world::{World, object_id, people, person_with};

/// A plan as text, without the version that a host gave to a contact.
fn text(planned: &[PlanEntry]) -> Vec<String> {
    planned.iter().map(|entry| format!("{entry:?}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn law_13_two_plans_in_a_row_are_the_same() {
    let mut messy = messy(json!({ "preset": "mirror" }), seed()).await;
    messy.world.sync().await;
    messy.a_week_passes();
    for mode in [RunMode::Incremental, RunMode::Full] {
        let first = messy.world.plan(mode).await;
        let entries = messy.world.planned();
        let second = messy.world.plan(mode).await;
        assert_eq!(first.digest, second.digest, "{mode:?}");
        assert_eq!(text(&messy.world.planned()), text(&entries));
        assert_ne!(entries, [], "something was planned");
    }
}

/// Sixty people, of whom some share an address, in an order that the seed decides; twelve contacts
/// by hand, of which some match.
async fn world(order: Option<u64>, page_size: Option<usize>, behaviour: Behaviour) -> World {
    let mut users = people(60);
    for id in 61..=64 {
        let shared = json!({ "mail": "shared@contoso.example" });
        users.push(person_with(id, "Shares", &format!("Address{id}"), shared));
    }
    if let Some(order) = order {
        Random::new(order).shuffle(&mut users);
    }
    let world = World::with(users, json!({ "preset": "mirror" }))
        .emulator(|options| {
            options.delta_page_size = page_size.unwrap_or(options.delta_page_size);
            options.behaviour = behaviour;
        })
        .begin()
        .await;
    if page_size.is_some() {
        // Everybody is read from the change feed then, a few a page.
        world.control().inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
    }
    for id in 1..=12 {
        let address = format!("GIVEN.Number{}@contoso.example", id * 9);
        world.add_contact(&[("email", &address), ("last_name", "By hand")]);
    }
    world
}

async fn digest(world: &World) -> String {
    world.plan(RunMode::Full).await.digest
}

#[tokio::test(flavor = "multi_thread")]
async fn law_13_the_order_of_people_and_the_size_of_pages_make_no_other_plan() {
    let reference = world(None, None, Behaviour::default()).await;
    let expected = digest(&reference).await;
    let entries = text(&reference.planned());
    let seed = seed();
    for page_size in [None, Some(1), Some(7), Some(200)] {
        let other = world(Some(seed), page_size, Behaviour::default()).await;
        assert_eq!(digest(&other).await, expected, "{page_size:?}");
        assert_eq!(text(&other.planned()), entries);
    }
    let odd = Behaviour {
        repeat_over_pages: true,
        empty_first_page: true,
        cast_path_in_links: true,
        unknown_property: true,
        ..Behaviour::default()
    };
    let other = world(Some(seed + 1), Some(7), odd).await;
    assert_eq!(
        digest(&other).await,
        expected,
        "with the odd habits of the feed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn law_13_who_of_one_page_gets_a_contact_that_several_match_does_not_depend_on_the_order() {
    let mut expected = None;
    for order in [None, Some(seed()), Some(seed() + 1)] {
        let world = world(order, None, Behaviour::default()).await;
        world.add_contact(&[("email", "shared@contoso.example")]);
        let digest = digest(&world).await;
        assert_eq!(*expected.get_or_insert(digest.clone()), digest);
        world.sync().await;
        let contacts = world.contacts();
        let contact = contacts.iter().find(|contact| {
            contact.fields.get("email").map(String::as_str) == Some("shared@contoso.example")
        });
        assert_eq!(contact.unwrap().object_id, Some(object_id(61)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_13_a_plan_in_another_process_is_the_same() {
    let users: Vec<Value> = people(20);
    let mut digests = Vec::new();
    for _ in 0..2 {
        let world = World::with(users.clone(), json!({ "preset": "lifecycle" }))
            .begin()
            .await;
        world.sync().await;
        world.control().disable_user(&object_id(4)).unwrap();
        let renamed = json!({ "displayName": "Renamed" });
        world.control().edit_user(&object_id(5), renamed).unwrap();
        digests.push(world.plan(RunMode::Incremental).await.digest);
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_13_of_people_with_one_address_on_different_pages_the_same_one_is_linked() {
    let mut digests = Vec::new();
    for order in [1, 2, 3, 4] {
        let mut users = people(20);
        for id in 61..=64 {
            let shared = json!({ "mail": "shared@contoso.example" });
            users.push(person_with(id, "Shares", &format!("Address{id}"), shared));
        }
        Random::new(order).shuffle(&mut users);
        let world = World::with(users, json!({ "preset": "mirror" }))
            .emulator(|options| options.delta_page_size = 2)
            .begin()
            .await;
        // Without a bookmark the change feed lists everybody, two a page.
        world.control().inject(Fault {
            path: Some("$deltatoken=latest".to_owned()),
            status: Some(400),
            ..Fault::default()
        });
        let contact = world.add_contact(&[("email", "shared@contoso.example")]);
        digests.push(world.plan(RunMode::Full).await.digest);
        world.full_sync().await;
        assert_eq!(world.contact_of(61).unwrap().id, contact, "order {order}");
    }
    digests.dedup();
    assert_eq!(digests.len(), 1);
}
