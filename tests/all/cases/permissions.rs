//! A directory that shows less than it did: a lowered permission, a licence that ran out, an index
//! that lags. Nobody is changed or removed for what is merely no longer shown.

use host_harness::contract::{RunMode, RunStatus};
use host_harness::graph_emulator::Behaviour;
use serde_json::{Value, json};

use super::{answers, assert_untouched, synced};
use crate::world::{World, object_id, people};

const PEOPLE: u32 = 40;

/// What an application reads no longer whose permission was lowered.
const SENSITIVE: [&str; 4] = [
    "accountEnabled",
    "mobilePhone",
    "businessPhones",
    "department",
];

fn lowered() -> Behaviour {
    Behaviour {
        nulled_properties: SENSITIVE.map(str::to_owned).to_vec(),
        ..Behaviour::default()
    }
}

async fn forty(sync: Value) -> World {
    let world = World::with(people(PEOPLE), sync).begin().await;
    world.sync().await;
    assert_eq!(world.linked(PEOPLE).len(), 40);
    world
}

/// Everybody is linked, active, at the first version, and on their lists.
fn assert_as_before(world: &World, lists: &[&str]) {
    for id in 1..=PEOPLE {
        let contact = world.contact_of(id).unwrap();
        assert_eq!((contact.active, contact.version), (true, 1), "{contact:?}");
        assert_eq!(contact.lists, lists);
    }
    assert_eq!(world.contacts().len(), 40);
}

fn mirror() -> Value {
    json!({ "preset": "mirror", "mapping": {
        "givenName": "first_name", "mail": "email",
        "mobilePhone": "mobile_phone", "department": "department",
    } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_permission_that_empties_phones_and_departments_blocks_the_run() {
    let world = forty(mirror()).await;
    world.control().set_behaviour(lowered());
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "{run:?}");
    let block = run.block.unwrap();
    assert!(block.breaker.starts_with("blanked:"), "{block:?}");
    assert!(block.message.contains("40 of 40"), "{block:?}");
    assert_as_before(&world, &["Contoso Users"]);

    world.control().set_behaviour(Behaviour::default());
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.unchanged, 40);
    assert_as_before(&world, &["Contoso Users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_whose_state_is_no_longer_told_are_not_taken_for_disabled() {
    let world = forty(json!({ "preset": "lifecycle" })).await;
    world.control().set_behaviour(lowered());
    let run = world.full_sync().await;
    assert_eq!(run.counts.removed, 0, "{run:?}");
    assert_eq!(run.counts.updated, 0, "{run:?}");
    assert_as_before(&world, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_on_a_department_that_is_no_longer_told_blocks_instead_of_removing_everybody() {
    let sync = json!({
        "preset": "messaging",
        "filters": { "department": ["Sales"], "accountEnabled": true },
        "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number", "mail": "email" },
    });
    let world = forty(sync).await;
    world.control().set_behaviour(lowered());
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "{run:?}");
    assert_eq!(run.block.unwrap().breaker, "removals");
    assert_eq!(run.counts.removed, 0);
    assert_as_before(&world, &["Sales"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_that_are_left_out_for_everybody_change_nothing() {
    let world = forty(mirror()).await;
    world.control().set_behaviour(Behaviour {
        withheld_properties: SENSITIVE.map(str::to_owned).to_vec(),
        ..Behaviour::default()
    });
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.unchanged, 40, "{run:?}");
    assert_as_before(&world, &["Contoso Users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_missing_from_the_list_and_there_by_id_stays() {
    let world = synced().await;
    world.control().set_behaviour(Behaviour {
        unlisted_users: (1..=4).map(object_id).collect(),
        ..Behaviour::default()
    });
    world.control().clear_requests();
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!((run.counts.removed, run.counts.unchanged), (0, 12));
    for id in 1..=4 {
        let look_up = format!("/users/{}", object_id(id));
        assert_eq!(answers(&world, &look_up), [200], "{id} was asked for");
    }
    assert_untouched(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_listed_and_not_there_by_id_stays() {
    let world = synced().await;
    world.control().set_behaviour(Behaviour {
        unreachable_users: (1..=4).map(object_id).collect(),
        ..Behaviour::default()
    });
    for mode in [RunMode::Full, RunMode::Incremental] {
        let run = world.run(crate::world::request(mode)).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        assert_eq!(run.counts.removed, 0);
    }
    assert_untouched(&world);
}
