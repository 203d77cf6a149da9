//! Whatever breaks a run off, the next one comes to the same.

use host_harness::contract::{RunMode, RunStatus};
use host_harness::graph_emulator::Fault;
use serde_json::json;

use super::{PEOPLE, world, world_of};
use crate::world::{World, people, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_token_of_the_groups_leads_to_a_reading_of_all_of_them_and_takes_nobody_off() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2, 3]);
    world.sync().await;
    world.join(&sales, &[4]);
    world.control().inject(Fault {
        path: Some("/v1.0/groups/delta".to_owned()),
        times: Some(1),
        status: Some(410),
        code: Some("syncStateNotFound".to_owned()),
        ..Fault::default()
    });
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.on("Sales"), [1, 2, 3, 4]);
    assert_eq!(world.sync().await.requests, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_slices_of_one_page_comes_to_the_same() {
    let world = world_of(json!({}), |behaviour| behaviour.members_per_page = 2).await;
    world.add_group("Large", &[1, 2, 3, 4, 5, 6, 7]);
    world.add_group("Small", &[8]);
    world.full_sync().await;
    let pages = world.asked("/groups/delta");
    world.control().clear_requests();
    let mut slices = request(RunMode::Full);
    slices.slice.max_pages = Some(1);
    world.run(slices).await;
    assert_eq!(
        world.asked("/groups/delta"),
        pages,
        "no page is asked for twice"
    );
    assert_eq!(world.on("Large"), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(world.on("Small"), [8]);
    assert_eq!(world.sync().await.counts.processed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_joined_is_not_forgotten_where_the_run_fails_after_the_groups() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2, 3]);
    world.sync().await;
    world.join(&sales, &[4]);
    world.leave(&sales, &[1]);
    world.control().inject(Fault {
        path: Some("/v1.0/users/delta".to_owned()),
        times: Some(1),
        status: Some(403),
        code: Some("Authorization_RequestDenied".to_owned()),
        ..Fault::default()
    });
    // One sign-in is made anew for a permission that may have been given meanwhile.
    let failed = world.sync().await;
    if failed.status == RunStatus::Failed {
        world.sync().await;
    }
    assert_eq!(world.on("Sales"), [2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_counts_from_now_on_brings_the_people_it_had() {
    let world = world(json!({ "include": ["Sales"] })).await;
    let later = world.add_group("Later", &[5, 6]);
    world.sync().await;
    assert!(world.lists().is_empty());
    world
        .control()
        .edit_group(&later, json!({ "displayName": "Sales" }))
        .unwrap();
    world.sync().await;
    assert_eq!(world.on("Sales"), [5, 6]);
    assert_eq!(world.linked(PEOPLE).len(), PEOPLE as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_deleted_and_restored_ends_with_whom_it_has_then() {
    let world = world(json!({})).await;
    let sales = world.add_group("Sales", &[1, 2, 3]);
    world.sync().await;
    world.control().delete_group(&sales).unwrap();
    world.sync().await;
    assert_eq!(world.on("Sales"), Vec::<u32>::new());
    world.control().restore_group(&sales).unwrap();
    world.leave(&sales, &[3]);
    world.sync().await;
    assert_eq!(world.on("Sales"), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_a_run_fails_and_says_which_one_is_missing() {
    let world = World::with(people(PEOPLE), super::groups(json!({})))
        .emulator(|options| options.tenant.roles = vec!["User.Read.All".to_owned()])
        .begin()
        .await;
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Failed);
    let said = format!("{:?}", run.errors);
    assert!(said.contains("GroupMember.Read.All"), "{said}");
    assert!(world.contacts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_whose_memberships_were_read_anew_meanwhile_is_not_gone_on_with() {
    let mut sync = super::groups(json!({}));
    sync["listing"] = json!({ "pageSize": 4 });
    let world = World::with(people(PEOPLE), sync)
        .emulator(|options| {
            options.tenant.roles = ["User.Read.All", "GroupMember.Read.All"]
                .map(str::to_owned)
                .to_vec();
        })
        .begin()
        .await;
    let everybody: Vec<u32> = (1..=PEOPLE).collect();
    world.add_group("Sales", &everybody);
    world.sync().await;
    let refused = |path: &str, skip| Fault {
        path: Some(path.to_owned()),
        skip,
        status: Some(403),
        ..Fault::default()
    };
    // Between its pages of people, and then at the first page of groups.
    for fault in [refused("/v1.0/users?", 1), refused("/v1.0/groups/delta", 0)] {
        world.control().inject(fault);
        assert_eq!(world.full_sync().await.status, RunStatus::Failed);
        world.control().clear_faults();
    }
    world.sync().await;
    assert_eq!(world.on("Sales"), everybody);
    assert_eq!(world.full_sync().await.counts.unchanged, u64::from(PEOPLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_groups_that_lead_in_a_circle_end_the_run_and_take_nobody_off() {
    let world = world(json!({})).await;
    world.add_group("Sales", &[1, 2, 3]);
    world.sync().await;
    let graph = world.emulator.graph_url();
    for stated in [
        json!([]),
        json!([{ "id": "11111111-0000-4000-8000-000000000001" }]),
    ] {
        let next = format!("{graph}/v1.0/groups/delta?$skiptoken=x");
        world.control().inject(Fault {
            path: Some("/v1.0/groups/delta".to_owned()),
            body: Some(json!({ "value": stated, "@odata.nextLink": next }).to_string()),
            ..Fault::default()
        });
        let run = world.full_sync().await;
        assert_eq!(run.status, RunStatus::Incomplete, "{run:?}");
        assert_eq!(world.on("Sales"), [1, 2, 3]);
        world.control().clear_faults();
        assert_eq!(world.sync().await.status, RunStatus::Succeeded);
    }
}
