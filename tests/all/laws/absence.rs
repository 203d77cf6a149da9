//! Law 9: absent is not null. A property missing from a delta item changes nothing; `null` clears a
//! field only where the base shows that the directory had filled it.

use serde_json::{Value, json};

use crate::world::{World, object_id, person, person_with};

fn mirror(conflict: &str) -> Value {
    json!({
        "preset": "mirror",
        "conflict": conflict,
        "mapping": {
            "givenName": "first_name",
            "surname": "last_name",
            "mail": "email",
            "department": "department",
            "jobTitle": "job_title",
        },
    })
}

const POLICIES: [&str; 3] = ["source-wins", "keep-local", "merge"];

/// Zoe, synced under a conflict policy, and what the directory never said of her filled in here.
async fn zoe(conflict: &str) -> World {
    let without = json!({ "jobTitle": null });
    let world = World::with(
        vec![person_with(1, "Zoe", "Vance", without)],
        mirror(conflict),
    )
    .begin()
    .await;
    world.sync().await;
    world.edit_here(1, "job_title", Some("Filled here"));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_property_that_a_change_does_not_mention_changes_nothing() {
    for conflict in POLICIES {
        let world = zoe(conflict).await;
        world.changes_show(&[json!({ "id": object_id(1), "surname": "Young" })]);
        world.sync().await;
        let contact = world.contact_of(1).unwrap();
        let kept = if conflict == "keep-local" {
            "Vance"
        } else {
            "Young"
        };
        assert_eq!(contact.fields["last_name"], kept, "{conflict}");
        assert_eq!(contact.fields["first_name"], "Zoe");
        assert_eq!(contact.fields["email"], "zoe.vance@contoso.example");
        assert_eq!(contact.fields["department"], "Sales");
        assert_eq!(contact.fields["job_title"], "Filled here");
        assert_eq!(contact.lists, ["Contoso Users"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_change_that_mentions_nothing_at_all_writes_nothing() {
    for conflict in POLICIES {
        let world = zoe(conflict).await;
        let before = world.snapshot();
        world.changes_show(&[json!({ "id": object_id(1) })]);
        let run = world.sync().await;
        assert_eq!(run.counts.unchanged, 1);
        assert_eq!(world.snapshot(), before, "{conflict}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_what_the_feed_really_sends_for_another_change_keeps_what_was_filled_here() {
    for conflict in POLICIES {
        let world = zoe(conflict).await;
        let change = json!({ "department": "Support" });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.sync().await;
        assert_eq!(
            world.field_of(1, "job_title").unwrap(),
            "Filled here",
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_null_does_not_clear_what_the_directory_never_filled() {
    for conflict in POLICIES {
        let world = zoe(conflict).await;
        world.changes_show(&[json!({ "id": object_id(1), "jobTitle": null })]);
        world.sync().await;
        assert_eq!(
            world.field_of(1, "job_title").unwrap(),
            "Filled here",
            "{conflict}"
        );
        // The list of users says null for everything that is not set.
        world.full_sync().await;
        assert_eq!(
            world.field_of(1, "job_title").unwrap(),
            "Filled here",
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_null_clears_what_the_directory_had_filled_as_the_policy_says() {
    for (conflict, left) in [
        ("source-wins", None),
        ("keep-local", Some("Sales")),
        ("merge", None),
    ] {
        let world = zoe(conflict).await;
        let change = json!({ "department": null });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.sync().await;
        assert_eq!(
            world.field_of(1, "department").as_deref(),
            left,
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_null_clears_a_local_edit_only_where_the_directory_wins() {
    for (conflict, left) in [
        ("source-wins", None),
        ("keep-local", Some("Edited here")),
        ("merge", Some("Edited here")),
    ] {
        let world = zoe(conflict).await;
        world.edit_here(1, "department", Some("Edited here"));
        let change = json!({ "department": null });
        world.control().edit_user(&object_id(1), change).unwrap();
        world.sync().await;
        assert_eq!(
            world.field_of(1, "department").as_deref(),
            left,
            "{conflict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_9_a_filter_on_what_a_change_does_not_mention_removes_nobody() {
    let mut sync = mirror("source-wins");
    sync["filters"] = json!({ "department": ["Sales"], "accountEnabled": true });
    let world = World::with(vec![person(1, "Zoe", "Vance")], sync)
        .begin()
        .await;
    world.sync().await;
    let change = json!({ "surname": "Young" });
    world.control().edit_user(&object_id(1), change).unwrap();
    world.changes_show(&[json!({ "id": object_id(1), "surname": "Young" })]);
    let run = world.sync().await;
    assert_eq!((run.counts.updated, run.counts.removed), (1, 0));
    // Said to be null, the same attribute is evidence.
    world.changes_show(&[json!({ "id": object_id(1), "department": null })]);
    let run = world.sync().await;
    assert_eq!(run.counts.removed, 1);
}
