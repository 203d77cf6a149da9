//! Law 6: breakers stop before harm. A run that would remove too many ends `blocked` with nothing
//! taken away, and approving means approving exactly these removals.

use host_harness::contract::{Approval, Run, RunMode, RunStatus};
use serde_json::{Value, json};

use crate::world::{World, connector, object_id, people, person, request};

const PEOPLE: u32 = 40;

fn mirror() -> Value {
    json!({ "preset": "mirror" })
}

/// Forty people, of whom these were deleted since.
async fn after_losing(gone: std::ops::RangeInclusive<u32>) -> World {
    let world = World::with(people(PEOPLE), mirror()).begin().await;
    world.sync().await;
    for id in gone {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    world
}

async fn approve(world: &World, digest: &str) -> Run {
    let mut request = request(RunMode::Incremental);
    request.approval = Some(Approval::Block(digest.to_owned()));
    world.run(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_handful_may_always_leave() {
    let world = after_losing(1..=5).await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.removed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_a_limit_holds_does_not_leave_one_by_one_by_retries() {
    let world = after_losing(1..=8).await;
    assert_eq!(world.sync().await.status, RunStatus::Blocked);
    for id in 1..=4 {
        let retried = connector()
            .retry(&world.workspace, &world.document, &object_id(id))
            .await
            .result
            .unwrap();
        let counts = &retried.run.counts;
        assert_eq!((counts.removed, counts.skipped), (0, 1), "{retried:?}");
        assert_eq!(retried.run.skips[0].reason, "held-by-breaker");
    }
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "still eight: {run:?}");
    let digest = run.block.unwrap().digest;
    assert_eq!(approve(&world, &digest).await.counts.removed, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_too_many_removals_block_the_run_and_nothing_is_taken_away() {
    let world = after_losing(1..=6).await;
    let hire = person(100, "New", "Hire");
    world.control().add_user(hire).unwrap();
    let before = world.snapshot();

    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked);
    let block = run.block.unwrap();
    assert_eq!(block.breaker, "removals");
    assert!(block.message.contains("6 of 41"), "{}", block.message);
    assert!(!block.cause.is_empty());
    assert_eq!((run.counts.removed, run.counts.skipped), (0, 6));
    assert_eq!(run.skips[0].reason, "held-by-breaker");
    let after = world.snapshot();
    for (id, contact) in before {
        assert_eq!(after[&id], contact, "untouched");
    }
    assert!(world.contact_of(100).is_some(), "additions are made");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_blocked_run_stays_blocked_until_its_cause_is_gone() {
    let world = after_losing(1..=6).await;
    for mode in [RunMode::Incremental, RunMode::Full, RunMode::Incremental] {
        let run = world.run(request(mode)).await;
        assert_eq!(run.status, RunStatus::Blocked, "{mode:?}");
    }
    world.control().restore_user(&object_id(1)).unwrap();
    let run = world.sync().await;
    assert_eq!((run.status, run.counts.removed), (RunStatus::Succeeded, 5));
    assert!(world.contact_of(1).is_some(), "the restored one stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_the_digest_of_the_next_plan_approves_exactly_these_removals() {
    let world = after_losing(1..=6).await;
    let blocked = world.sync().await;
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(blocked.block.unwrap().digest, plan.digest);
    assert_eq!(plan.blocks[0].digest, plan.digest);

    let run = approve(&world, &plan.digest).await;
    assert_eq!((run.status, run.counts.removed), (RunStatus::Succeeded, 6));
    assert_eq!(world.linked(PEOPLE), (7..=PEOPLE).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_what_a_plan_shows_of_a_breaker_can_be_approved_before_any_run() {
    let world = after_losing(1..=6).await;
    let hire = person(100, "New", "Hire");
    world.control().add_user(hire).unwrap();
    let plan = world.plan(RunMode::Incremental).await;
    let run = approve(&world, &plan.blocks[0].digest).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{:?}", run.block);
    assert_eq!((run.counts.removed, run.counts.created), (6, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_full_run_takes_the_approval_of_an_incremental_plan() {
    let world = after_losing(1..=6).await;
    let digest = world.sync().await.block.unwrap().digest;
    let mut request = request(RunMode::Full);
    request.approval = Some(Approval::Block(digest));
    let run = world.run(request).await;
    assert_eq!((run.status, run.counts.removed), (RunStatus::Succeeded, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_an_approval_covers_nobody_who_left_after_it() {
    let world = after_losing(1..=6).await;
    let digest = world.sync().await.block.unwrap().digest;
    world.control().delete_user(&object_id(7)).unwrap();
    let run = approve(&world, &digest).await;
    assert_eq!(run.status, RunStatus::Blocked);
    assert_ne!(run.block.unwrap().digest, digest);
    assert_eq!(world.linked(PEOPLE).len(), 40);

    let run = approve(&world, &"0".repeat(64)).await;
    assert_eq!(run.status, RunStatus::Blocked, "a made-up digest");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_an_approval_is_for_once_and_the_limit_stays() {
    let world = after_losing(1..=6).await;
    let digest = world.sync().await.block.unwrap().digest;
    approve(&world, &digest).await;
    for id in 11..=16 {
        world.control().delete_user(&object_id(id)).unwrap();
    }
    let run = approve(&world, &digest).await;
    assert_eq!(run.status, RunStatus::Blocked);
}

#[tokio::test(flavor = "multi_thread")]
async fn law_6_a_filter_with_a_typing_error_is_stopped_whatever_the_mode() {
    let mut world = World::with(people(PEOPLE), mirror()).begin().await;
    world.sync().await;
    world.reconfigure(json!({ "preset": "mirror", "filters": { "department": "Slaes" } }));
    for mode in [RunMode::Incremental, RunMode::Full] {
        let run = world.run(request(mode)).await;
        assert_eq!(run.status, RunStatus::Blocked);
        assert_eq!(world.linked(PEOPLE).len(), 40);
    }
    world.reconfigure(mirror());
    assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    assert_eq!(world.linked(PEOPLE).len(), 40);
}
