//! What was approved and left out is `drifted`, however it came to be left out; what was to be done and
//! not approved is told apart from it.

use host_harness::contract::{Approval, Run, RunMode};
use serde_json::json;

use super::keep;
use crate::world::{World, object_id, people, person, person_with, request};

fn skipped(run: &Run, reason: &str) -> u64 {
    let skip = run.skips.iter().find(|skip| skip.reason == reason);
    skip.map_or(0, |skip| skip.count)
}

/// The counts add up, and every approved change was performed, failed or has drifted.
fn assert_adds_up(run: &Run) {
    let counts = &run.counts;
    assert_eq!(
        counts.processed,
        counts.created
            + counts.updated
            + counts.unchanged
            + counts.skipped
            + counts.removed
            + counts.failed,
        "{run:?}"
    );
    let approved = run.approved.as_ref().unwrap();
    assert_eq!(
        approved.performed,
        counts.created + counts.updated + counts.removed,
        "{run:?}"
    );
    assert_eq!(
        skipped(run, "drifted"),
        approved.changes - approved.performed - counts.failed,
        "{run:?}"
    );
}

async fn a_planned_week() -> World {
    let sync = json!({ "preset": "mirror", "removed": "delete", "leftScope": "unlink",
        "filters": { "userType": "Member" } });
    let world = World::with(people(20), sync).begin().await;
    world.sync().await;
    let control = world.control();
    for id in 1..=6 {
        let change = json!({ "surname": "Planned" });
        control.edit_user(&object_id(id), change).unwrap();
    }
    for id in 7..=9 {
        control.delete_user(&object_id(id)).unwrap();
    }
    control.add_user(person(50, "New", "Hire")).unwrap();
    control.add_user(person(51, "Other", "Hire")).unwrap();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_them_the_approved_who_were_left_out_have_drifted() {
    for mode in [RunMode::Incremental, RunMode::Full] {
        let world = a_planned_week().await;
        let plan = world.plan(mode).await;
        keep(&world, &plan);
        let control = world.control();
        let edit = |id, change| control.edit_user(&object_id(id), change).unwrap();
        // Changed otherwise, back as it was, out of scope, gone, put right here, and edited here.
        edit(1, json!({ "surname": "Otherwise" }));
        edit(2, json!({ "surname": "Number2" }));
        edit(3, json!({ "userType": "Guest" }));
        control.delete_user(&object_id(4)).unwrap();
        world.edit_here(5, "last_name", Some("Planned"));
        // Restored; and hired, and gone before the first day.
        control.restore_user(&object_id(7)).unwrap();
        control.delete_user(&object_id(50)).unwrap();
        // Nobody approved these.
        control.add_user(person(60, "Late", "Comer")).unwrap();
        edit(15, json!({ "surname": "Late" }));

        let mut approved = request(plan.mode);
        approved.approval = Some(Approval::Plan(plan.digest.clone()));
        let run = world.run(approved).await;
        assert_adds_up(&run);
        let outcome = run.approved.as_ref().unwrap();
        assert_eq!((outcome.changes, outcome.performed), (11, 4), "{run:?}");
        assert_eq!(skipped(&run, "drifted"), 7, "{mode:?} {run:?}");
        assert_eq!(skipped(&run, "not-approved"), 2, "{mode:?} {run:?}");
        assert_eq!(skipped(&run, "not-linked"), 0, "{run:?}");
        assert_eq!(world.field_of(6, "last_name").as_deref(), Some("Planned"));
        assert!(
            world.contact_of(7).is_some(),
            "restored before it was deleted here"
        );

        // Nobody is lost: the next sync meets them all.
        world.sync().await;
        assert_eq!(world.field_of(1, "last_name").as_deref(), Some("Otherwise"));
        assert_eq!(world.field_of(15, "last_name").as_deref(), Some("Late"));
        assert!(world.contact_of(60).is_some());
        assert!(world.contact_of(4).is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_by_several_times_is_counted_once() {
    let world = World::with(people(12), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let plan = world.plan(RunMode::Full).await;
    keep(&world, &plan);
    world
        .control()
        .edit_user(&object_id(2), json!({ "surname": "Renamed" }))
        .unwrap();
    let mut approved = request(RunMode::Full);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    approved.slice.max_pages = Some(1);
    // After the list somebody who was made, and somebody who has drifted, change once more.
    let first = world.try_sync(approved.clone()).await.unwrap();
    assert_eq!(first.run.counts.created, 11, "{first:?}");
    for id in [1, 2] {
        world
            .control()
            .edit_user(&object_id(id), json!({ "surname": "Again" }))
            .unwrap();
    }
    let run = world.run(approved).await;
    let outcome = run.approved.as_ref().unwrap();
    assert_eq!((outcome.changes, outcome.performed), (12, 11), "{run:?}");
    assert_eq!(skipped(&run, "drifted"), 1, "{run:?}");
    assert_eq!(
        skipped(&run, "not-approved"),
        1,
        "made, and then changed: {run:?}"
    );
    assert_adds_up(&run);
    world.sync().await;
    assert_eq!(world.field_of(1, "last_name").as_deref(), Some("Again"));
    assert_eq!(world.field_of(2, "last_name").as_deref(), Some("Again"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_record_that_cannot_be_written_has_failed_and_not_drifted() {
    let world = World::with(people(6), json!({ "preset": "mirror" }))
        .begin()
        .await;
    let plan = world.plan(RunMode::Full).await;
    keep(&world, &plan);
    let long = json!({ "surname": "x".repeat(65) });
    world.control().edit_user(&object_id(3), long).unwrap();
    let mut approved = request(RunMode::Full);
    approved.approval = Some(Approval::Plan(plan.digest.clone()));
    let run = world.run(approved).await;
    assert_eq!(run.counts.failed, 1, "{run:?}");
    assert_adds_up(&run);
    assert_eq!(skipped(&run, "drifted"), 0);
    let told = super::explain_one(&world, 3).await;
    assert!(told.ledger.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_drifted_is_told_so() {
    let users = vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Jo", "Berg", json!({})),
    ];
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    world.sync().await;
    let renamed = json!({ "surname": "Planned" });
    world.control().edit_user(&object_id(2), renamed).unwrap();
    let plan = world.plan(RunMode::Incremental).await;
    keep(&world, &plan);
    let back = json!({ "surname": "Berg" });
    world.control().edit_user(&object_id(2), back).unwrap();
    let mut approved = request(RunMode::Incremental);
    approved.approval = Some(Approval::Plan(plan.digest));
    let run = world.run(approved).await;
    assert_adds_up(&run);
    let told = super::explain_one(&world, 2).await;
    let note = told.note.unwrap();
    assert_eq!(note.reason, "drifted");
    assert_eq!(note.run.as_deref(), Some(run.id.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_foresees_what_the_store_would_refuse() {
    let users = vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Jo", "Berg", json!({ "surname": "x".repeat(65) })),
        person_with(
            3,
            "Ana",
            "Silva",
            json!({ "mail": "ana silva@contoso.example" }),
        ),
        person_with(4, "Kim", "Lee", json!({ "mail": "kim@" })),
    ];
    let world = World::with(users, json!({ "preset": "mirror" }))
        .begin()
        .await;
    let plan = world.plan(RunMode::Full).await;
    let mut foreseen: Vec<_> = plan
        .skips
        .iter()
        .map(|skip| (skip.reason.clone(), skip.count))
        .collect();
    let run = world.sync().await;
    let mut refused: Vec<_> = run
        .errors
        .iter()
        .map(|error| (error.code.clone(), error.count))
        .collect();
    foreseen.sort();
    refused.sort();
    assert_eq!(foreseen, refused);
    let expected = [("invalid-email".to_owned(), 2), ("too-long".to_owned(), 1)];
    assert_eq!(foreseen, expected);
    assert_eq!(run.counts.created, 1);
}
