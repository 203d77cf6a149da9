//! A directory that suddenly states nothing for many people: a lowered permission does that.

use host_harness::contract::{Approval, RunMode, RunStatus};
use serde_json::json;

use crate::world::{World, object_id, person, request};

const PEOPLE: u32 = 30;

async fn world() -> World {
    let people = (1..=PEOPLE)
        .map(|id| person(id, "Person", &format!("Number{id}")))
        .collect();
    let mapping = json!({ "givenName": "first_name", "mail": "email", "jobTitle": "job_title" });
    let world = World::with(people, json!({ "preset": "mirror", "mapping": mapping }))
        .begin()
        .await;
    world.sync().await;
    world
}

fn titles(world: &World) -> usize {
    let contacts = world.contacts();
    contacts
        .iter()
        .filter(|contact| contact.fields.contains_key("job_title"))
        .count()
}

fn clear_titles(world: &World, people: u32) {
    for id in 1..=people {
        world
            .control()
            .edit_user(&object_id(id), json!({ "jobTitle": null }))
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_emptied_for_everybody_stops_the_run_before_any_value_is_lost() {
    let world = world().await;
    clear_titles(&world, PEOPLE);
    world
        .control()
        .edit_user(&object_id(1), json!({ "givenName": "Renamed" }))
        .unwrap();

    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Blocked);
    let block = run.block.unwrap();
    assert_eq!(block.breaker, "blanked:job_title");
    assert!(
        block.message.starts_with("Job title: 30 of 30"),
        "{}",
        block.message
    );
    assert_eq!(titles(&world), PEOPLE as usize, "nothing was taken away");
    assert_eq!(
        world.field_of(1, "first_name").unwrap(),
        "Renamed",
        "what adds is done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_lets_exactly_this_pass() {
    let world = world().await;
    clear_titles(&world, PEOPLE);
    let digest = world.sync().await.block.unwrap().digest;
    assert_eq!(
        world.plan(RunMode::Incremental).await.digest,
        digest,
        "a plan names the same"
    );

    let mut wrong = request(RunMode::Incremental);
    wrong.approval = Some(Approval::Block("0".repeat(64)));
    assert_eq!(world.run(wrong).await.status, RunStatus::Blocked);

    let mut right = request(RunMode::Incremental);
    right.approval = Some(Approval::Block(digest));
    let run = world.run(right).await;
    assert_eq!(run.counts.updated, u64::from(PEOPLE));
    assert_eq!(titles(&world), 0);
    assert_eq!(world.full_sync().await.counts.unchanged, u64::from(PEOPLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_emptied_values_pass() {
    let world = world().await;
    clear_titles(&world, 3);
    let run = world.sync().await;
    assert_eq!(run.counts.updated, 3);
    assert_eq!(titles(&world), PEOPLE as usize - 3);
    assert_eq!(world.sync().await.counts.processed, 0);
}
