//! Positions that the directory forgets: delta tokens and page tokens, at the beginning of a round
//! and in the middle. A lost position costs a reading of everybody, and nobody their contact.

use host_harness::contract::{Run, RunMode, RunStatus};
use host_harness::graph_emulator::{Behaviour, ExpiredToken, Fault};

use super::{answers, assert_caught_up, change_the_directory, deletes, synced};
use crate::world::{World, people, request};

const SPELLINGS: [&str; 2] = ["syncStateNotFound", "SyncStateNotFound"];

/// The run read everybody instead, and removed exactly who left.
async fn assert_read_anew(world: &World, run: &Run, refusal: u16) {
    let told = format!("{refusal}: {run:?}");
    assert_eq!(run.mode, RunMode::Full, "{told}");
    assert_eq!(run.status, RunStatus::Succeeded, "{told}");
    assert_eq!((run.counts.removed, run.counts.created), (1, 1), "{told}");
    assert_caught_up(world);
    let refused = answers(world, "/users/delta");
    let refused = refused.iter().filter(|status| **status == refusal);
    assert_eq!(refused.count(), 1, "the lost token is asked for once");
    assert_eq!(answers(world, "/v1.0/users?"), [200], "then everybody");
    let next = world.sync().await;
    assert_eq!(
        (next.mode, next.counts.processed),
        (RunMode::Incremental, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_token_that_expired_before_the_first_call_leads_to_a_full_round() {
    for (expired_token, status) in [
        (ExpiredToken::BadRequest, 400),
        (ExpiredToken::NotFound, 404),
        (ExpiredToken::Gone, 410),
    ] {
        for capital_sync_state in [false, true] {
            let world = synced().await;
            change_the_directory(&world);
            world.control().expire_delta_tokens();
            world.control().set_behaviour(Behaviour {
                expired_token,
                capital_sync_state,
                ..Behaviour::default()
            });
            world.control().clear_requests();
            let run = world.sync().await;
            assert_read_anew(&world, &run, status).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_token_that_expires_between_two_pages_leads_to_a_full_round() {
    for status in [400, 404, 410] {
        for code in SPELLINGS {
            let world = synced().await;
            change_the_directory(&world);
            world.control().inject(Fault {
                path: Some("$skiptoken".to_owned()),
                skip: 1,
                times: Some(1),
                status: Some(status),
                code: Some(code.to_owned()),
                ..Fault::default()
            });
            world.control().clear_requests();
            let run = world.sync().await;
            assert_read_anew(&world, &run, status).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_leads_to_a_full_round_with_and_without_a_location_wherever_it_comes() {
    for reset_without_location in [false, true] {
        for pages_before in [0, 2] {
            let world = synced().await;
            change_the_directory(&world);
            if pages_before > 0 {
                let mut slice = request(RunMode::Incremental);
                slice.slice.max_pages = Some(pages_before);
                world.try_sync(slice).await.unwrap();
            }
            world.control().set_behaviour(Behaviour {
                reset_without_location,
                ..Behaviour::default()
            });
            world.control().reset_delta();
            world.control().clear_requests();
            let run = world.sync().await;
            assert_read_anew(&world, &run, 410).await;
        }
    }
}

/// The list of users has a second page.
const MORE_THAN_A_PAGE: u32 = 1_005;

/// The token of the second page of the list is no longer good, whenever it is asked for.
fn second_page_expires(world: &World) -> Fault {
    let requests = world.control().requests();
    let asked = requests
        .iter()
        .find(|request| request.path() == "/v1.0/users" && request.target.contains("$skiptoken"));
    let target = &asked.expect("a second page").target;
    let (before, _) = target.split_once("$skiptoken").unwrap();
    Fault {
        path: Some(format!("{before}$skiptoken")),
        status: Some(400),
        code: Some("Directory_ExpiredPageToken".to_owned()),
        ..Fault::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_that_expires_in_the_middle_of_the_list_starts_the_list_anew_once() {
    let world = World::with(people(MORE_THAN_A_PAGE), deletes())
        .begin()
        .await;
    world.sync().await;
    world.control().inject(Fault {
        times: Some(1),
        ..second_page_expires(&world)
    });
    world.control().clear_requests();
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    // Whom the list showed before it broke off was looked at twice, and nobody was written.
    assert!(run.counts.unchanged >= u64::from(MORE_THAN_A_PAGE));
    assert_eq!(run.counts.processed, run.counts.unchanged, "{run:?}");
    assert_eq!(answers(&world, "/v1.0/users?"), [200, 400, 200, 200]);
    assert_eq!(world.contacts().len(), 1_005);
}

#[tokio::test(flavor = "multi_thread")]
async fn page_tokens_that_never_last_end_the_run_and_remove_nobody() {
    let world = World::with(people(MORE_THAN_A_PAGE), deletes())
        .begin()
        .await;
    world.sync().await;
    world.control().inject(second_page_expires(&world));
    let run = world.full_sync().await;
    assert_eq!(run.status, RunStatus::Failed, "{run:?}");
    assert_eq!(run.errors[0].code, "Directory_ExpiredPageToken");
    assert_eq!(run.counts.removed, 0);
    assert_eq!(world.contacts().len(), 1_005);

    world.control().clear_faults();
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.contacts().len(), 1_005);
}
