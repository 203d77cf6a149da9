//! Law 10: fields outside the mapping are never written, local edits survive as the conflict policy
//! says, and an echo of our own write is no edit.

use host_harness::contract::RunStatus;
use serde_json::{Value, json};

use crate::world::{World, object_id, person};

const POLICIES: [&str; 3] = ["source-wins", "keep-local", "merge"];

/// First name, last name, email and department are mapped; nothing else is.
fn mirror(conflict: &str) -> Value {
    json!({
        "preset": "mirror",
        "conflict": conflict,
        "list": "none",
        "mapping": {
            "givenName": "first_name",
            "surname": "last_name",
            "mail": "email",
            "department": "department",
        },
    })
}

async fn zoe(conflict: &str) -> World {
    let world = World::with(vec![person(1, "Zoe", "Vance")], mirror(conflict))
        .begin()
        .await;
    world.sync().await;
    world
}

/// Changes Zoe in the directory, and hears of it.
async fn directory_says(world: &World, change: Value) {
    world.control().edit_user(&object_id(1), change).unwrap();
    world.sync().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_fields_outside_the_mapping_are_never_written() {
    for conflict in POLICIES {
        let world = World::with(vec![person(1, "Zoe", "Vance")], mirror(conflict))
            .begin()
            .await;
        let ours = [
            ("job_title", "Our friend"),
            ("company", "Our customer"),
            ("mobile_phone", "+1 555 0100"),
            ("contact_name", "Z."),
            ("Shoe size", "42"),
        ];
        let mut fields = vec![("email", "ZOE.VANCE@contoso.example")];
        fields.extend(ours);
        let contact = world.add_contact(&fields);
        world.sync().await;
        directory_says(
            &world,
            json!({ "jobTitle": "Director", "companyName": null, "mobilePhone": "+1 555 0199",
                    "displayName": "Dr Zoe Vance", "department": "Support" }),
        )
        .await;
        world.full_sync().await;
        let zoe = world.contact_of(1).unwrap();
        assert_eq!(zoe.id, contact, "linked by the address");
        assert_eq!(
            zoe.fields["last_name"], "Vance",
            "what is mapped is written"
        );
        for (field, value) in ours {
            assert_eq!(zoe.fields[field], value, "{conflict}: {field}");
        }
        // Deleting her takes the link, and nothing of ours.
        world.control().delete_user(&object_id(1)).unwrap();
        world.sync().await;
        let left = world.contacts().remove(0);
        assert!(!left.linked);
        for (field, value) in ours {
            assert_eq!(left.fields[field], value, "{conflict}: {field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_a_local_edit_survives_a_full_round_unless_the_directory_wins() {
    for (conflict, last_name) in [
        ("source-wins", "Vance"),
        ("keep-local", "Edited here"),
        ("merge", "Edited here"),
    ] {
        let world = zoe(conflict).await;
        world.edit_here(1, "last_name", Some("Edited here"));
        world.full_sync().await;
        assert_eq!(
            world.field_of(1, "last_name").unwrap(),
            last_name,
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_a_field_emptied_here_is_filled_again_unless_edits_here_are_merged() {
    for (conflict, department) in [
        ("source-wins", Some("Sales")),
        ("keep-local", Some("Sales")),
        ("merge", None),
    ] {
        let world = zoe(conflict).await;
        world.edit_here(1, "department", None);
        world.full_sync().await;
        assert_eq!(
            world.field_of(1, "department").as_deref(),
            department,
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_an_edit_here_and_another_there_both_survive_a_merge() {
    for (conflict, first_name, department) in [
        ("source-wins", "Zoe", "Support"),
        ("keep-local", "Zo", "Sales"),
        ("merge", "Zo", "Support"),
    ] {
        let world = zoe(conflict).await;
        world.edit_here(1, "first_name", Some("Zo"));
        directory_says(&world, json!({ "department": "Support" })).await;
        assert_eq!(
            world.field_of(1, "first_name").unwrap(),
            first_name,
            "{conflict}"
        );
        assert_eq!(
            world.field_of(1, "department").unwrap(),
            department,
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_where_both_sides_edit_a_field_a_merge_takes_the_directorys_and_says_so() {
    let world = zoe("merge").await;
    world.edit_here(1, "department", Some("Edited here"));
    world
        .control()
        .edit_user(&object_id(1), json!({ "department": "Support" }))
        .unwrap();
    let run = world.sync().await;
    assert_eq!(world.field_of(1, "department").unwrap(), "Support");
    assert_eq!(run.status, RunStatus::Warnings);
    assert_eq!(run.warnings[0].field.as_deref(), Some("Department"));
    assert_eq!(run.warnings[0].count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_an_edit_that_is_taken_back_is_no_edit() {
    let world = zoe("merge").await;
    world.edit_here(1, "department", Some("Edited here"));
    world.full_sync().await;
    world.edit_here(1, "department", Some("Sales"));
    world.full_sync().await;
    directory_says(&world, json!({ "department": "Support" })).await;
    assert_eq!(world.field_of(1, "department").unwrap(), "Support");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_what_the_connector_wrote_is_no_edit_of_the_contact() {
    for conflict in ["source-wins", "merge"] {
        let world = zoe(conflict).await;
        // Two changes of the directory in a row: the first one's write must not pass for an edit
        // here when the second one comes.
        for department in ["Support", "Marketing"] {
            directory_says(&world, json!({ "department": department })).await;
            assert_eq!(
                world.field_of(1, "department").unwrap(),
                department,
                "{conflict}"
            );
        }
        let before = world.snapshot();
        let run = world.full_sync().await;
        assert_eq!(run.warnings.len(), 0, "{:?}", run.warnings);
        assert_eq!(world.snapshot(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_10_lists_that_people_keep_by_hand_are_left_alone() {
    let world = World::with(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "mirror" }),
    )
    .begin()
    .await;
    world.sync().await;
    let list = host_harness::contract::ContactList {
        name: "Christmas cards".to_owned(),
        description: String::new(),
    };
    let contact = world.contact_of(1).unwrap().id;
    world.store.put_on_list(&contact, &list).unwrap();
    world.full_sync().await;
    let lists = world.contact_of(1).unwrap().lists;
    assert_eq!(lists, ["Christmas cards", "Contoso Users"]);
    world.control().delete_user(&object_id(1)).unwrap();
    world.sync().await;
    assert_eq!(world.contacts()[0].lists, ["Christmas cards"]);
}
