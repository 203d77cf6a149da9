//! Law 11: the cursor belongs to the configuration. Changing mapping, filters or policy makes the
//! next run look at everybody; changing the schedule or the secret does not.

use std::sync::Arc;

use host_harness::contract::{RunMode, RunStatus};
use host_harness::runtime::imports::SecretsInMemory;
use serde_json::{Value, json};

use crate::world::{World, object_id, people, person_with, request};

const PEOPLE: u32 = 20;

/// Twenty people in Sales; number 20 is disabled and in Support.
async fn synced(sync: Value) -> World {
    let mut people = people(PEOPLE);
    let otherwise = json!({ "department": "Support", "accountEnabled": false });
    people[19] = person_with(20, "Given", "Number20", otherwise);
    let world = World::with(people, sync).begin().await;
    world.sync().await;
    assert_eq!(world.sync().await.mode, RunMode::Incremental);
    world
}

fn mirror() -> Value {
    json!({ "preset": "mirror" })
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_field_that_is_mapped_later_is_filled_for_everybody() {
    let mut world = synced(mirror()).await;
    assert_eq!(world.field_of(1, "job_title"), None);
    let mapping = json!({
        "givenName": "first_name", "surname": "last_name", "mail": "email",
        "mobilePhone": "mobile_phone", "companyName": "company", "jobTitle": "job_title",
    });
    world.reconfigure(json!({ "preset": "mirror", "mapping": mapping }));
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full);
    assert_eq!(run.counts.updated, 20);
    assert_eq!(world.field_of(1, "job_title").unwrap(), "Account Executive");
    assert_eq!(
        world.sync().await.mode,
        RunMode::Incremental,
        "and then it is at rest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_filter_is_applied_to_everybody_at_once_and_so_is_its_end() {
    let mut world = synced(mirror()).await;
    world.reconfigure(json!({ "preset": "mirror", "filters": { "department": "Sales" } }));
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(plan.mode, RunMode::Full, "a plan knows it, too");
    let run = world.sync().await;
    assert_eq!((run.mode, run.counts.removed), (RunMode::Full, 1));
    assert_eq!(world.contact_of(20), None);

    world.reconfigure(mirror());
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full);
    assert!(world.contact_of(20).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_policy_is_applied_to_everybody_at_once() {
    let mut world = synced(mirror()).await;
    world.reconfigure(json!({ "preset": "mirror", "disabled": "deactivate" }));
    let run = world.sync().await;
    assert_eq!((run.mode, run.counts.removed), (RunMode::Full, 1));
    assert!(!world.contact_of(20).unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_whatever_decides_who_is_read_or_what_is_written_starts_a_full_round() {
    let mut world = synced(mirror()).await;
    for other in [
        json!({ "preset": "mirror", "conflict": "merge" }),
        json!({ "preset": "mirror", "existing": "skip" }),
        json!({ "preset": "mirror", "update": false }),
        json!({ "preset": "mirror", "removed": "delete" }),
        json!({ "preset": "mirror", "leftScope": "keep" }),
        json!({ "preset": "mirror", "disabled": "not-created" }),
        json!({ "preset": "mirror", "list": "none" }),
        json!({ "preset": "mirror", "addresses": ["mail"] }),
        json!({ "preset": "lifecycle" }),
    ] {
        world.reconfigure(other.clone());
        assert_eq!(world.sync().await.mode, RunMode::Full, "{other}");
        assert_eq!(world.sync().await.mode, RunMode::Incremental, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_neither_the_schedule_nor_the_limits_nor_the_layout_starts_one() {
    let mut world = synced(json!({
        "preset": "mirror", "filters": { "department": ["Sales", "Support"], "userType": "Member" },
    }))
    .await;
    for same in [
        json!({ "preset": "mirror", "schedule": "0 6 * * *",
                "filters": { "department": ["Sales", "Support"], "userType": "Member" } }),
        json!({ "preset": "mirror", "limits": { "removals": { "count": 7 } },
                "filters": { "department": ["Sales", "Support"], "userType": "Member" } }),
        json!({ "filters": { "userType": "member", "department": ["support", "SALES"] },
                "preset": "mirror" }),
        json!({ "preset": "mirror", "removed": "unlink", "conflict": "source-wins",
                "filters": { "department": ["Sales", "Support"], "userType": "Member" } }),
    ] {
        world.reconfigure(same.clone());
        assert_eq!(world.sync().await.mode, RunMode::Incremental, "{same}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_new_secret_under_the_same_or_another_name_does_not_start_one() {
    let mut world = synced(mirror()).await;
    world.control().set_secret("rotated");
    let secrets = [("client-secret", "rotated"), ("new-name", "rotated")];
    world.workspace.secrets = Arc::new(SecretsInMemory::new(secrets));
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Incremental, RunStatus::Succeeded)
    );

    world.document = world.document.replace("client-secret", "new-name");
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Incremental, RunStatus::Succeeded)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn law_11_a_round_that_another_configuration_began_is_not_gone_on_with() {
    let mut world = synced(mirror()).await;
    world.control().delete_user(&object_id(1)).unwrap();
    let mut slice = request(RunMode::Full);
    slice.slice.max_pages = Some(1);
    world.try_sync(slice).await.unwrap();

    world.reconfigure(json!({ "preset": "mirror", "removed": "keep" }));
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert!(
        world.contact_of(1).is_some(),
        "kept, as the new policy says"
    );
    let history = world.report().await.history;
    assert_eq!(
        history[1].status,
        RunStatus::Failed,
        "the one that was cut off"
    );
    assert_eq!(history[1].errors[0].code, "interrupted");
}
