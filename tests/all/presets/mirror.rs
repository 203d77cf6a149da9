//! Mirror: contacts follow the directory, on a list of the organisation's users.

use serde_json::{Value, json};

use super::{effects, mapped, rows, schedule, skips};
use crate::world::{World, object_id, person, person_with};

fn staff() -> Vec<Value> {
    vec![
        person(1, "Zoe", "Vance"),
        person(2, "Jo", "Berg"),
        person_with(3, "Dis", "Abled", json!({ "accountEnabled": false })),
        person_with(
            4,
            "Gast",
            "Besucher",
            json!({
                "mail": null,
                "userType": "Guest",
                "userPrincipalName": "gast_partner.example#EXT#@contoso.onmicrosoft.com",
            }),
        ),
        person_with(
            5,
            "",
            "",
            json!({ "givenName": null, "surname": null, "companyName": null }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn mirror_keeps_contacts_the_same_as_the_directory_and_unlinks_who_leaves() {
    let world = World::with(staff(), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let known = world.add_contact(&[
        ("email", "JO.BERG@contoso.example"),
        ("last_name", "B."),
        ("job_title", "Ours"),
    ]);

    // All users are read: disabled accounts, guests, people without a name.
    let run = world.sync().await;
    assert_eq!((effects(&run), skips(&run).len()), ((4, 1, 0), 0));
    for id in 1..=5 {
        assert_eq!(
            world.contact_of(id).unwrap().lists,
            ["Contoso Users"],
            "{id}"
        );
    }
    assert!(world.contact_of(3).unwrap().active);
    assert_eq!(world.field_of(4, "email").unwrap(), "gast@partner.example");

    // Jo's contact was there: linked by the address, and the directory wins.
    let jo = world.contact_of(2).unwrap();
    assert_eq!(jo.id, known);
    assert_eq!(jo.fields["last_name"], "Berg");
    assert_eq!(jo.fields["email"], "jo.berg@contoso.example");
    assert_eq!(jo.fields["job_title"], "Ours", "not mapped, not touched");

    // Zoe marries; Jo's number is taken away; number 3 is enabled, which means nothing here.
    let control = world.control();
    let married = json!({ "surname": "Young", "mail": "zoe.young@contoso.example" });
    control.edit_user(&object_id(1), married).unwrap();
    control
        .edit_user(&object_id(2), json!({ "mobilePhone": null }))
        .unwrap();
    control.enable_user(&object_id(3)).unwrap();
    let run = world.sync().await;
    assert_eq!(
        (effects(&run), run.counts.unchanged),
        ((0, 2, 0), 0),
        "{run:?}"
    );
    assert_eq!(
        world.field_of(1, "email").unwrap(),
        "zoe.young@contoso.example"
    );
    assert_eq!(world.field_of(2, "mobile_phone"), None);

    // An edit here does not last.
    world.edit_here(1, "last_name", Some("Edited"));
    world.full_sync().await;
    assert_eq!(world.field_of(1, "last_name").unwrap(), "Young");

    // Jo leaves: the contact stays, without link and list.
    control.delete_user(&object_id(2)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 1));
    let jo = world
        .contacts()
        .into_iter()
        .find(|contact| contact.id == known)
        .unwrap();
    assert!(jo.active && !jo.linked);
    assert_eq!(jo.lists, [""; 0]);
    assert_eq!(jo.fields["job_title"], "Ours");

    // And comes back: the address finds the contact again.
    control.restore_user(&object_id(2)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 1, 0));
    assert_eq!(world.contact_of(2).unwrap().id, known);
    assert_eq!(world.contact_of(2).unwrap().lists, ["Contoso Users"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mirror_deletes_who_leaves_where_that_is_chosen() {
    let sync = json!({
        "preset": "mirror", "removed": "delete", "leftScope": "delete",
        "filters": { "department": "Sales" },
    });
    let world = World::with(staff(), sync).begin().await;
    world.sync().await;
    assert_eq!(world.contacts().len(), 5);

    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    control.purge_user(&object_id(2)).unwrap();
    let moved = json!({ "department": "Support" });
    control.edit_user(&object_id(3), moved).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 3));
    assert_eq!(world.contacts().len(), 2);

    // Who comes back, or back into the filter, gets a new contact.
    control.restore_user(&object_id(1)).unwrap();
    let back = json!({ "department": "Sales" });
    control.edit_user(&object_id(3), back).unwrap();
    assert_eq!(effects(&world.sync().await), (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn mirror_fills_only_what_is_empty_where_local_values_are_kept() {
    let sync = json!({ "preset": "mirror", "conflict": "keep-local" });
    let world = World::with(staff(), sync).begin().await;
    world.add_contact(&[("email", "jo.berg@contoso.example"), ("last_name", "B.")]);
    world.sync().await;
    let jo = world.contact_of(2).unwrap();
    assert_eq!(jo.fields["last_name"], "B.", "kept");
    assert_eq!(jo.fields["first_name"], "Jo", "filled");
}

#[tokio::test(flavor = "multi_thread")]
async fn mirror_maps_a_person_at_work_and_runs_every_hour() {
    let world = World::with(staff(), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let expected = [
        ("givenName", "first_name", false),
        ("surname", "last_name", false),
        ("mail", "email", false),
        ("mobilePhone", "mobile_phone", false),
        ("companyName", "company", false),
    ];
    assert_eq!(mapped(&world).await, rows(&expected));
    assert_eq!(schedule(&world).await.as_deref(), Some("every 1 h"));
}
