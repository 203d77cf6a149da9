//! People without a license are often rooms and service accounts: licenses and plans as the filter of who
//! is in scope, as the list, the feed of changes and the answers by id tell them.

use host_harness::contract::{RunMode, RunStatus};
use serde_json::{Value, json};

use crate::world::{World, object_id, person, person_with, request};

const OFFICE: &str = "c7df2760-2c81-4ef7-b578-5b5392b571df";
const MAILBOX: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";

fn licensed() -> Value {
    json!([{ "skuId": OFFICE, "disabledPlans": [] }])
}

fn mailbox(state: &str) -> Value {
    json!([{
        "assignedDateTime": "2026-01-05T08:00:00Z",
        "capabilityStatus": state,
        "service": "exchange",
        "servicePlanId": MAILBOX,
    }])
}

fn mirror(filters: &Value) -> Value {
    json!({ "preset": "mirror", "leftScope": "deactivate", "filters": filters })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_a_license_comes_and_who_loses_the_last_one_leaves_the_scope() {
    let people = vec![
        person_with(1, "Zoe", "Vance", json!({ "assignedLicenses": licensed() })),
        person(2, "Meeting", "Room"),
        person_with(3, "Jo", "Berg", json!({ "assignedLicenses": licensed() })),
    ];
    let filters = json!({ "assignedLicenses": { "exists": true } });
    let world = World::with(people, mirror(&filters)).begin().await;
    let plan = world.plan(RunMode::Full).await;
    let skips: Vec<_> = plan
        .skips
        .iter()
        .map(|skip| (&*skip.reason, skip.count))
        .collect();
    assert_eq!(skips, [("unlicensed", 1)]);
    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.skipped), (2, 1), "{run:?}");
    assert!(world.contact_of(2).is_none());

    let control = world.control();
    let edit = |id, licenses| {
        let change = json!({ "assignedLicenses": licenses });
        control.edit_user(&object_id(id), change).unwrap();
    };
    edit(2, licensed());
    edit(3, json!([]));
    let run = world.run(request(RunMode::Incremental)).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!((run.counts.created, run.counts.removed), (1, 1), "{run:?}");
    assert!(world.contact_of(1).unwrap().active);
    assert!(world.contact_of(2).unwrap().active);
    assert!(!world.contact_of(3).unwrap().active);

    // The other way to read says the same.
    let run = world.full_sync().await;
    assert_eq!((run.counts.created, run.counts.removed), (0, 0), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_counts_while_its_plan_is_in_force() {
    let people = vec![
        person_with(
            1,
            "Zoe",
            "Vance",
            json!({ "assignedPlans": mailbox("Enabled") }),
        ),
        person_with(
            2,
            "Jo",
            "Berg",
            json!({ "assignedPlans": mailbox("Suspended") }),
        ),
        person_with(
            3,
            "Kim",
            "Berger",
            json!({ "assignedPlans": mailbox("Warning") }),
        ),
    ];
    let filters = json!({ "assignedPlans/servicePlanId": MAILBOX });
    let world = World::with(people, mirror(&filters)).begin().await;
    world.sync().await;
    assert_eq!(world.linked(3).len(), 2);
    assert!(world.contact_of(2).is_none());

    let change = json!({ "assignedPlans": mailbox("Deleted") });
    world.control().edit_user(&object_id(1), change).unwrap();
    let run = world.run(request(RunMode::Incremental)).await;
    assert_eq!(run.counts.removed, 1, "{run:?}");
    assert!(!world.contact_of(1).unwrap().active);
}

#[tokio::test(flavor = "multi_thread")]
async fn licenses_that_cannot_be_read_keep_somebody_new_out_and_take_nothing_away() {
    let people = vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")];
    let filters = json!({ "assignedLicenses": { "exists": false } });
    let world = World::with(people, mirror(&filters)).begin().await;
    world.sync().await;
    assert_eq!(world.linked(2), [1, 2]);

    let unreadable = json!({ "assignedLicenses": [{ "disabledPlans": [] }] });
    let control = world.control();
    control
        .edit_user(&object_id(1), unreadable.clone())
        .unwrap();
    control
        .add_user(person_with(3, "Kim", "Berger", unreadable))
        .unwrap();
    for mode in [RunMode::Incremental, RunMode::Full] {
        let run = world.run(request(mode)).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        assert_eq!((run.counts.removed, run.counts.failed), (0, 0), "{run:?}");
        assert_eq!(world.linked(3), [1, 2]);
    }
}
