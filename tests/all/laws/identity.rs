//! Identity is the object id: nobody gets a second contact, whatever else of theirs changes.

use serde_json::json;

use crate::world::{World, object_id, person, person_with};

fn mirror() -> serde_json::Value {
    json!({ "preset": "mirror" })
}

#[tokio::test(flavor = "multi_thread")]
async fn law_1_identity_is_the_object_id() {
    let world = World::with(
        vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")],
        mirror(),
    )
    .begin()
    .await;
    world.sync().await;
    let before = world.contact_of(1).unwrap().id;
    world
        .control()
        .edit_user(
            &object_id(1),
            json!({ "mail": "zoe.married@contoso.example", "userPrincipalName": "zoe.married@contoso.example" }),
        )
        .unwrap();
    // Somebody new gets the address that Zoe had.
    world
        .control()
        .add_user(person_with(
            3,
            "New",
            "Hire",
            json!({ "mail": "zoe.vance@contoso.example" }),
        ))
        .unwrap();
    world.sync().await;
    assert_eq!(
        world.contact_of(1).unwrap().id,
        before,
        "the link did not move"
    );
    assert_eq!(
        world.field_of(1, "email").unwrap(),
        "zoe.married@contoso.example"
    );
    let hire = world.contact_of(3).unwrap();
    assert_ne!(hire.id, before, "the new hire has a contact of their own");
    assert_eq!(hire.fields["email"], "zoe.vance@contoso.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_1_people_who_swap_addresses_keep_their_contacts() {
    let world = World::with(
        vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")],
        mirror(),
    )
    .begin()
    .await;
    world.sync().await;
    let contacts = [1, 2].map(|id| world.contact_of(id).unwrap().id);
    for (id, address) in [(1, "jo.berg"), (2, "zoe.vance")] {
        let address = format!("{address}@contoso.example");
        let change = json!({ "mail": address });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    for full in [false, true] {
        if full {
            world.full_sync().await;
        } else {
            world.sync().await;
        }
        assert_eq!([1, 2].map(|id| world.contact_of(id).unwrap().id), contacts);
        assert_eq!(
            world.field_of(1, "email").unwrap(),
            "jo.berg@contoso.example"
        );
        assert_eq!(world.contacts().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_1_a_linked_person_does_not_take_over_a_contact_that_has_their_new_address() {
    let world = World::with(vec![person(1, "Zoe", "Vance")], mirror())
        .begin()
        .await;
    world.sync().await;
    let zoe = world.contact_of(1).unwrap().id;
    let other = world.add_contact(&[("email", "zoe.young@contoso.example")]);
    let change = json!({ "mail": "zoe.young@contoso.example" });
    world.control().edit_user(&object_id(1), change).unwrap();
    world.sync().await;
    world.full_sync().await;
    assert_eq!(world.contact_of(1).unwrap().id, zoe);
    let contacts = world.contacts();
    let other = contacts.iter().find(|contact| contact.id == other).unwrap();
    assert_eq!((other.linked, other.version), (false, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_1_two_people_with_one_address_get_a_contact_each() {
    let shared = json!({ "mail": "info@contoso.example" });
    let world = World::with(
        vec![
            person_with(1, "Zoe", "Vance", shared.clone()),
            person_with(2, "Jo", "Berg", shared),
        ],
        mirror(),
    )
    .begin()
    .await;
    world.add_contact(&[("email", "Info@contoso.example")]);
    world.sync().await;
    world.full_sync().await;
    assert_eq!(world.linked(2), [1, 2]);
    assert_eq!(world.contacts().len(), 2);
}
