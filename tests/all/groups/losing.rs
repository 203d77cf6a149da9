//! Nobody leaves a list because a group was emptied for a while, or by mistake.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use host_harness::contract::{Approval, RunMode, RunStatus};
use host_harness::graph_emulator::Members;
use host_harness::runtime::WallClock;
use serde_json::json;

use super::{PEOPLE, world};
use crate::world::clock::{Clock, DAY, HOUR};
use crate::world::{World, object_id, people, request};

const ALL: [u32; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_a_rule_fills_anew_loses_nobody_while_it_is_empty() {
    let world = world(json!({})).await;
    let filled = json!({ "groupTypes": ["DynamicMembership"], "membershipRule": "a" });
    let group = world.add_group_with("Filled", &ALL, filled);
    world.sync().await;
    assert_eq!(world.on("Filled"), ALL);

    let next: Vec<String> = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11].map(object_id).to_vec();
    world
        .control()
        .change_rule(&group, "b", Some(&next), Duration::from_hours(5))
        .unwrap();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Warnings);
    assert!(
        run.warnings
            .iter()
            .any(|warning| warning.message.contains("wait for up to a day")),
        "{:?}",
        run.warnings
    );
    assert_eq!(
        world.on("Filled"),
        ALL,
        "the directory has emptied it for a while"
    );
    let again = world.sync().await;
    assert_eq!(
        (again.status, again.counts.processed),
        (RunStatus::Warnings, 0)
    );

    world.control().advance_clock(Duration::from_hours(5));
    world.sync().await;
    assert!(world.on("Filled").contains(&11), "who joins joins at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_group_stops_the_run_until_exactly_that_is_approved() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &ALL);
    let other = world.add_group("Other", &[11]);
    world.sync().await;
    world.leave(&sales, &ALL);
    world.join(&other, &[12]);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "{run:?}");
    let block = run.block.unwrap();
    assert_eq!(block.breaker, "groups-emptied");
    assert!(
        block
            .message
            .starts_with("10 memberships of 1 group (Sales)"),
        "{}",
        block.message
    );
    assert_eq!(world.on("Sales"), ALL, "nothing was taken away");
    assert_eq!(world.on("Other"), [11, 12], "what adds is done");
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(plan.blocks.len(), 1);
    assert_eq!(plan.blocks[0].digest, block.digest, "a plan names the same");

    let mut wrong = request(RunMode::Incremental);
    wrong.approval = Some(Approval::Block("0".repeat(64)));
    assert_eq!(world.run(wrong).await.status, RunStatus::Blocked);
    assert_eq!(world.on("Sales"), ALL);

    let mut right = request(RunMode::Incremental);
    right.approval = Some(Approval::Block(block.digest));
    let run = world.run(right).await;
    assert_eq!(run.counts.updated, 10, "{run:?}");
    assert_eq!(world.on("Sales"), Vec::<u32>::new());
    assert_eq!(world.sync().await.counts.processed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_emptied_by_mistake_and_filled_again_has_lost_nobody() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &ALL);
    world.sync().await;
    world.leave(&sales, &ALL);
    assert_eq!(world.sync().await.status, RunStatus::Blocked);
    world.join(&sales, &ALL);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.on("Sales"), ALL);
    assert_eq!(
        world.contact_of(1).unwrap().version,
        1,
        "and nobody was written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_all_read_anew_and_show_fewer_people_stop_the_run_too() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &ALL);
    world.sync().await;
    world.leave(&sales, &ALL);
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "{run:?}");
    assert_eq!(world.on("Sales"), ALL);
    let mut approved = request(RunMode::Full);
    approved.approval = Some(Approval::Block(run.block.unwrap().digest));
    world.run(approved).await;
    assert_eq!(world.on("Sales"), Vec::<u32>::new());
    assert_eq!(world.linked(PEOPLE).len(), PEOPLE as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lowered_permission_hides_is_not_taken_for_nothing() {
    let world = world(json!({})).await;
    world.add_group("Sales", &ALL);
    world.sync().await;
    let mut behaviour = world.control().behaviour();
    behaviour.nulled_group_properties = ["displayName", "mailEnabled", "securityEnabled"]
        .map(str::to_owned)
        .to_vec();
    world.control().set_behaviour(behaviour);
    let run = world.full_sync().await;
    assert_eq!(world.on("Sales"), ALL);
    assert!(
        run.warnings
            .iter()
            .any(|warning| warning.message.contains("not shown as before")),
        "{:?}",
        run.warnings
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_group_through_another_one_is_counted_when_it_goes() {
    let world = world(json!({ "members": "transitive", "include": ["Outer"] })).await;
    let inner = world.add_group("Inner", &ALL);
    let outer = world.add_group_with("Outer", &[], json!({ "members": [inner] }));
    world.sync().await;
    assert_eq!(world.on("Outer"), ALL);
    world.control().delete_group(&outer).unwrap();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked, "{run:?}");
    let everybody = world.full_sync().await;
    assert_eq!(everybody.status, RunStatus::Blocked, "{everybody:?}");
    assert_eq!(world.on("Outer"), ALL, "nothing was taken away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_left_another_one_and_came_back_is_in_it_and_asks_nobody() {
    let world = world(json!({ "members": "transitive", "include": ["Outer"] })).await;
    let inner = world.add_group("Inner", &ALL);
    let outer = world.add_group_with("Outer", &[], json!({ "members": [inner] }));
    world.sync().await;
    let nested = Members::of([inner]);
    world.control().remove_members(&outer, &nested).unwrap();
    assert_eq!(world.sync().await.status, RunStatus::Blocked);
    assert_eq!(world.full_sync().await.status, RunStatus::Blocked);
    world.control().add_members(&outer, &nested).unwrap();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.on("Outer"), ALL);
}

/// A group of ten that a rule fills, and the clock of directory and workspace.
async fn filled() -> (World, Arc<Clock>, String) {
    let clock = Arc::new(Clock::default());
    let of_directory = Arc::clone(&clock);
    let mut world = World::with(people(PEOPLE), super::groups(json!({})))
        .emulator(|options| {
            options.tenant.roles = ["User.Read.All", "GroupMember.Read.All"]
                .map(str::to_owned)
                .to_vec();
            options.clock = Arc::new(move || SystemTime::UNIX_EPOCH + of_directory.now());
        })
        .begin()
        .await;
    world.workspace.clock = Some(Arc::clone(&clock) as Arc<dyn WallClock>);
    let more = json!({ "groupTypes": ["DynamicMembership"], "membershipRule": "a" });
    let group = world.add_group_with("Filled", &ALL, more);
    world.sync().await;
    (world, clock, group)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_waited_for_a_day_is_asked_about_and_not_done() {
    let (world, clock, group) = filled().await;
    world.leave(&group, &ALL);
    assert_eq!(world.sync().await.status, RunStatus::Warnings);
    clock.pass(25 * HOUR);
    let run = world.sync().await;
    assert_eq!(run.block.unwrap().breaker, "groups-emptied");
    assert_eq!(world.on("Filled"), ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_filled_again_waits_anew_when_it_is_emptied_anew() {
    let (world, clock, group) = filled().await;
    for _ in 0..2 {
        world.leave(&group, &ALL);
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Warnings, "{run:?}");
        assert_eq!(world.on("Filled"), ALL);
        world.join(&group, &ALL);
        assert_eq!(world.sync().await.status, RunStatus::Succeeded);
        clock.pass(2 * DAY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_everybody_shows_nothing_of_what_may_not_be_believed() {
    let world = world(json!({})).await;
    // Its number goes to the next one when all are read anew.
    let first = world.add_group("First", &[11]);
    let sales = world.add_group("Sales", &ALL);
    world.add_group("Third", &[12]);
    world.sync().await;
    world.control().delete_group(&first).unwrap();
    world.leave(&sales, &ALL);
    let plan = world.plan(RunMode::Full).await;
    assert_eq!(plan.blocks.len(), 1, "{plan:?}");
    let changes = world.planned();
    assert!(changes.is_empty(), "{changes:?}");
    let run = world.full_sync().await;
    assert_eq!(run.block.unwrap().digest, plan.blocks[0].digest);
    assert_eq!((run.counts.updated, world.on("Sales")), (0, ALL.to_vec()));
}
