//! How fast writes may follow each other.
//!
//! An application may send 3,000 writes in 150 seconds into a tenant, and a request inside a batch counts for
//! itself (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). A refused
//! write counts, too, so none is sent that would be: each is paid for with its share of a second, and the next
//! ones wait until that has passed.

use std::time::Duration;

/// Writes a second, a little under the limit: the tenant's own is shared with whoever else writes.
pub(crate) const PER_SECOND: u32 = 18;

/// The pace of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) struct Pace {
    /// Writes a second.
    per_second: u32,
    /// From when on something may be written, on [`Clock::elapsed`](guest_kit::Clock::elapsed).
    free_at: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self::of(PER_SECOND)
    }
}

impl Pace {
    /// A pace of so many writes a second, at least one.
    #[must_use]
    pub(in crate::graph) fn of(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            free_at: Duration::ZERO,
        }
    }

    /// How long so many writes take at least.
    #[must_use]
    pub(in crate::graph) fn time_for(self, writes: u64) -> Duration {
        Duration::from_millis(writes.saturating_mul(1_000) / u64::from(self.per_second.max(1)))
    }

    /// How long to wait before something is written.
    #[must_use]
    pub(in crate::graph) fn wait(&self, now: Duration) -> Duration {
        self.free_at.saturating_sub(now)
    }

    /// After so many writes were sent.
    #[must_use]
    pub(in crate::graph) fn after(self, writes: usize, now: Duration) -> Self {
        let time = self.time_for(u64::try_from(writes).unwrap_or(u64::MAX));
        Self {
            free_at: self.free_at.max(now).saturating_add(time),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_batch_waits_until_those_before_it_are_paid_for() {
        let pace = Pace::default();
        assert_eq!(pace.wait(Duration::ZERO), Duration::ZERO);
        let pace = pace.after(18, SECOND).after(9, SECOND);
        assert_eq!(pace.wait(SECOND), SECOND * 3 / 2);
        assert_eq!(pace.wait(SECOND * 3), Duration::ZERO);
    }

    #[test]
    fn the_rest_takes_as_long_as_its_writes_pay_for() {
        assert_eq!(
            Pace::default().time_for(10_000),
            Duration::from_millis(555_555)
        );
        assert_eq!(Pace::of(1_000).time_for(10_000), SECOND * 10);
    }

    #[test]
    fn a_pause_earns_nothing() {
        let pace = Pace::default().after(18, Duration::ZERO);
        let pace = pace.after(18, SECOND * 60);
        assert_eq!(pace.wait(SECOND * 60), SECOND);
    }
}
