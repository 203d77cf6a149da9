//! People who leave, come back, and leave their address to others.

use host_harness::contract::{Effect, RunMode, RunStatus};
use serde_json::{Value, json};

use super::deletes;
use crate::world::{World, object_id, person, person_with};

/// Zoe and Jo; what somebody noted about Zoe is not the directory's.
async fn zoe_and_jo(removed: &str) -> World {
    let sync = json!({ "preset": "mirror", "removed": removed });
    let world = World::with(
        vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")],
        sync,
    )
    .begin()
    .await;
    world.sync().await;
    world.edit_here(1, "Notes", Some("Is allergic to nuts"));
    world
}

/// Somebody else with the address that Zoe had.
fn heir() -> Value {
    let address = "zoe.vance@contoso.example";
    person_with(
        3,
        "New",
        "Hire",
        json!({ "mail": address, "userPrincipalName": address }),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leavers_address_given_away_at_once_does_not_give_away_the_contact() {
    for removed in ["unlink", "deactivate", "delete"] {
        for mode in [RunMode::Incremental, RunMode::Full] {
            let told = format!("{removed} {mode:?}");
            let world = zoe_and_jo(removed).await;
            let zoe = world.contact_of(1).unwrap();
            world.control().delete_user(&object_id(1)).unwrap();
            world.control().add_user(heir()).unwrap();
            let run = world.run(crate::world::request(mode)).await;
            assert_eq!(run.status, RunStatus::Succeeded, "{told}: {run:?}");
            let hire = world.contact_of(3).unwrap();
            assert_ne!(hire.id, zoe.id, "{told}");
            assert!(!hire.fields.contains_key("Notes"), "{told}: {hire:?}");
            assert_eq!((run.counts.created, run.counts.removed), (1, 1), "{told}");
            let left = if removed == "delete" { 2 } else { 3 };
            assert_eq!(world.contacts().len(), left, "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leavers_address_given_away_later_does_not_give_away_the_contact() {
    for removed in ["unlink", "deactivate", "delete"] {
        let world = zoe_and_jo(removed).await;
        let zoe = world.contact_of(1).unwrap();
        world.control().delete_user(&object_id(1)).unwrap();
        assert_eq!(world.sync().await.counts.removed, 1, "{removed}");
        world.control().add_user(heir()).unwrap();
        for mode in [RunMode::Incremental, RunMode::Full] {
            world.run(crate::world::request(mode)).await;
            let hire = world.contact_of(3).unwrap();
            assert_ne!(hire.id, zoe.id, "{removed}");
            assert!(!hire.fields.contains_key("Notes"), "{removed}: {hire:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_made_anew_with_the_same_address_is_another_person() {
    let world = World::with(vec![person(1, "Zoe", "Vance")], deletes())
        .begin()
        .await;
    world.sync().await;
    let before = world.contact_of(1).unwrap();
    world.control().purge_user(&object_id(1)).unwrap();
    world.control().add_user(person(9, "Zoe", "Vance")).unwrap();
    world.plan(RunMode::Incremental).await;
    let planned = world.planned().into_iter();
    let planned: Vec<_> = planned
        .map(|entry| (entry.what.object_id, entry.what.effect))
        .collect();
    assert_eq!(
        planned,
        [
            (object_id(1), Effect::Delete),
            (object_id(9), Effect::Create)
        ]
    );
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.removed), (1, 1), "{run:?}");
    let contacts = world.contacts();
    assert_eq!(contacts.len(), 1);
    assert_eq!(contacts[0].object_id, Some(object_id(9)));
    assert_ne!(contacts[0].id, before.id);
    assert_eq!(world.full_sync().await.counts.unchanged, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_made_anew_whose_contact_was_deactivated_does_not_take_it_over() {
    let world = zoe_and_jo("deactivate").await;
    let before = world.contact_of(1).unwrap();
    world.control().delete_user(&object_id(1)).unwrap();
    world.sync().await;
    world.control().add_user(person(9, "Zoe", "Vance")).unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.updated), (1, 0), "{run:?}");
    assert_ne!(world.contact_of(9).unwrap().id, before.id);
    let old = world.contact_of(1).unwrap();
    assert_eq!(
        (old.id, old.active),
        (before.id, false),
        "linked to whom it was"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_restored_is_who_they_were() {
    for (removed, same_contact) in [("unlink", true), ("deactivate", true), ("delete", false)] {
        let world = zoe_and_jo(removed).await;
        let before = world.contact_of(1).unwrap();
        world.control().delete_user(&object_id(1)).unwrap();
        let run = world.sync().await;
        assert_eq!(run.counts.removed, 1, "{removed}: {run:?}");
        world.control().restore_user(&object_id(1)).unwrap();
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{removed}: {run:?}");
        let after = world.contact_of(1).unwrap();
        assert_eq!(after.id == before.id, same_contact, "{removed}");
        assert_eq!(
            after.fields.contains_key("Notes"),
            same_contact,
            "{removed}"
        );
        assert!(after.active && after.linked, "{removed}");
        assert_eq!(after.lists, ["Contoso Users"], "{removed}");
        assert_eq!(world.contacts().len(), 2, "{removed}");
        assert_eq!(world.full_sync().await.counts.unchanged, 2, "{removed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_removes_once_and_a_purge_of_who_is_gone_removes_nothing_more() {
    for removed in ["unlink", "deactivate", "delete"] {
        let world = zoe_and_jo(removed).await;
        world.control().delete_user(&object_id(1)).unwrap();
        assert_eq!(world.sync().await.counts.removed, 1, "{removed}");
        let after = world.contacts();
        world.control().purge_user(&object_id(1)).unwrap();
        for mode in [RunMode::Incremental, RunMode::Full] {
            let run = world.run(crate::world::request(mode)).await;
            assert_eq!(run.status, RunStatus::Succeeded, "{removed}: {run:?}");
            assert_eq!(run.counts.removed, 0, "{removed}");
            assert_eq!(world.contacts(), after, "{removed}");
        }
        world.control().purge_user(&object_id(2)).unwrap();
        assert_eq!(world.sync().await.counts.removed, 1, "{removed}: at once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_disabled_and_enabled_between_two_runs_was_never_away() {
    let sync = json!({ "preset": "mirror", "disabled": "deactivate" });
    let world = World::with(vec![person(1, "Zoe", "Vance")], sync)
        .begin()
        .await;
    world.sync().await;
    let before = world.contact_of(1).unwrap();
    world.control().disable_user(&object_id(1)).unwrap();
    world.control().enable_user(&object_id(1)).unwrap();
    let run = world.sync().await;
    assert_eq!(
        (run.counts.processed, run.counts.unchanged),
        (1, 1),
        "{run:?}"
    );
    assert_eq!(world.contact_of(1).unwrap(), before);

    for (enabled, effect) in [(false, "removed"), (true, "updated")] {
        let change = json!({ "accountEnabled": enabled });
        world.control().edit_user(&object_id(1), change).unwrap();
        let run = world.sync().await;
        let counted = [run.counts.removed, run.counts.updated];
        assert_eq!(
            counted,
            [u64::from(!enabled), u64::from(enabled)],
            "{effect}"
        );
        let contact = world.contact_of(1).unwrap();
        assert_eq!((contact.id, contact.active), (before.id.clone(), enabled));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_mail_and_user_name_at_once_are_the_same_person() {
    let world = zoe_and_jo("delete").await;
    let before = world.contact_of(1).unwrap();
    let renamed = json!({
        "surname": "Young", "mail": "zoe.young@contoso.example",
        "userPrincipalName": "zoe.young@contoso.example",
    });
    world.control().edit_user(&object_id(1), renamed).unwrap();
    let run = world.sync().await;
    assert_eq!(
        (run.counts.updated, run.counts.created, run.counts.removed),
        (1, 0, 0)
    );
    let after = world.contact_of(1).unwrap();
    assert_eq!(after.id, before.id);
    assert_eq!(after.fields["email"], "zoe.young@contoso.example");
    assert_eq!(after.fields["Notes"], "Is allergic to nuts");
    assert_eq!(world.contacts().len(), 2);
}
