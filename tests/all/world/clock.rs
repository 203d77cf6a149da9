//! A clock that a test sets: a workspace's, a directory's, or both.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use host_harness::runtime::WallClock;

/// A day, in seconds.
pub const DAY: u64 = 24 * HOUR;
/// An hour, in seconds.
pub const HOUR: u64 = 3_600;

/// 2026-11-21T08:00:00Z, and the seconds that passed since.
#[derive(Default)]
pub struct Clock(AtomicU64);

impl Clock {
    pub fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Since 1970.
    pub fn now(&self) -> Duration {
        Duration::from_secs(1_795_248_000 + self.0.load(Ordering::Relaxed))
    }
}

impl WallClock for Clock {
    fn since_epoch(&self) -> Duration {
        self.now()
    }
}
