//! Groups say who is in scope.

use host_harness::contract::{Approval, Effect, Evidence, RunMode};
use serde_json::json;

use super::{PEOPLE, world};
use crate::world::{connector, object_id, planned_count, request};

fn members_only() -> serde_json::Value {
    json!({ "people": "members", "list": "none" })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_members_get_a_contact_and_who_leaves_leaves_the_scope_with_evidence() {
    let world = world(members_only()).await;
    let staff = world.add_group("Staff", &[1, 2, 3, 4]);
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), [1, 2, 3, 4]);
    assert!(world.lists().is_empty());

    world.leave(&staff, &[2]);
    world.join(&staff, &[9]);
    let plan = world.plan(RunMode::Incremental).await;
    assert_eq!(planned_count(&plan, Effect::Create), 1);
    assert_eq!(planned_count(&plan, Effect::Unlink), 1);
    let planned = world.planned();
    let leaves = planned
        .iter()
        .find(|entry| entry.what.object_id == object_id(2))
        .unwrap();
    assert_eq!(
        leaves.what.evidence,
        Some(Evidence::LeftScope("memberOf".to_owned()))
    );
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), [1, 3, 4, 9]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_deleted_takes_few_out_of_scope_and_many_only_when_that_is_approved() {
    let world = world(members_only()).await;
    let few = world.add_group("Few", &[1, 2]);
    let many = world.add_group("Many", &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    world.sync().await;
    world.control().delete_group(&few).unwrap();
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    world.control().delete_group(&many).unwrap();
    let run = world.sync().await;
    assert_eq!(run.block.unwrap().breaker, "groups-emptied");
    assert_eq!(world.linked(PEOPLE).len(), 10, "nothing was taken away");
    world.control().restore_group(&many).unwrap();
    let run = world.sync().await;
    assert!(run.block.is_none(), "{run:?}");
    assert_eq!(world.linked(PEOPLE).len(), 10);
    assert_eq!(world.full_sync().await.counts.unchanged, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_limits_have_stopped_is_done_once_both_are_approved() {
    let world = world(members_only()).await;
    let many = world.add_group("Many", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    world.sync().await;
    world.control().delete_group(&many).unwrap();
    let approve = async |digest: String| {
        let mut approved = request(RunMode::Incremental);
        approved.approval = Some(Approval::Block(digest));
        world.run(approved).await
    };
    let of_groups = world.sync().await.block.unwrap();
    assert_eq!(of_groups.breaker, "groups-emptied");
    let of_people = approve(of_groups.digest).await.block.unwrap();
    assert_eq!(of_people.breaker, "removals");
    assert_eq!(world.linked(PEOPLE).len(), 10, "nothing was taken away");
    let run = approve(of_people.digest).await;
    assert_eq!(run.counts.removed, 10, "{run:?}");
    assert!(world.linked(PEOPLE).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_tried_again_before_the_new_groups_were_read_stays_in_scope() {
    let chosen = "11111111-0000-4000-8000-000000000001";
    let mut world =
        world(json!({ "people": "members", "list": "none", "include": [chosen] })).await;
    world.add_group_with("Chosen", &[1, 2], json!({ "id": chosen }));
    let other = world.add_group("Other", &[1, 2, 3]);
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), [1, 2]);
    let rules = json!({ "people": "members", "list": "none", "include": [other] });
    world.reconfigure(super::groups(rules));
    connector()
        .retry(&world.workspace, &world.document, &object_id(1))
        .await
        .result
        .unwrap();
    assert_eq!(world.linked(PEOPLE), [1, 2]);
    world.sync().await;
    assert_eq!(world.linked(PEOPLE), [1, 2, 3]);
}
