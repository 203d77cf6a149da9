//! Two sides that edit one field: which value stays, where one of them is empty, where both came to
//! say the same, and where what was last agreed on is not known.

use serde_json::{Value, json};

use crate::world::{World, object_id, person_with};

/// Names, address, company and telephone, merged.
fn merging(more: Value) -> Value {
    let mut sync = json!({
        "preset": "messaging", "list": "none",
        "mapping": {
            "givenName": "first_name", "mail": "email", "companyName": "company",
            "mobilePhone": "phone_number",
        },
    });
    for (key, value) in more.as_object().unwrap() {
        sync[key] = value.clone();
    }
    sync
}

async fn zoe(otherwise: Value, sync: Value) -> World {
    let world = World::with(vec![person_with(1, "Zoe", "Vance", otherwise)], sync)
        .begin()
        .await;
    world.sync().await;
    world
}

impl World {
    fn directory_has(&self, change: Value) {
        self.control().edit_user(&object_id(1), change).unwrap();
    }

    /// Synced, changes first and then everybody; what the field holds.
    async fn settles(&self, field: &str) -> Option<String> {
        self.sync().await;
        let by_changes = self.field_of(1, field);
        self.full_sync().await;
        assert_eq!(self.field_of(1, field), by_changes, "everybody was read");
        by_changes
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_directory_gets_later_takes_the_place_of_one_written_here_and_is_told() {
    let world = zoe(json!({ "companyName": null }), merging(json!({}))).await;
    world.edit_here(1, "company", Some("Mine"));
    world.full_sync().await;
    assert_eq!(world.field_of(1, "company").as_deref(), Some("Mine"));
    world.directory_has(json!({ "companyName": "Dir" }));
    let run = world.sync().await;
    assert_eq!(world.field_of(1, "company").as_deref(), Some("Dir"));
    let told: Vec<_> = run.warnings.iter().map(|told| &told.message).collect();
    assert_eq!(
        told,
        ["Company: 1 record edited on both sides, the directory's value was taken"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_linked_again_by_id_has_what_the_directory_has_by_then() {
    for (away, back) in [
        (
            json!({ "accountEnabled": false }),
            json!({ "accountEnabled": true }),
        ),
        (
            json!({ "department": "Support" }),
            json!({ "department": "Sales" }),
        ),
    ] {
        let filters = json!({ "filters": { "department": "Sales" } });
        let world = zoe(json!({}), merging(filters)).await;
        let contact = world.contact_of(1).unwrap().id;
        world.directory_has(away);
        world.sync().await;
        assert!(world.contact_of(1).is_none(), "unlinked");
        world.directory_has(json!({ "mobilePhone": "+1 206 555 7777" }));
        world.directory_has(back);
        let phone = world.settles("phone_number").await;
        assert_eq!(phone.as_deref(), Some("+12065557777"));
        assert_eq!(world.contact_of(1).unwrap().id, contact);
        let again = world.full_sync().await;
        assert_eq!(again.counts.updated, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_deleted_and_restored_has_what_the_directory_has_by_then() {
    let world = zoe(json!({}), merging(json!({}))).await;
    world.control().delete_user(&object_id(1)).unwrap();
    world.sync().await;
    world.control().restore_user(&object_id(1)).unwrap();
    world.directory_has(json!({ "mobilePhone": "+1 206 555 7777" }));
    let phone = world.settles("phone_number").await;
    assert_eq!(phone.as_deref(), Some("+12065557777"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_both_sides_came_to_say_the_same_a_merge_starts_from_there() {
    for (agreed, then) in [(Some("Dir"), Some("Kim")), (None, Some("Kim"))] {
        let world = zoe(json!({ "companyName": "Kim" }), merging(json!({}))).await;
        world.edit_here(1, "company", agreed);
        world.directory_has(json!({ "companyName": agreed }));
        assert_eq!(world.settles("company").await.as_deref(), agreed);
        world.directory_has(json!({ "companyName": then }));
        assert_eq!(world.settles("company").await.as_deref(), then);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_outlives_that_the_directory_empties_its_value_unless_the_directory_wins() {
    for (conflict, kept) in [
        ("merge", Some("Mine")),
        ("keep-local", Some("Mine")),
        ("source-wins", None),
    ] {
        let sync = merging(json!({ "conflict": conflict }));
        let world = zoe(json!({ "companyName": "Kim" }), sync).await;
        world.edit_here(1, "company", Some("Mine"));
        world.directory_has(json!({ "companyName": null }));
        let held = world.settles("company").await;
        assert_eq!(held.as_deref(), kept, "{conflict}");
    }
}

/// Maps a field that was not mapped before, or not for a while.
fn without_company(more: &Value) -> Value {
    let mut sync = merging(more.clone());
    sync["mapping"]
        .as_object_mut()
        .unwrap()
        .remove("companyName");
    sync
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_mapped_again_is_compared_with_what_was_agreed_on_before() {
    let nothing = json!({});
    for changes_meanwhile in [false, true] {
        // Emptied in the directory and not edited here: emptied. Edited here: kept.
        for (edited, held) in [(None, None), (Some("Mine"), Some("Mine"))] {
            let mut world = zoe(json!({ "companyName": "Kim" }), merging(json!({}))).await;
            world.reconfigure(without_company(&nothing));
            world.sync().await;
            world.directory_has(json!({ "companyName": null }));
            if changes_meanwhile {
                world.directory_has(json!({ "givenName": "Zoey" }));
            }
            world.sync().await;
            if edited.is_some() {
                world.edit_here(1, "company", edited);
            }
            world.reconfigure(merging(json!({})));
            let found = world.settles("company").await;
            assert_eq!(
                found.as_deref(),
                held,
                "changes meanwhile: {changes_meanwhile}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_keeps_what_a_contact_holds_in_a_field_that_is_mapped_later() {
    let nothing = json!({});
    let mut world = zoe(json!({ "companyName": "Kim" }), without_company(&nothing)).await;
    world.edit_here(1, "company", Some("Ours"));
    world.reconfigure(merging(json!({})));
    assert_eq!(world.settles("company").await.as_deref(), Some("Ours"));
    world.directory_has(json!({ "companyName": "Dir" }));
    assert_eq!(world.settles("company").await.as_deref(), Some("Dir"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_when_a_contact_is_made_is_not_written_when_one_is_linked() {
    for conflict in ["source-wins", "keep-local", "merge"] {
        for first_name in [Some("Our Zoe"), None] {
            let world = World::with(
                vec![person_with(1, "Zoe", "Vance", json!({}))],
                merging(json!({ "conflict": conflict, "mapping": {
                    "givenName": { "field": "first_name", "onlyOnCreate": true },
                    "mail": "email", "mobilePhone": "phone_number",
                } })),
            )
            .begin()
            .await;
            let mut fields = vec![("email", "zoe.vance@contoso.example")];
            fields.extend(first_name.map(|name| ("first_name", name)));
            let contact = world.add_contact(&fields);
            let held = world.settles("first_name").await;
            assert_eq!(held.as_deref(), first_name, "{conflict}");
            assert_eq!(world.contact_of(1).unwrap().id, contact);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandatory_value_that_only_the_contact_to_be_linked_has_is_enough() {
    let world = World::with(
        vec![person_with(
            1,
            "Zoe",
            "Vance",
            json!({ "mobilePhone": null }),
        )],
        merging(json!({})),
    )
    .begin()
    .await;
    let fields = [
        ("email", "zoe.vance@contoso.example"),
        ("phone_number", "+1 206 555 0100"),
    ];
    let contact = world.add_contact(&fields);
    let phone = world.settles("phone_number").await;
    assert_eq!(phone.as_deref(), Some("+1 206 555 0100"));
    assert_eq!(world.contact_of(1).unwrap().id, contact);
}
