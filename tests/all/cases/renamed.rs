//! An organisation that gets another name. Lists that have it in theirs follow with the next full
//! sync, which moves everybody; until then nobody moves.

use std::collections::BTreeSet;

use host_harness::contract::{Approval, RunMode, RunStatus};
use host_harness::graph_emulator::{Fault, TenantOptions};
use host_harness::store_api::PlanRecord;
use serde_json::{Value, json};

use crate::world::snapshot::assert_came_true;
use crate::world::{World, object_id, people, person, request};

const PEOPLE: u32 = 12;

/// The organisation is called so from now on.
fn is_called(world: &World, name: &Value) {
    let organization = json!({ "id": TenantOptions::default().tenant_id, "displayName": name });
    world.control().clear_faults();
    world.control().inject(Fault {
        path: Some("/v1.0/organization".to_owned()),
        status: Some(200),
        body: Some(json!({ "value": [organization] }).to_string()),
        ..Fault::default()
    });
}

fn does_not_answer(world: &World, status: u16) {
    world.control().clear_faults();
    world.control().inject(Fault {
        path: Some("/v1.0/organization".to_owned()),
        status: Some(status),
        ..Fault::default()
    });
}

/// Every list that a contact is on.
fn lists(world: &World) -> BTreeSet<String> {
    world
        .contacts()
        .into_iter()
        .flat_map(|contact| contact.lists)
        .collect()
}

fn assert_all_on(world: &World, list: &str) {
    for contact in world.contacts() {
        assert_eq!(contact.lists, [list], "contact {}", contact.id);
    }
}

