//! Time and randomness, as WASI gives them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{Clock, Entropy, Timestamp};

/// The host's clocks; elapsed time is counted from the start of the call.
pub struct HostClock {
    started: Instant,
}

impl HostClock {
    /// Starts counting now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(since_epoch.as_millis() as u64)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// The host's random numbers.
pub struct HostEntropy;

impl Entropy for HostEntropy {
    fn next_u64(&self) -> u64 {
        wasi::random::random::get_random_u64()
    }
}
