//! Messaging: everybody in the filter who has a telephone number, on a list for each department. The
//! configuration is the one that people have, as it stands.

use serde_json::{Value, json};

use super::{effects, schedule, skips};
use crate::world::{World, object_id, person, person_with};

fn as_people_have_it() -> Value {
    json!({
        "direction": "one-way", "source": "entra-id", "target": "messagemedia",
        "schedule": "0 6 * * *",
        "mapping": {
            "displayName": "contact_name", "mobilePhone": "phone_number",
            "mail": "email", "department": "group",
        },
        "filters": { "department": ["Sales", "Support"], "accountEnabled": true },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn messaging_keeps_who_can_be_written_to_on_a_list_for_each_department() {
    let world = World::with(
        vec![
            person(1, "Zoe", "Vance"),
            person_with(2, "Jo", "Berg", json!({ "department": "Support" })),
            person_with(3, "No", "Phone", json!({ "mobilePhone": null })),
            person_with(4, "Dis", "Abled", json!({ "accountEnabled": false })),
            person_with(5, "Mar", "Keting", json!({ "department": "Marketing" })),
            person_with(6, "No", "Department", json!({ "department": null })),
        ],
        as_people_have_it(),
    )
    .begin()
    .await;
    let known = world.add_contact(&[
        ("email", "jo.berg@contoso.example"),
        ("contact_name", "Our Jo"),
    ]);

    let run = world.sync().await;
    assert_eq!(effects(&run), (1, 1, 0));
    let expected = [("missing-mandatory", 1), ("out-of-scope", 3)];
    assert_eq!(skips(&run), expected.into());
    let zoe = world.contact_of(1).unwrap();
    assert_eq!(zoe.fields["contact_name"], "Zoe Vance");
    assert_eq!(zoe.fields["phone_number"], "+12065550001");
    assert_eq!(zoe.fields["group"], "Sales");
    assert_eq!(zoe.lists, ["Sales"]);
    // Jo was there: linked, and what somebody wrote here is not thrown away.
    let jo = world.contact_of(2).unwrap();
    assert_eq!(jo.id, known);
    assert_eq!(jo.fields["contact_name"], "Our Jo");
    assert_eq!(jo.fields["phone_number"], "+12065550002");
    assert_eq!(jo.lists, ["Support"]);

    // Another department is another list; a number that is added opens the door.
    let control = world.control();
    let moved = json!({ "department": "Support" });
    control.edit_user(&object_id(1), moved).unwrap();
    let reachable = json!({ "mobilePhone": "+1 206 555 7777" });
    control.edit_user(&object_id(3), reachable).unwrap();
    assert_eq!(effects(&world.sync().await), (1, 1, 0));
    assert_eq!(world.contact_of(1).unwrap().lists, ["Support"]);
    assert_eq!(world.field_of(1, "group").unwrap(), "Support");
    assert_eq!(world.contact_of(3).unwrap().lists, ["Sales"]);

    // A number that is taken away is kept: without one there is no contact to write to.
    control
        .edit_user(&object_id(3), json!({ "mobilePhone": null }))
        .unwrap();
    world.sync().await;
    assert_eq!(world.field_of(3, "phone_number").unwrap(), "+12065557777");

    // Leaving the filter, a disabled account and a deleted user: off the lists, the contact stays.
    let left = json!({ "department": "Marketing" });
    control.edit_user(&object_id(1), left).unwrap();
    control.disable_user(&object_id(2)).unwrap();
    control.delete_user(&object_id(3)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 0, 3));
    let contacts = world.contacts();
    assert_eq!(contacts.len(), 3);
    for contact in contacts {
        assert!(contact.active && !contact.linked, "{contact:?}");
        assert_eq!(contact.lists, [""; 0]);
    }

    // Back in the filter, enabled, restored: each finds the contact they had.
    let back = json!({ "department": "Sales" });
    control.edit_user(&object_id(1), back).unwrap();
    control.enable_user(&object_id(2)).unwrap();
    control.restore_user(&object_id(3)).unwrap();
    assert_eq!(effects(&world.sync().await), (0, 3, 0));
    assert_eq!(world.contact_of(1).unwrap().id, zoe.id);
    assert_eq!(world.contact_of(1).unwrap().lists, ["Sales"]);
    assert_eq!(world.contact_of(2).unwrap().id, known);
    assert_eq!(world.contacts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn messaging_runs_as_the_document_says_and_needs_a_telephone_number() {
    let world = World::with(vec![person(1, "Zoe", "Vance")], as_people_have_it())
        .begin()
        .await;
    assert_eq!(schedule(&world).await.as_deref(), Some("0 6 * * *"));
    let report = world.configure().await.unwrap();
    let mandatory: Vec<_> = report.mappings.iter().filter(|row| row.mandatory).collect();
    assert_eq!(mandatory.len(), 1);
    assert_eq!(mandatory[0].field, "phone_number");
}
