//! What ruins directory syncs in practice, case by case: each is one thing that a directory, a
//! network, a clock or a person does, and what must come of it.

mod addresses;
mod assumed_addresses;
mod at_once;
mod clock;
mod clock_ahead;
mod coming_and_going;
mod coming_back;
mod feed;
mod found_by_histories;
mod incomplete;
mod licenses;
mod lost_tokens;
mod managers;
mod merging;
mod numbers;
mod partitions;
mod permissions;
mod renamed;
mod storms;
mod tenants;
mod throttling;
mod values;

use serde_json::{Value, json};

use crate::world::{World, object_id, people, person};

/// How many people most cases begin with.
const PEOPLE: u32 = 12;

/// A mirror that deletes, with limits that no mistake meets: what protects people here is not a
/// breaker.
fn deletes() -> Value {
    json!({
        "preset": "mirror",
        "removed": "delete",
        "limits": {
            "removals": { "count": 1000, "percent": 100, "floor": 1000 },
            "blanks": { "count": 1000, "percent": 100, "floor": 1000 },
        },
    })
}

/// Twelve people, synced; changes come two a page.
async fn synced() -> World {
    let world = World::with(people(PEOPLE), deletes())
        .emulator(|options| options.delta_page_size = 2)
        .begin()
        .await;
    world.sync().await;
    assert_eq!(world.linked(PEOPLE).len(), 12);
    world
}

/// One of everything: a departure, a hire, renames; enough for several pages.
fn change_the_directory(world: &World) {
    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    control.add_user(person(50, "New", "Hire")).unwrap();
    for id in 2..=8 {
        let change = json!({ "surname": "Renamed" });
        control.edit_user(&object_id(id), change).unwrap();
    }
}

/// The contacts are what [`change_the_directory`] made of the directory, and nothing else.
fn assert_caught_up(world: &World) {
    assert!(world.contact_of(50).is_some(), "the hire is there");
    assert_eq!(world.contact_of(1), None, "who left is gone");
    for id in 2..=8 {
        assert_eq!(world.field_of(id, "last_name").unwrap(), "Renamed", "{id}");
    }
    for id in 9..=PEOPLE {
        let unchanged = format!("Number{id}");
        assert_eq!(world.field_of(id, "last_name").unwrap(), unchanged);
    }
    assert_eq!(world.contacts().len(), 12, "and nobody else");
}

/// Everybody of the beginning has a contact, with everything that was in it.
fn assert_untouched(world: &World) {
    let contacts = world.contacts();
    assert_eq!(contacts.len(), 12);
    for id in 1..=PEOPLE {
        let contact = world.contact_of(id).unwrap();
        assert!(contact.active, "{id}");
        assert_eq!(contact.fields["last_name"], format!("Number{id}"));
        assert_eq!(contact.version, 1, "{id} was written again");
    }
}

/// How often each path was asked that contains a text, and how it was answered.
fn answers(world: &World, text: &str) -> Vec<u16> {
    let requests = world.control().requests().into_iter();
    requests
        .filter(|request| request.target.contains(text))
        .map(|request| request.status)
        .collect()
}
