//! The time of day, and whether it was set back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use connector_runtime::WallClock;
use jiff::Timestamp;

/// The machine's time of day.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn since_epoch(&self) -> Duration {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The server's clock.
pub(crate) struct Clock {
    wall: Arc<dyn WallClock>,
    /// When it was last asked whether it had been set back.
    looked_at_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn new(wall: Arc<dyn WallClock>) -> Self {
        Self {
            wall,
            looked_at_ms: AtomicI64::new(i64::MIN),
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now_ms(&self) -> i64 {
        i64::try_from(self.wall.since_epoch().as_millis()).unwrap_or(i64::MAX)
    }

    /// The same moment, for the calendar.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether it shows less than when this was asked last.
    pub(crate) fn was_set_back(&self) -> bool {
        let now_ms = self.now_ms();
        now_ms < self.looked_at_ms.swap(now_ms, Ordering::Relaxed)
    }
}
