//! Whoever comes back under another configuration than the one under which they went.

use host_harness::contract::{
    Change, Commit, Effect, Evidence, Precondition, Removal, RemovalKind, RunStatus,
};
use serde_json::{Value, json};

use crate::world::{World, object_id, people, person};

/// Everybody in Sales, on a list.
fn filtered(left_scope: &str) -> Value {
    json!({ "preset": "mirror", "leftScope": left_scope, "filters": { "department": "Sales" } })
}

async fn moved(world: &World, department: &str) {
    let moved = json!({ "department": department });
    world.control().edit_user(&object_id(1), moved).unwrap();
    world.sync().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_earlier_configuration_made_inactive_is_active_and_on_their_list_again() {
    for later in [
        json!({ "preset": "mirror" }),
        json!({ "preset": "mirror", "conflict": "merge" }),
        json!({ "preset": "mirror", "update": false }),
        json!({ "preset": "mirror", "disabled": "deactivate" }),
        json!({ "preset": "mirror", "removed": "keep", "leftScope": "keep" }),
    ] {
        let mut world = World::with(people(3), filtered("deactivate")).begin().await;
        world.sync().await;
        moved(&world, "Support").await;
        assert!(!world.contact_of(1).unwrap().active);
        world.reconfigure(later.clone());
        let run = world.full_sync().await;
        let contact = world.contact_of(1).unwrap();
        assert!(contact.active, "{later}");
        assert_eq!(contact.lists, ["Contoso Users"], "{later}");
        assert_eq!(run.warnings, []);
        assert_eq!(world.full_sync().await.counts.updated, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_disabled_account_made_inactive_is_active_again_where_accounts_do_not_matter() {
    let mut world = World::with(people(3), json!({ "preset": "lifecycle" }))
        .begin()
        .await;
    world.sync().await;
    world.control().disable_user(&object_id(1)).unwrap();
    world.sync().await;
    assert!(!world.contact_of(1).unwrap().active);
    // Under `not-created` a disabled account is left alone, and an enabled one is as everybody.
    world.reconfigure(json!({ "preset": "mirror", "disabled": "not-created" }));
    world.full_sync().await;
    assert!(!world.contact_of(1).unwrap().active);
    world.control().enable_user(&object_id(1)).unwrap();
    world.sync().await;
    assert!(world.contact_of(1).unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_made_inactive_and_then_unlinked_is_active_when_linked_again() {
    let mut world = World::with(people(3), filtered("deactivate")).begin().await;
    world.sync().await;
    let contact = world.contact_of(1).unwrap().id;
    moved(&world, "Support").await;
    world.reconfigure(filtered("unlink"));
    world.full_sync().await;
    assert!(world.contact_of(1).is_none());
    moved(&world, "Sales").await;
    let again = world.contact_of(1).unwrap();
    assert_eq!((again.id, again.active), (contact, true));
    assert_eq!(again.lists, ["Contoso Users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_by_id_says_so_and_not_that_the_address_matched() {
    let world = World::with(people(3), filtered("unlink")).begin().await;
    world.sync().await;
    moved(&world, "Support").await;
    let elsewhere = json!({ "mail": "elsewhere@contoso.example", "department": "Sales" });
    world.control().edit_user(&object_id(1), elsewhere).unwrap();
    world
        .plan(host_harness::contract::RunMode::Incremental)
        .await;
    let planned = world.planned();
    let linked = planned
        .iter()
        .find(|entry| entry.what.effect == Effect::Link);
    assert_eq!(linked.unwrap().what.reason, "matched-by-id");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_contacts_that_are_there_are_skipped_so_is_the_one_of_who_comes_back() {
    let mut world = World::with(people(3), filtered("unlink")).begin().await;
    world.sync().await;
    moved(&world, "Support").await;
    world.reconfigure(json!({ "preset": "mirror", "existing": "skip" }));
    let elsewhere = json!({ "mail": "elsewhere@contoso.example", "department": "Sales" });
    world.control().edit_user(&object_id(1), elsewhere).unwrap();
    let run = world.full_sync().await;
    assert_eq!(world.contacts().len(), 3, "nobody gets a second contact");
    let skips: Vec<_> = run.skips.iter().map(|skip| skip.reason.as_str()).collect();
    assert_eq!(skips, ["formerly-linked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_updates_values_and_lists_stay_and_so_they_do_for_accounts_that_get_no_contact() {
    for later in [
        json!({ "preset": "mirror", "update": false, "list": { "name": "Staff" } }),
        json!({ "preset": "mirror", "disabled": "not-created", "list": { "name": "Staff" } }),
    ] {
        let mut world = World::with(
            vec![person(1, "Zoe", "Vance")],
            json!({ "preset": "mirror" }),
        )
        .begin()
        .await;
        world.sync().await;
        let before = world.contact_of(1).unwrap();
        world.control().disable_user(&object_id(1)).unwrap();
        let change = json!({ "surname": "Young" });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.reconfigure(later.clone());
        world.full_sync().await;
        assert_eq!(world.contact_of(1).unwrap(), before, "{later}");
        // A page of changes says nothing of the account.
        let change = json!({ "surname": "Younger" });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.changes_show(&[json!({ "id": object_id(1), "surname": "Younger" })]);
        world.sync().await;
        assert_eq!(world.contact_of(1).unwrap(), before, "{later}");
    }
}

/// Somebody here makes a contact inactive, by a commit that is part of no run.
fn deactivate_by_hand(world: &World, id: u32) {
    let contact = world.contact_of(id).unwrap();
    let removal = Removal {
        contact: Precondition {
            contact: contact.id,
            version: contact.version,
        },
        object_id: object_id(id),
        kind: RemovalKind::Deactivate,
        evidence: Evidence::Other("somebody wanted it".to_owned()),
        reason: "by-hand".to_owned(),
    };
    let commit = Commit {
        source: format!("entra:{}", world.tenant_id()),
        run: None,
        changes: vec![Change::Remove(removal)],
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    };
    world.store.apply(commit).unwrap();
    assert!(!world.contact_of(id).unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_person_here_made_inactive_stays_so_under_every_preset() {
    for sync in [
        json!({ "preset": "mirror" }),
        json!({ "preset": "lifecycle" }),
    ] {
        let world = World::with(people(3), sync).begin().await;
        world.sync().await;
        deactivate_by_hand(&world, 1);
        let change = json!({ "displayName": "Another Name", "surname": "Name" });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.sync().await;
        let run = world.full_sync().await;
        let contact = world.contact_of(1).unwrap();
        assert!(!contact.active && contact.lists.is_empty(), "{contact:?}");
        assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.warnings);
    }
}
