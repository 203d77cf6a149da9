//! Values that no form would take: too long, in every script, of ten megabytes.

use host_harness::contract::RunStatus;
use serde_json::{Value, json};

use crate::world::{World, object_id, person, person_with};

fn mirror() -> Value {
    json!({ "preset": "mirror", "mapping": {
        "displayName": "display_name", "givenName": "first_name", "surname": "last_name",
        "mail": "email", "jobTitle": "job_title",
    } })
}

/// Person 2 of three has a job title.
async fn with_title(title: &str) -> World {
    let users = vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Jo", "Berg", json!({ "jobTitle": title })),
        person(3, "Pat", "Lee"),
    ];
    World::with(users, mirror()).begin().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_too_long_hurts_one_person_until_it_is_shorter() {
    for length in [5_000, 10 << 20] {
        let world = with_title(&"x".repeat(length)).await;
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Warnings, "{length}: {run:?}");
        assert_eq!((run.counts.created, run.counts.failed), (2, 1), "{length}");
        assert_eq!(run.errors[0].code, "too-long", "{length}");
        assert!(run.errors[0].message.len() < 500, "the value is not quoted");
        assert_eq!(world.linked(3), [1, 3], "{length}");

        let shorter = json!({ "jobTitle": "Director" });
        world.control().edit_user(&object_id(2), shorter).unwrap();
        let run = world.sync().await;
        assert_eq!((run.counts.created, run.counts.failed), (1, 0), "{length}");
        assert_eq!(world.field_of(2, "job_title").unwrap(), "Director");
        assert_eq!(world.contacts().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_grows_too_long_leaves_the_contact_as_it_was() {
    let world = with_title("Director").await;
    world.sync().await;
    let before = world.contact_of(2).unwrap();
    let longer = json!({ "jobTitle": "x".repeat(10 << 20), "surname": "Young" });
    world.control().edit_user(&object_id(2), longer).unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.updated, run.counts.failed), (0, 1), "{run:?}");
    assert_eq!(world.contact_of(2).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_script_and_every_emoji_arrives_as_it_was_written() {
    // A family of four code points and three joiners; a flag; right-to-left; combining marks.
    for name in [
        "Zoë 👩\u{200d}👩\u{200d}👧\u{200d}👦 Vance",
        "🇳🇴 Åse",
        "שרה כהן",
        "Nguye\u{302}\u{303}n",
        "𝒵𝑜𝑒 \u{10ffff}",
        "O'Brien \"Bobby'); DROP TABLE contacts;--",
    ] {
        let otherwise = json!({ "displayName": name });
        let users = vec![person_with(1, "Zoe", "Vance", otherwise)];
        let world = World::with(users, mirror()).begin().await;
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{name}: {run:?}");
        assert_eq!(world.field_of(1, "display_name").unwrap(), name);
        assert_eq!(world.full_sync().await.counts.unchanged, 1, "{name}");
        assert_eq!(world.contact_of(1).unwrap().version, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_fails_its_person_and_the_right_one_repairs_it() {
    for address in [
        "no address at all",
        "two words@contoso.example",
        "@",
        "zoe@",
    ] {
        let otherwise = json!({ "mail": address });
        let users = vec![
            person_with(1, "Zoe", "Vance", otherwise),
            person(2, "Jo", "Berg"),
        ];
        let world = World::with(users, mirror()).begin().await;
        let run = world.sync().await;
        assert_eq!(
            (run.counts.created, run.counts.failed),
            (1, 1),
            "{address}: {run:?}"
        );
        assert_eq!(run.errors[0].code, "invalid-email", "{address}");
        assert_eq!(world.linked(2), [2]);
        let right = json!({ "mail": "zoe@contoso.example" });
        world.control().edit_user(&object_id(1), right).unwrap();
        let run = world.sync().await;
        assert_eq!((run.counts.created, run.counts.failed), (1, 0), "{address}");
        assert_eq!(world.field_of(1, "email").unwrap(), "zoe@contoso.example");
    }
}
