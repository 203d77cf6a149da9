//! Throttling inside a batch: each person's look-up is throttled on its own, waits on its own, and
//! an answer that is not there is no answer (<https://learn.microsoft.com/graph/json-batching>).

use std::time::Duration;

use host_harness::contract::{RunMode, RunStatus, SliceEnd};
use host_harness::graph_emulator::{Behaviour, Fault};

use super::{answers, assert_untouched, synced};
use crate::world::{World, object_id, request};

/// Four of twelve people are not listed, and are asked for by id: this is the one in trouble.
const TROUBLED: u32 = 3;

async fn hiding_four() -> World {
    let world = synced().await;
    world.control().set_behaviour(Behaviour {
        unlisted_users: (1..=4).map(object_id).collect(),
        ..Behaviour::default()
    });
    world.control().clear_requests();
    world
}

fn look_up_of(person: u32) -> String {
    format!("/users/{}", object_id(person))
}

fn inside_the_batch(status: u16, retry_after: Option<&str>) -> Fault {
    Fault {
        path: Some(look_up_of(TROUBLED)),
        inner: Some(true),
        times: Some(1),
        status: Some(status),
        retry_after: retry_after.map(str::to_owned),
        ..Fault::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_is_throttled_inside_a_batch_is_repeated_alone_after_its_own_time() {
    for (status, retry_after, least) in [
        (429, Some("1"), 1_000),
        (429, Some("0.25"), 250),
        (429, None, 0),
        (503, Some("1"), 1_000),
        (503, None, 0),
        (500, None, 0),
    ] {
        let told = format!("{status} {retry_after:?}");
        let world = hiding_four().await;
        world
            .control()
            .inject(inside_the_batch(status, retry_after));
        let run = world.full_sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{told}: {run:?}");
        assert_eq!(
            (run.counts.removed, run.counts.unchanged),
            (0, 12),
            "{told}"
        );
        assert_untouched(&world);
        assert_eq!(
            answers(&world, &look_up_of(TROUBLED)),
            [status, 200],
            "{told}"
        );
        assert_eq!(
            answers(&world, &look_up_of(2)),
            [200],
            "{told}: nobody else again"
        );
        assert_eq!(answers(&world, "/$batch"), [200, 200], "{told}");
        if retry_after.is_some() {
            assert!(run.throttled_ms >= least, "{told}: {run:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_is_to_wait_beyond_the_slice_hands_the_wait_to_the_host() {
    let world = hiding_four().await;
    world.control().inject(inside_the_batch(429, Some("3600")));
    let mut slice = request(RunMode::Full);
    slice.slice.max_ms = Some(10_000);
    let result = world.try_sync(slice.clone()).await.unwrap();
    let SliceEnd::More(pause) = result.end else {
        panic!("{result:?}");
    };
    assert_eq!(Duration::from_millis(pause), Duration::from_hours(1));
    assert_eq!(result.run.status, RunStatus::Running);
    assert_untouched(&world);

    let rest = world.run(slice).await;
    assert_eq!(rest.id, result.run.id, "the same run");
    assert_eq!(rest.status, RunStatus::Succeeded, "{rest:?}");
    assert_eq!(rest.counts.removed, 0);
    assert_eq!(answers(&world, &look_up_of(TROUBLED)), [429, 200]);
    assert_untouched(&world);
}
