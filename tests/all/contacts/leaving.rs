//! A document that does not take them any more: they leave the scope, which is evidence of its own.

use host_harness::contract::{Approval, Effect, Evidence, RunMode, RunStatus};
use serde_json::{Value, json};

use super::{contact_id, included, world, world_of};
use crate::world::{planned_count, request};

fn excluded() -> Value {
    json!({ "preset": "mirror", "organizationalContacts": "skip" })
}

#[tokio::test(flavor = "multi_thread")]
async fn they_leave_with_the_setting_as_evidence_and_nobody_is_asked() {
    let mut world = world(included()).await;
    world.sync().await;
    // Even an application that may not read them any more can let them go.
    world.control().grant(vec!["User.Read.All".to_owned()]);
    world.control().revoke_access_tokens();
    world.control().clear_requests();
    world.reconfigure(excluded());
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Unlink), 5, "{plan:?}");
    let left = Evidence::LeftScope("organizationalContacts".to_owned());
    for entry in world.planned() {
        assert_eq!(entry.what.evidence.as_ref(), Some(&left));
    }
    let run = world.sync().await;
    assert_eq!(
        (run.status, run.counts.removed),
        (RunStatus::Succeeded, 5),
        "{run:?}"
    );
    assert!(world.partners().is_empty());
    assert_eq!(world.asked_for("/contacts"), 0);
    assert_eq!(world.asked_for("/$batch"), 0);
    let told = world.explain_partner(1).await.summary.join(" ");
    assert!(told.contains("does not take those any more"), "{told}");
    assert_eq!(world.full_sync().await.counts.processed, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_of_them_than_the_limit_go_only_when_that_is_approved() {
    let mut world = world_of(4, 30, included()).await;
    world.sync().await;
    world.reconfigure(excluded());
    let block = world.sync().await.block.unwrap();
    assert_eq!(block.breaker, "removals");
    assert_eq!(world.contacts().len(), 34);
    let mut approved = request(RunMode::Incremental);
    approved.approval = Some(Approval::Block(block.digest));
    let run = world.run(approved).await;
    assert_eq!(run.counts.removed, 30, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_policy_keeps_who_leaves_the_scope_they_are_not_taken_for_deleted_later() {
    let mut world = world(included()).await;
    world.sync().await;
    world.reconfigure(json!({ "preset": "mirror", "leftScope": "keep", "removed": "delete" }));
    for _ in 0..3 {
        let run = world.full_sync().await;
        assert_eq!(run.counts.removed, 0, "{run:?}");
    }
    assert_eq!(world.partners(), [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_and_goes_again_leaves_for_the_same_reason() {
    let mut world = world(included()).await;
    world.sync().await;
    world.reconfigure(excluded());
    world.sync().await;
    world.reconfigure(included());
    world.sync().await;
    assert_eq!(
        world.partners(),
        [1, 2, 3, 4, 5],
        "found again by their ids"
    );
    world.reconfigure(excluded());
    world.plan(RunMode::Full).await;
    let planned = world.planned();
    let one = planned
        .iter()
        .find(|entry| entry.what.object_id == contact_id(1))
        .unwrap();
    let left = Evidence::LeftScope("organizationalContacts".to_owned());
    assert_eq!(one.what.evidence.as_ref(), Some(&left));
}