async fn synced(sync: Value) -> World {
    let world = World::with(people(PEOPLE), sync).begin().await;
    let run = world.sync().await;
    assert_eq!(run.counts.created, u64::from(PEOPLE), "{run:?}");
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rename_the_next_full_sync_moves_everybody_as_planned_and_the_one_after_nobody() {
    for (sync, before, after) in [
        (
            json!({ "preset": "mirror" }),
            "Contoso Users",
            "Fabrikam Users",
        ),
        (
            json!({ "preset": "mirror", "list": { "name": "All of {organization}, {organization}" } }),
            "All of Contoso, Contoso",
            "All of Fabrikam, Fabrikam",
        ),
        (
            json!({ "preset": "lifecycle", "list": { "name": "{organization}" } }),
            "Contoso",
            "Fabrikam",
        ),
        (
            json!({
                "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number" },
                "list": { "name": "{organization}" },
            }),
            "Contoso",
            "Fabrikam",
        ),
    ] {
        let world = synced(sync).await;
        assert_all_on(&world, before);
        is_called(&world, &json!("Fabrikam"));

        // Until then, the old name: also for somebody who is new or changes.
        world.control().add_user(person(50, "New", "Hire")).unwrap();
        let change = json!({ "displayName": "Re Named", "surname": "Renamed" });
        world.control().edit_user(&object_id(1), change).unwrap();
        assert_eq!(world.sync().await.mode, RunMode::Incremental);
        assert_all_on(&world, before);

        let store = world.snapshot();
        world.plan(RunMode::Full).await;
        let planned = world.planned();
        assert_eq!(planned.len(), PEOPLE as usize + 1);
        for entry in &planned {
            assert_eq!(
                (&entry.what.joins[..], &entry.what.leaves[..]),
                (&[after.to_owned()][..], &[before.to_owned()][..])
            );
        }
        assert_eq!(
            world.sync().await.counts.processed,
            0,
            "a plan changes no name"
        );
        let run = world.full_sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        assert_eq!(run.counts.updated, u64::from(PEOPLE) + 1);
        assert_came_true(&store, &planned, &world.snapshot());
        assert_all_on(&world, after);

        let moved = world.snapshot();
        assert_eq!(
            world.full_sync().await.counts.unchanged,
            u64::from(PEOPLE) + 1
        );
        world
            .control()
            .add_user(person(51, "Newer", "Hire"))
            .unwrap();
        assert_eq!(world.sync().await.mode, RunMode::Incremental);
        assert_all_on(&world, after);
        for (id, contact) in moved {
            assert_eq!(world.snapshot()[&id], contact, "written again");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_plan_moves_everybody_to_the_list_that_it_shows() {
    let world = synced(json!({ "preset": "mirror" })).await;
    is_called(&world, &json!("Fabrikam"));
    let plan = world.plan(RunMode::Full).await;
    let kept = PlanRecord {
        digest: plan.digest.clone(),
        mode: "full".to_owned(),
        created_at_ms: 0,
        summary: "{}".to_owned(),
    };
    world.store.keep_plan(&kept).unwrap();
    // Called otherwise again before it is performed, nobody is moved.
    is_called(&world, &json!("Northwind"));
    let mut approved = request(RunMode::Full);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    let run = world.run(approved.clone()).await;
    assert_eq!(run.skips[0].reason, "drifted", "{run:?}");
    assert_all_on(&world, "Contoso Users");
    is_called(&world, &json!("Fabrikam"));
    let run = world.run(approved).await;
    assert_eq!(run.counts.updated, u64::from(PEOPLE), "{run:?}");
    assert_all_on(&world, "Fabrikam Users");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_be_read_is_the_last_known_one() {
    let world = synced(json!({ "preset": "mirror" })).await;
    let before = world.snapshot();
    for status in [403, 404] {
        does_not_answer(&world, status);
        let run = world.full_sync().await;
        assert_eq!(run.counts.unchanged, u64::from(PEOPLE), "{status}: {run:?}");
    }
    for nameless in [json!(null), json!(" ")] {
        is_called(&world, &nameless);
        let run = world.full_sync().await;
        assert_eq!(
            run.counts.unchanged,
            u64::from(PEOPLE),
            "{nameless}: {run:?}"
        );
    }
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_full_sync_under_the_new_name_does_not_come_to_its_end_the_next_one_is_full() {
    let world = synced(json!({ "preset": "mirror" })).await;
    is_called(&world, &json!("Fabrikam"));
    // The list breaks off, so that the round cannot be believed; who was on it has moved.
    world.list_shows(&people(3));
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Incomplete, "{run:?}");
    assert_eq!(lists(&world).len(), 2, "half of them have moved");
    is_called(&world, &json!("Fabrikam"));
    let run = world.sync().await;
    assert_eq!(
        (run.mode, run.status),
        (RunMode::Full, RunStatus::Succeeded)
    );
    assert_all_on(&world, "Fabrikam Users");
    assert_eq!(world.sync().await.mode, RunMode::Incremental);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_puts_somebody_on_the_list_on_which_the_others_are() {
    let world = synced(json!({ "preset": "mirror" })).await;
    is_called(&world, &json!("Fabrikam"));
    world.control().add_user(person(50, "New", "Hire")).unwrap();
    let user = object_id(50);
    let retried = crate::world::connector()
        .retry(&world.workspace, &world.document, &user)
        .await;
    assert_eq!(retried.result.unwrap().run.counts.created, 1);
    assert_all_on(&world, "Contoso Users");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_has_the_name_though_the_name_of_the_list_has_it_not() {
    let list = |list: Value| json!({ "preset": "mirror", "list": list });
    let description = "People of {organization}";
    for sync in [
        list(json!({ "name": "Staff", "description": description })),
        list(json!({ "perAttribute": "department", "description": description })),
    ] {
        let world = synced(sync).await;
        let database = rusqlite::Connection::open(world.data.path().join("connector.db")).unwrap();
        let described = "SELECT DISTINCT description FROM lists";
        let described = database.query_row(described, [], |row| row.get::<_, String>(0));
        assert_eq!(described.unwrap(), "People of Contoso");
    }
}
