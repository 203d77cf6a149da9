//! A clock that is set back: by a server that was wrong, by a virtual machine that was restored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use host_harness::contract::RunStatus;
use host_harness::runtime::WallClock;

use super::{assert_caught_up, change_the_directory, deletes};
use crate::world::{World, people};

/// 2026-08-01T00:00:00Z.
pub const AUGUST: u64 = 1_785_542_400;
pub const DAY: u64 = 24 * 60 * 60;

/// Shows what it is set to, a little less with every look.
pub struct Wrong {
    seconds: AtomicU64,
    back_with_every_look: u64,
}

impl Wrong {
    pub fn set(&self, seconds: u64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }
}

impl WallClock for Wrong {
    fn since_epoch(&self) -> Duration {
        let back = self.back_with_every_look;
        Duration::from_secs(self.seconds.fetch_sub(back, Ordering::SeqCst))
    }
}

pub async fn world(back_with_every_look: u64) -> (World, Arc<Wrong>) {
    let clock = Arc::new(Wrong {
        seconds: AtomicU64::new(AUGUST),
        back_with_every_look,
    });
    let mut world = World::with(people(12), deletes())
        .emulator(|options| options.delta_page_size = 2)
        .begin()
        .await;
    world.workspace.clock = Some(clock.clone());
    (world, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_between_two_runs_loses_no_change() {
    let (world, clock) = world(0).await;
    world.sync().await;
    change_the_directory(&world);
    clock.set(AUGUST - 40 * DAY);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.started_at_ms, (AUGUST - 40 * DAY) * 1_000);
    assert_eq!((run.counts.created, run.counts.removed), (1, 1));
    assert_caught_up(&world);
    assert_eq!(world.sync().await.counts.processed, 0);
    let history = world.report().await.history;
    assert_eq!(history[1].id, run.id, "the newest run is the last one made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_runs_backwards_during_a_run_does_not_end_it_before_it_began() {
    let (world, _) = world(1).await;
    world.sync().await;
    change_the_directory(&world);
    let run = world.sync().await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert!(run.finished_at_ms.unwrap() >= run.started_at_ms, "{run:?}");
    assert_caught_up(&world);
}
