//! What random histories have found, each told once by itself: the defect is mended, and stays so.

use host_harness::contract::{Effect, RunMode, RunStatus, SliceEnd};
use host_harness::graph_emulator::Fault;
use serde_json::{Value, json};

use super::{deletes, synced};
use crate::world::{World, object_id, people, person, person_with, planned_count, request};

/// What follows the list of a full round, where the feed shows what changed meanwhile, is this.
fn feed_ends_with(world: &World, items: &Value) {
    // The first is the bookmark from which the feed is followed.
    feed_tells(world, 1, items);
}

/// After so many answers, the feed tells this and no more.
fn feed_tells(world: &World, skip: u64, items: &Value) {
    let link = format!(
        "{}/v1.0/users/delta?$deltatoken=latest",
        world.emulator.graph_url()
    );
    world.control().inject(Fault {
        path: Some("/v1.0/users/delta".to_owned()),
        skip,
        times: Some(1),
        body: Some(json!({ "value": items, "@odata.deltaLink": link }).to_string()),
        ..Fault::default()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_field_stays_emptied_although_the_feed_restates_the_person_without_it() {
    let world = synced().await;
    let emptied = json!({ "mobilePhone": null });
    world.control().edit_user(&object_id(1), emptied).unwrap();
    feed_ends_with(
        &world,
        &json!([{ "id": object_id(1), "displayName": "Given Number1" }]),
    );
    let run = world.full_sync().await;
    assert_eq!(
        (run.counts.processed, run.counts.updated),
        (12, 1),
        "{run:?}"
    );
    assert_eq!(world.field_of(1, "mobile_phone"), None);
    assert!(world.field_of(2, "mobile_phone").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_store_refuses_loses_nothing_either() {
    let world = synced().await;
    let before = world.contact_of(1).unwrap();
    let refused = json!({ "mail": "no address", "mobilePhone": null });
    world.control().edit_user(&object_id(1), refused).unwrap();
    for run in [world.sync().await, world.full_sync().await] {
        assert_eq!((run.counts.updated, run.counts.failed), (0, 1), "{run:?}");
        assert_eq!(world.contact_of(1).unwrap(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_not_be_written_is_asked_for_where_the_feed_says_too_little() {
    let world = synced().await;
    let too_long = json!({ "mobilePhone": "5".repeat(300) });
    world.control().edit_user(&object_id(1), too_long).unwrap();
    let before = world.contact_of(1).unwrap();
    assert_eq!(world.sync().await.counts.failed, 1);
    let half = json!([{ "id": object_id(1), "displayName": "Given Number1" }]);
    feed_tells(&world, 0, &half);
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Skip), 1);
    feed_tells(&world, 0, &half);
    let run = world.sync().await;
    assert_eq!((run.counts.processed, run.counts.failed), (1, 1), "{run:?}");
    assert_eq!(world.contact_of(1).unwrap(), before);
    assert_eq!(
        world.report().await.ledger.waiting,
        1,
        "it is not forgotten"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_and_a_sync_ask_the_limits_with_the_same_number_of_contacts() {
    // Six of fifty are more than a tenth, and of seventy they are not.
    let sync = json!({ "preset": "mirror", "removed": "delete",
        "limits": { "removals": { "count": 1000, "percent": 10, "floor": 1 } } });
    let world = World::with(people(50), sync).begin().await;
    world.sync().await;
    for id in 1..=6 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    for id in 101..=120 {
        let hired = person(id, "New", &format!("Hire{id}"));
        world.control().add_user(hired).unwrap();
    }
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Delete), 6);
    let run = world.sync().await;
    assert_eq!(
        plan.blocks.is_empty(),
        run.status != RunStatus::Blocked,
        "{plan:?} {run:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_emptied_gives_way_to_the_next_which_the_change_does_not_state() {
    let user = person_with(
        1,
        "Given",
        "Surname",
        json!({ "mail": "first@contoso.example", "otherMails": ["second@contoso.example"] }),
    );
    let mut users = people(12);
    users[0] = user;
    let world = World::with(users, deletes()).begin().await;
    world.sync().await;
    assert_eq!(
        world.field_of(1, "email").as_deref(),
        Some("first@contoso.example")
    );
    let emptied = json!({ "mail": null });
    world.control().edit_user(&object_id(1), emptied).unwrap();
    world.changes_show(&[json!({ "id": object_id(1), "mail": null })]);
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Incremental);
    assert_eq!(
        world.field_of(1, "email").as_deref(),
        Some("second@contoso.example")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_was_unlinked_goes_to_nobody_else_who_was_waiting_for_a_mandatory_value() {
    let shared = json!({ "mail": "desk@contoso.example" });
    let mut users = people(12);
    users[0] = person_with(1, "First", "Owner", shared.clone());
    let sync = json!({ "preset": "mirror", "removed": "unlink",
        "mapping": { "givenName": "first_name", "mail": "email",
                     "surname": { "field": "last_name", "mandatory": true } } });
    let world = World::with(users, sync).begin().await;
    world.sync().await;
    let first = world.contact_of(1).unwrap();
    let nameless = json!({ "mail": "desk@contoso.example", "surname": null });
    let second = person_with(50, "Second", "Owner", nameless);
    world.control().add_user(second).unwrap();
    world.control().delete_user(&object_id(1)).unwrap();
    world.full_sync().await;
    let contacts = world.contacts();
    let again = world.full_sync().await;
    assert_eq!((again.counts.created, again.counts.updated), (0, 0));
    assert_eq!(world.contacts(), contacts, "a second run writes nothing");

    let named = json!({ "surname": "Owner" });
    world.control().edit_user(&object_id(50), named).unwrap();
    world.full_sync().await;
    assert_ne!(world.contact_of(50).unwrap().id, first.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn slices_of_one_page_get_on_also_where_the_token_has_expired() {
    let world = synced().await;
    world.control().delete_user(&object_id(1)).unwrap();
    world.control().expire_delta_tokens();
    let mut one_page = request(RunMode::Incremental);
    one_page.slice.max_pages = Some(1);
    for _ in 0..40 {
        let result = world.try_sync(one_page.clone()).await.unwrap();
        if matches!(result.end, SliceEnd::Finished) {
            assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
            assert!(world.contact_of(1).is_none());
            return;
        }
    }
    panic!("forty slices of a page do not read twelve people");
}
