//! A list that is read in partitions, several pages at a time: whatever the directory does meanwhile,
//! everybody is read, and nobody is taken for gone.

use host_harness::contract::{Run, RunStatus};
use host_harness::grant::grant;
use host_harness::graph_emulator::{Behaviour, Fault, Storm, Trouble};
use host_harness::runtime::{HttpAccess, HttpOptions};
use serde_json::{Value, json};

use super::deletes;
use crate::world::{World, object_id, people_over_years, person_with};

/// Fifteen pages.
const PEOPLE: u32 = 60;

fn in_partitions() -> Value {
    let mut sync = deletes();
    sync["listing"] = json!({ "pageSize": 4 });
    sync
}

async fn world() -> World {
    World::with(people_over_years(PEOPLE), in_partitions())
        .begin()
        .await
}

fn on_partitions() -> Fault {
    Fault {
        path: Some("/v1.0/users?$top=4&$filter=".to_owned()),
        ..Fault::default()
    }
}

fn pages(world: &World, part: &str) -> usize {
    let asked = world.control().requests();
    let pages = asked.iter().filter(|asked| {
        asked.target.starts_with("/v1.0/users?$top=4") && asked.target.contains(part)
    });
    pages.count()
}

fn assert_everybody(world: &World, run: &Run) {
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.removed, 0, "{run:?}");
    assert_eq!(world.linked(PEOPLE), (1..=PEOPLE).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_answered_several_pages_at_a_time() {
    let world = world().await;
    world.control().inject(Fault {
        delay_ms: 100,
        ..on_partitions()
    });
    let run = world.sync().await;
    assert_everybody(&world, &run);
    assert_eq!(run.counts.created, u64::from(PEOPLE));
    let most = world.control().overview().counters.most_at_once;
    assert!((3..=8).contains(&most), "{most} at a time");
    assert_eq!(
        pages(&world, "$select="),
        pages(&world, "$filter="),
        "nothing was listed twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_full_run_in_partitions_changes_nothing() {
    let world = world().await;
    world.sync().await;
    let run = world.full_sync().await;
    assert_everybody(&world, &run);
    assert_eq!(run.counts.unchanged, u64::from(PEOPLE));
    assert!(
        pages(&world, "$filter=") >= 30,
        "both runs were in partitions"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_no_partition_is_asked_for_by_id_and_stays() {
    let world = world().await;
    world.sync().await;
    world.control().set_behaviour(Behaviour {
        unlisted_users: [1, 11, 30].map(object_id).to_vec(),
        ..Behaviour::default()
    });
    let run = world.full_sync().await;
    assert_everybody(&world, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_removed_on_evidence_and_nobody_else() {
    let world = world().await;
    world.sync().await;
    world.control().purge_user(&object_id(7)).unwrap();
    world.control().delete_user(&object_id(22)).unwrap();
    let run = world.full_sync().await;
    assert_eq!(run.counts.removed, 2, "{run:?}");
    let left: Vec<_> = (1..=PEOPLE).filter(|id| ![7, 22].contains(id)).collect();
    assert_eq!(world.linked(PEOPLE), left);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_throttled_is_asked_for_later_and_so_are_those_beside_it() {
    let world = world().await;
    for (skip, retry_after) in [(2, Some("0.25")), (3, None)] {
        world.control().inject(Fault {
            skip,
            times: Some(1),
            status: Some(429),
            retry_after: retry_after.map(str::to_owned),
            ..on_partitions()
        });
    }
    let run = world.sync().await;
    assert_everybody(&world, &run);
    assert!(run.throttled_ms >= 250, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_that_is_refused_while_pages_are_under_way_is_renewed() {
    for requests_in_flight in [1, 2, 4, 10] {
        let mut world = world().await;
        let policy = grant(&world.document, &[], true).unwrap();
        let options = HttpOptions {
            requests_in_flight,
            ..HttpOptions::default()
        };
        world.workspace.http = HttpAccess::new(policy, &options).unwrap();
        world.control().inject(Fault {
            skip: 1,
            times: Some(1),
            status: Some(401),
            ..on_partitions()
        });
        let run = world.sync().await;
        assert_everybody(&world, &run);
        // One that was given up for the refusal may still be at the directory when the next one comes.
        let most = world.control().overview().counters.most_at_once;
        assert!(most <= requests_in_flight as u64 + 1, "{most} at a time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_are_wrong_leave_nobody_out() {
    for said in ["0", "3", "60", "70000"] {
        let world = world().await;
        world.control().inject(Fault {
            path: Some("/v1.0/users/$count?$filter=".to_owned()),
            body: Some(said.to_owned()),
            ..Fault::default()
        });
        let run = world.sync().await;
        assert_everybody(&world, &run);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_refuses_advanced_queries_is_listed_in_one_piece() {
    let world = world().await;
    world.control().inject(Fault {
        path: Some("/v1.0/users/$count?$filter=".to_owned()),
        status: Some(400),
        code: Some("Request_UnsupportedQuery".to_owned()),
        ..Fault::default()
    });
    let run = world.sync().await;
    assert_everybody(&world, &run);
    assert_eq!((pages(&world, "$filter="), pages(&world, "")), (0, 15));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_everybody_in_one_second_is_read_all_the_same() {
    let imported = (1..=PEOPLE).map(|id| {
        let moment = json!({ "createdDateTime": "2024-05-05T05:05:05Z" });
        person_with(id, "Given", &format!("Number{id}"), moment)
    });
    let world = World::with(imported.collect(), in_partitions())
        .begin()
        .await;
    let run = world.sync().await;
    assert_everybody(&world, &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn storms_on_the_way_cost_time_and_nobody() {
    let troubles = [
        Trouble::Throttled,
        Trouble::NearTheLimit,
        Trouble::Unavailable,
        Trouble::Conflict,
        Trouble::TokenRefused,
        Trouble::PageTokenLost,
        Trouble::ConnectionCut,
        Trouble::BodyCut,
        Trouble::EmptyPage,
        Trouble::PageTwice,
        Trouble::PeopleTwice,
        Trouble::OppositeOrder,
    ];
    for seed in 1..=6 {
        let world = world().await;
        let storm = Storm {
            retry_after: vec!["0.05".to_owned()],
            ..Storm::only(seed, troubles, 15)
        };
        world.control().begin_storm(storm);
        world.sync().await;
        world.control().end_storm();
        let run = world.full_sync().await;
        assert_everybody(&world, &run);
    }
}
