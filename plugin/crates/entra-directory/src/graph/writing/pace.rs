//! How fast writes may follow each other.
//!
//! An application may send 3,000 writes in 150 seconds into a tenant, and a request inside a batch counts for
//! itself (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). A refused
//! write counts, too, so none is sent that would be: each is paid for with its share of a second, and the next
//! ones wait until that has passed.

use std::time::Duration;

/// Writes a second, a little under the limit: the tenant's own is shared with whoever else writes.
pub const DEFAULT_PACE: u16 = 18;

/// The pace of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    per_second: u16,
    /// From when on something may be written, on [`Clock::elapsed`](guest_kit::Clock::elapsed).
    free_at: Duration,
}

impl Pace {
    /// So many writes a second, at least one.
    #[must_use]
    pub fn new(per_second: u16) -> Self {
        Self {
            per_second: per_second.max(1),
            free_at: Duration::ZERO,
        }
    }

    /// How long to wait before something is written.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Duration {
        self.free_at.saturating_sub(now)
    }

    /// After so many writes were sent.
    #[must_use]
    pub fn after(self, writes: usize, now: Duration) -> Self {
        let writes = u64::try_from(writes).unwrap_or(u64::MAX);
        Self {
            free_at: self.free_at.max(now).saturating_add(self.time_for(writes)),
            ..self
        }
    }

    /// What so many writes take.
    #[must_use]
    pub fn time_for(&self, writes: u64) -> Duration {
        let milliseconds = writes.saturating_mul(1_000) / u64::from(self.per_second);
        Duration::from_millis(milliseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_batch_waits_until_those_before_it_are_paid_for() {
        let pace = Pace::new(20);
        assert_eq!(pace.wait(Duration::ZERO), Duration::ZERO);
        let pace = pace.after(20, SECOND).after(10, SECOND);
        assert_eq!(pace.wait(SECOND), SECOND * 3 / 2);
        assert_eq!(pace.wait(SECOND * 3), Duration::ZERO);
    }

    #[test]
    fn a_pause_earns_nothing() {
        let pace = Pace::new(20).after(20, Duration::ZERO);
        let pace = pace.after(20, SECOND * 60);
        assert_eq!(pace.wait(SECOND * 60), SECOND);
    }

    #[test]
    fn the_time_for_many_is_told() {
        assert_eq!(Pace::new(20).time_for(10_000), SECOND * 500);
        assert_eq!(Pace::new(0).time_for(3), SECOND * 3);
    }
}
