//! One named test for each law of the connector.

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
