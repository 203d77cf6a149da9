//! Laws 2 and 6, as a contract: an approved plan is performed exactly. What drifted since is left out,
//! counted, and met again by the next sync.

use host_harness::contract::{Approval, PlanSummary, Run, RunMode, RunStatus, Who};
use host_harness::runtime::CallError;
use host_harness::store_api::PlanRecord;
use serde_json::json;

use crate::world::snapshot::assert_came_true;
use crate::world::{World, object_id, people, person, request};

/// People who were synced once, and a week of changes: somebody left, somebody is hired, some are
/// renamed.
async fn a_week_later() -> World {
    let sync = json!({ "preset": "mirror", "removed": "delete" });
    let world = World::with(people(20), sync).begin().await;
    world.sync().await;
    let control = world.control();
    control.delete_user(&object_id(1)).unwrap();
    control.add_user(person(50, "New", "Hire")).unwrap();
    for id in 2..=4 {
        let change = json!({ "surname": "Renamed" });
        control.edit_user(&object_id(id), change).unwrap();
    }
    world
}

/// Plans, and keeps the plan as a host does.
async fn kept_plan(world: &World, mode: RunMode) -> PlanSummary {
    let summary = world.plan(mode).await;
    world
        .store
        .keep_plan(&PlanRecord {
            digest: summary.digest.clone(),
            mode: "incremental".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        })
        .unwrap();
    summary
}

async fn perform(world: &World, plan: &PlanSummary) -> Run {
    let mut approved = request(plan.mode);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    world.run(approved).await
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_an_approved_plan_is_performed_whole_where_nothing_has_changed() {
    for mode in [RunMode::Incremental, RunMode::Full] {
        let world = a_week_later().await;
        let before = world.snapshot();
        let plan = kept_plan(&world, mode).await;
        let planned = world.planned_under(&plan.digest);
        let run = perform(&world, &plan).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
        assert_came_true(&before, &planned, &world.snapshot());
        let approved = run.approved.unwrap();
        assert_eq!((approved.changes, approved.performed), (5, 5));
        let again = world.sync().await;
        assert_eq!(again.counts.processed, 0, "the cursor has moved: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_what_drifted_since_the_approval_is_left_out_and_named_and_not_lost() {
    let world = a_week_later().await;
    let plan = kept_plan(&world, RunMode::Incremental).await;
    // Another name, somebody who was not in the plan, and a contact that was edited here.
    let control = world.control();
    let other = json!({ "surname": "Otherwise" });
    control.edit_user(&object_id(2), other).unwrap();
    control.add_user(person(51, "Second", "Hire")).unwrap();
    world.edit_here(3, "last_name", Some("Edited"));
    let run = perform(&world, &plan).await;
    let skips: Vec<_> = run
        .skips
        .iter()
        .map(|skip| (skip.reason.as_str(), skip.count))
        .collect();
    assert_eq!(skips, [("drifted", 2), ("not-approved", 1)], "{run:?}");
    let approved = run.approved.clone().unwrap();
    assert_eq!((approved.changes, approved.performed), (5, 3));
    assert_eq!(world.field_of(2, "last_name").unwrap(), "Number2");
    assert_eq!(world.field_of(3, "last_name").unwrap(), "Edited");
    assert_eq!(world.field_of(4, "last_name").unwrap(), "Renamed");
    assert!(world.contact_of(1).is_none(), "approved, and done");
    assert!(world.contact_of(50).is_some(), "approved, and done");
    assert!(world.contact_of(51).is_none(), "never approved");
    let source = format!("entra:{}", world.tenant_id());
    let noted = world
        .store
        .notes(&source, &Who::User(object_id(2)))
        .unwrap();
    assert_eq!(noted[0].reason, "drifted");

    let run = world.sync().await;
    assert_eq!((run.counts.created, run.counts.updated), (1, 2), "{run:?}");
    assert_eq!(world.field_of(2, "last_name").unwrap(), "Otherwise");
    assert!(world.contact_of(51).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_an_approved_plan_passes_the_breakers_with_its_own_removals_and_no_others() {
    let world = a_week_later().await;
    for id in 5..=15 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    let plan = kept_plan(&world, RunMode::Incremental).await;
    assert_eq!(plan.blocks.len(), 1, "it would be blocked");
    for id in 16..=17 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    let run = perform(&world, &plan).await;
    assert_eq!(run.counts.removed, 12, "{run:?}");
    assert!(world.contact_of(15).is_none());
    assert!(world.contact_of(16).is_some(), "nobody approved that");
    assert!(world.contact_of(17).is_some(), "nobody approved that");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_plan_that_is_not_kept_or_of_another_configuration_performs_nothing() {
    let mut world = a_week_later().await;
    let plan = kept_plan(&world, RunMode::Incremental).await;
    let before = world.snapshot();
    let refused = async |world: &World, digest: &str| {
        let mut approved = request(RunMode::Incremental);
        approved.approval = Some(Approval::Plan(digest.to_owned()));
        match world.try_sync(approved).await {
            Err(CallError::Guest { error, .. }) => format!("{error:?}"),
            other => panic!("{other:?}"),
        }
    };
    let unknown = refused(&world, &"0".repeat(64)).await;
    assert!(unknown.contains("plan-unknown"), "{unknown}");
    world.reconfigure(json!({ "preset": "mirror", "removed": "unlink" }));
    let other = refused(&world, &plan.digest).await;
    assert!(other.contains("plan-unknown"), "{other}");
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_2_an_approved_plan_in_slices_of_a_page_comes_to_the_same() {
    let sync = json!({ "preset": "mirror", "removed": "delete" });
    let world = World::with(people(20), sync)
        .emulator(|options| options.delta_page_size = 3)
        .begin()
        .await;
    world.sync().await;
    for id in 1..=12 {
        let change = json!({ "surname": "Renamed" });
        world.control().edit_user(&object_id(id), change).unwrap();
    }
    let plan = kept_plan(&world, RunMode::Incremental).await;
    let mut approved = request(RunMode::Incremental);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    approved.slice.max_pages = Some(1);
    let run = world.run(approved).await;
    let approved = run.approved.unwrap();
    assert_eq!((approved.changes, approved.performed), (12, 12));
}
