//! A clock that was far ahead when everybody was read, and is right again.

use host_harness::contract::RunMode;

use super::clock::{AUGUST, DAY, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_round_in_a_future_that_never_was_does_not_put_off_the_next_one() {
    let (world, clock) = world(0).await;
    clock.set(AUGUST + 400 * DAY);
    world.sync().await;
    clock.set(AUGUST);
    let run = world.sync().await;
    assert_eq!(run.mode, RunMode::Full, "when it was, nobody knows");
    assert_eq!(run.counts.unchanged, 12);
    assert_eq!(world.sync().await.mode, RunMode::Incremental, "once");
}
