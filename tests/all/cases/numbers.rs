//! Telephone numbers as people type them, in a field to which messages are sent.

use host_harness::contract::{RunMode, Who};
use serde_json::{Value, json};

use crate::world::{World, connector, object_id, person_with};

/// A workspace that sends messages to the number.
fn sending(more: Value) -> Value {
    let mut sync = json!({
        "preset": "messaging", "list": "none",
        "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number" },
    });
    for (key, value) in more.as_object().unwrap() {
        sync[key] = value.clone();
    }
    sync
}

/// A person with a number, in a country.
fn typed(id: u32, number: &str, country: Option<&str>) -> Value {
    let said = json!({ "mobilePhone": number, "usageLocation": country });
    person_with(id, "Given", &format!("Number{id}"), said)
}

async fn synced(users: Vec<Value>, sync: Value) -> World {
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    world
}

fn asks_for_countries(world: &World) -> bool {
    let requests = world.control().requests();
    requests
        .iter()
        .any(|request| format!("{request:?}").contains("usageLocation"))
}

impl World {
    fn number_of(&self, id: u32) -> Option<String> {
        self.field_of(id, "phone_number")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_is_read_by_the_country_of_its_person() {
    let users = vec![
        typed(1, "0176 04069012", Some("DE")),
        typed(2, "(202) 555-0143", Some("US")),
        typed(3, "+44 (0)7400 550123", None),
        typed(4, "Mobil: 0176/04069013 (privat)", Some("DE")),
        typed(5, "0176 04069014 oder 030 23125123", Some("DE")),
    ];
    let world = synced(users, sending(json!({}))).await;
    let numbers: Vec<_> = (1..=5).filter_map(|id| world.number_of(id)).collect();
    assert_eq!(
        numbers,
        [
            "+4917604069012",
            "+12025550143",
            "+447400550123",
            "+4917604069013",
            "+4917604069014"
        ]
    );
    let again = world.full_sync().await;
    assert_eq!((again.counts.unchanged, again.counts.updated), (5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_typed_otherwise_is_the_same_and_nothing_is_written() {
    let users = vec![typed(1, "0176 04069012", Some("DE"))];
    let world = synced(users, sending(json!({}))).await;
    let before = world.contact_of(1).unwrap();
    for written in ["+49 176 040690 12", "0049 176 04069012", "(0176) 04069012"] {
        let change = json!({ "mobilePhone": written, "usageLocation": "DE" });
        world.control().edit_user(&object_id(1), change).unwrap();
        for run in [world.sync().await, world.full_sync().await] {
            let counts = (run.counts.unchanged, run.counts.updated);
            assert_eq!(counts, (1, 0), "{written}");
        }
        assert_eq!(world.contact_of(1).unwrap(), before, "{written}");
    }
    let other = json!({ "mobilePhone": "0176 04069013", "usageLocation": "DE" });
    world.control().edit_user(&object_id(1), other).unwrap();
    assert_eq!(world.sync().await.counts.updated, 1);
    assert_eq!(world.number_of(1).as_deref(), Some("+4917604069013"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_refused_is_nobodys_and_is_told_with_its_reason() {
    let users = vec![
        typed(1, "0176 04069012", Some("DE")),
        typed(2, "030 23125-123/124", Some("DE")),
        typed(3, "0176 04069012", None),
        typed(4, "+225 07 55 01 23", None),
        typed(5, "030 23125123", Some("DE")),
        typed(6, "0176 04069012 x12", Some("DE")),
    ];
    let world = World::with(users, sending(json!({}))).begin().await;
    // The plan says so beforehand.
    let plan = world.plan(RunMode::Full).await;
    let mut foreseen: Vec<_> = plan.skips.iter().map(|skip| skip.reason.as_str()).collect();
    foreseen.sort_unstable();
    let refused = [
        "phone-extension",
        "phone-fixed-line",
        "phone-no-country",
        "phone-renumbered-2021",
        "phone-several",
    ];
    assert_eq!(foreseen, refused);
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.failed), (1, 5), "{run:?}");
    let told: Vec<_> = run
        .errors
        .iter()
        .map(|error| (error.code.as_str(), error.message.as_str(), error.count))
        .collect();
    assert!(
        told.contains(&("phone-several", "phone_number: two numbers in one field", 1)),
        "{told:?}"
    );
    for code in refused {
        assert!(
            told.iter().any(|(told, ..)| *told == code),
            "{code}: {told:?}"
        );
    }
    let waiting = world.report().await.ledger;
    assert_eq!(waiting.waiting, 5);
    let explained = connector()
        .explain(&world.workspace, &world.document, Who::User(object_id(4)))
        .await
        .result
        .unwrap();
    let story = explained[0].summary.join(" ");
    assert!(story.contains("renumbered in 2021"), "{story}");
    // Put right in the directory, they arrive.
    let right = json!({ "usageLocation": "DE" });
    world.control().edit_user(&object_id(3), right).unwrap();
    let run = world.sync().await;
    assert_eq!(run.counts.created, 1, "{run:?}");
    assert_eq!(world.number_of(3).as_deref(), Some("+4917604069012"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_contact_holds_stays_where_the_directory_has_a_number_that_is_none() {
    let users = vec![typed(1, "0176 04069012", Some("DE"))];
    let world = synced(users, sending(json!({ "conflict": "source-wins" }))).await;
    let before = world.contact_of(1).unwrap();
    for wrong in ["030 23125-123/124", "4711", "030 23125123"] {
        let change = json!({ "mobilePhone": wrong, "usageLocation": "DE" });
        world.control().edit_user(&object_id(1), change).unwrap();
        for run in [world.sync().await, world.full_sync().await] {
            assert_eq!((run.counts.updated, run.counts.failed), (0, 1), "{wrong}");
        }
        assert_eq!(world.contact_of(1).unwrap(), before, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_country_has_the_configured_one() {
    let users = vec![
        typed(1, "0176 04069012", None),
        typed(2, "0664 5550123", Some("AT")),
    ];
    let mut world = synced(users, sending(json!({}))).await;
    assert_eq!(world.linked(2), [2]);
    world.reconfigure(sending(json!({ "phoneCountry": "DE" })));
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full, "the settings are others");
    assert_eq!(world.number_of(1).as_deref(), Some("+4917604069012"));
    assert_eq!(world.number_of(2).as_deref(), Some("+436645550123"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_page_of_changes_states_without_their_country_is_asked_for() {
    let users = vec![typed(1, "0176 04069012", Some("DE"))];
    let world = synced(users, sending(json!({}))).await;
    // As the service tells of a change where a client asks for what has changed alone.
    world.changes_show(&[json!({ "id": object_id(1), "mobilePhone": "0176 04069013" })]);
    let number = json!({ "mobilePhone": "0176 04069013" });
    world.control().edit_user(&object_id(1), number).unwrap();
    let run = world.sync().await;
    assert_eq!((run.counts.updated, run.counts.failed), (1, 0), "{run:?}");
    assert_eq!(world.number_of(1).as_deref(), Some("+4917604069013"));
    // Another country makes another number of it, be the number stated or not.
    let moved = json!({ "usageLocation": "GB", "mobilePhone": "07400 550123" });
    world.control().edit_user(&object_id(1), moved).unwrap();
    world.changes_show(&[json!({ "id": object_id(1), "usageLocation": "GB" })]);
    let run = world.sync().await;
    assert_eq!(run.counts.updated, 1, "{run:?}");
    assert_eq!(world.number_of(1).as_deref(), Some("+447400550123"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_to_which_nothing_is_sent_keeps_an_extension_as_it_is_written() {
    let users = vec![
        typed(1, "030 23125-123", Some("DE")),
        typed(2, "030 23125123 App. 45", Some("DE")),
    ];
    let sync = json!({ "preset": "mirror", "mapping": {
        "mail": "email", "mobilePhone": { "field": "mobile_phone", "format": "e164" } } });
    let world = synced(users, sync).await;
    let number = |id| world.field_of(id, "mobile_phone");
    assert_eq!(number(1).as_deref(), Some("+493023125123"));
    assert_eq!(number(2).as_deref(), Some("030 23125123 App. 45"));
    assert!(asks_for_countries(&world));
    // Where no number is read by a country, none is asked for.
    let plain = synced(vec![typed(1, "112", None)], json!({ "preset": "mirror" })).await;
    assert!(!asks_for_countries(&plain));
}
