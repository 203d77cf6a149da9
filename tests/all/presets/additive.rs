//! Additive: adds enabled users who are not there yet, and never touches a contact that is.

use serde_json::json;

use super::{effects, mapped, rows, schedule, skips};
use crate::world::{World, object_id, person, person_with};

#[tokio::test(flavor = "multi_thread")]
async fn additive_adds_people_and_never_touches_a_contact_that_is_there() {
    let world = World::with(
        vec![
            person(1, "Zoe", "Vance"),
            person(2, "Jo", "Berg"),
            person_with(3, "Dis", "Abled", json!({ "accountEnabled": false })),
            person_with(4, "No", "Surname", json!({ "surname": null })),
            person_with(5, "No", "Mail", json!({ "mail": null })),
        ],
        json!({
            "preset": "additive",
            "mapping": {
                "givenName": "first_name",
                "surname": "last_name",
                "mail": "email",
                "jobTitle": { "label": "Role" },
            },
        }),
    )
    .begin()
    .await;
    let known = world.add_contact(&[("email", "Jo.Berg@contoso.example"), ("last_name", "B.")]);

    // The first sync: enabled people with first name, last name and email.
    let run = world.sync().await;
    assert_eq!(effects(&run), (2, 0, 0));
    let expected = [
        ("account-disabled", 1),
        ("address-exists", 1),
        ("missing-mandatory", 1),
    ];
    assert_eq!(skips(&run), expected.into());
    let zoe = world.contact_of(1).unwrap();
    assert_eq!(zoe.fields["first_name"], "Zoe");
    assert_eq!(zoe.fields["last_name"], "Vance");
    assert_eq!(zoe.fields["email"], "zoe.vance@contoso.example");
    assert_eq!(zoe.fields["Role"], "Account Executive", "an own label");
    assert_eq!(zoe.lists, [""; 0]);
    let standing_in = world.field_of(5, "email");
    assert_eq!(
        standing_in.unwrap(),
        "no.mail@contoso.example",
        "the user name stands in"
    );

    // Jo has a contact already: it is left alone, and not linked.
    let contacts = world.contacts();
    let jo = contacts.iter().find(|contact| contact.id == known).unwrap();
    assert_eq!((jo.linked, jo.version), (false, 1));

    // Zoe marries and moves: her contact stays as it was made.
    let control = world.control();
    let married = json!({ "surname": "Young", "mail": "zoe.young@contoso.example" });
    control.edit_user(&object_id(1), married).unwrap();
    let run = world.sync().await;
    assert_eq!((effects(&run), run.counts.unchanged), ((0, 0, 0), 1));
    assert_eq!(world.contact_of(1).unwrap(), zoe);

    // An account that is enabled, and a surname that is filled in: now they are added.
    control.enable_user(&object_id(3)).unwrap();
    let named = json!({ "surname": "Known" });
    control.edit_user(&object_id(4), named).unwrap();
    control.add_user(person(6, "New", "Hire")).unwrap();
    assert_eq!(effects(&world.sync().await), (3, 0, 0));

    // Zoe is disabled, number 3 is deleted: nothing is taken away.
    control.disable_user(&object_id(1)).unwrap();
    control.delete_user(&object_id(3)).unwrap();
    let run = world.sync().await;
    assert_eq!(effects(&run), (0, 0, 0));
    assert_eq!(skips(&run), [("kept-by-policy", 1)].into());
    assert!(world.contact_of(1).unwrap().active);
    assert!(world.contact_of(3).unwrap().active);

    // Number 3 comes back and has the contact that was kept.
    control.restore_user(&object_id(3)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 0));
    assert_eq!(world.full_sync().await.counts.created, 0);
    assert_eq!(world.contacts().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn additive_maps_name_and_email_and_runs_every_six_hours() {
    let world = World::with(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "additive" }),
    )
    .begin()
    .await;
    let expected = [
        ("givenName", "first_name", true),
        ("surname", "last_name", true),
        ("mail", "email", true),
    ];
    assert_eq!(mapped(&world).await, rows(&expected));
    assert_eq!(schedule(&world).await.as_deref(), Some("every 6 h"));
}
