//! Lifecycle: contacts come, go inactive and come back as accounts do; whatever else a contact is
//! stays as it is.

use serde_json::json;

use super::{effects, mapped, rows, schedule, skips};
use crate::world::{World, object_id, person, person_with};

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_deactivates_and_reactivates_contacts_as_accounts_come_and_go() {
    let world = World::with(
        vec![
            person(1, "Zoe", "Vance"),
            person(2, "Jo", "Berg"),
            person_with(3, "Dis", "Abled", json!({ "accountEnabled": false })),
            person_with(
                4,
                "No",
                "Mail",
                json!({ "mail": null, "otherMails": ["me@home.example"] }),
            ),
        ],
        json!({ "preset": "lifecycle", "list": { "name": "Staff" } }),
    )
    .begin()
    .await;
    let known = world.add_contact(&[
        ("email", "jo.berg@contoso.example"),
        ("display_name", "Jo B."),
        ("Badge", "77"),
    ]);

    // Enabled people get a contact, found by mail, else by user name; who has one is linked.
    let run = world.sync().await;
    assert_eq!(effects(&run), (2, 1, 0));
    assert_eq!(skips(&run), [("account-disabled", 1)].into());
    assert_eq!(
        world.field_of(4, "email").unwrap(),
        "no.mail@contoso.example"
    );
    let jo = world.contact_of(2).unwrap();
    assert_eq!((jo.id.as_str(), jo.active), (known.as_str(), true));
    assert_eq!(jo.fields["display_name"], "Jo Berg");
    assert_eq!(jo.fields["Badge"], "77", "other identities are preserved");

    // A new name is followed; the address that the contact was made with stays.
    let control = world.control();
    let married = json!({ "displayName": "Zoe Young", "mail": "zoe.young@contoso.example" });
    control.edit_user(&object_id(1), married).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 1, 0));
    let zoe = world.contact_of(1).unwrap();
    assert_eq!(zoe.fields["display_name"], "Zoe Young");
    assert_eq!(zoe.fields["email"], "zoe.vance@contoso.example");

    // Disabled or deleted: inactive, still linked, and off the list.
    control.disable_user(&object_id(1)).unwrap();
    control.delete_user(&object_id(2)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 2));
    for id in [1, 2] {
        let contact = world.contact_of(id).unwrap();
        assert!(!contact.active, "{id}");
        assert_eq!(contact.lists, [""; 0]);
    }
    assert_eq!(world.report().await.active_records, 1);

    // It stays so, however often one looks.
    let run = world.full_sync().await;
    assert_eq!(effects(&run), (0, 0, 0));
    assert_eq!(run.counts.unchanged, 3);

    // Enabled or restored: active again, the same contact, back on the list.
    control.enable_user(&object_id(1)).unwrap();
    control.restore_user(&object_id(2)).unwrap();
    control.enable_user(&object_id(3)).unwrap();
    assert_eq!(effects(&world.sync().await), (1, 2, 0));
    assert_eq!(world.contact_of(1).unwrap().id, zoe.id);
    assert_eq!(world.contact_of(2).unwrap().id, known);
    for id in 1..=4 {
        let contact = world.contact_of(id).unwrap();
        assert!(contact.active, "{id}");
        assert_eq!(contact.lists, ["Staff"], "{id}");
    }

    // Restored with the account disabled: stays inactive.
    control.disable_user(&object_id(4)).unwrap();
    control.delete_user(&object_id(4)).unwrap();
    world.sync().await;
    control.restore_user(&object_id(4)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 0));
    assert!(!world.contact_of(4).unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_deactivates_who_leaves_the_filter_and_takes_them_back() {
    let sync = json!({ "preset": "lifecycle", "filters": { "department": ["Sales"] } });
    let people = vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")];
    let world = World::with(people, sync).begin().await;
    world.sync().await;
    for (department, active) in [("Support", false), ("Sales", true)] {
        let moved = json!({ "department": department });
        world.control().edit_user(&object_id(1), moved).unwrap();
        world.sync().await;
        assert_eq!(world.contact_of(1).unwrap().active, active, "{department}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_maps_display_name_and_email_and_runs_every_sixty_minutes() {
    let world = World::with(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "lifecycle" }),
    )
    .begin()
    .await;
    let expected = [
        ("displayName", "display_name", false),
        ("mail", "email", true),
    ];
    assert_eq!(mapped(&world).await, rows(&expected));
    assert_eq!(schedule(&world).await.as_deref(), Some("every 60 min"));
}
