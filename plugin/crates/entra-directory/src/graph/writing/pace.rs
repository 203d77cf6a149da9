//! How fast writes may follow each other.
//!
//! An application may send 3,000 writes in 150 seconds into a tenant, and a request inside a batch counts for
//! itself (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). A refused
//! write counts, too, so none is sent that would be: each is paid for with its share of a second, and the next
//! ones wait until that has passed.

use std::time::Duration;

/// Writes a second, a little under the limit: the tenant's own is shared with whoever else writes.
const PER_SECOND: u64 = 18;

/// The pace of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::graph) struct Pace {
    /// From when on something may be written, on [`Clock::elapsed`](guest_kit::Clock::elapsed).
    free_at: Duration,
}

impl Pace {
    /// How long to wait before something is written.
    #[must_use]
    pub(in crate::graph) fn wait(&self, now: Duration) -> Duration {
        self.free_at.saturating_sub(now)
    }

    /// After so many writes were sent.
    #[must_use]
    pub(in crate::graph) fn after(self, writes: usize, now: Duration) -> Self {
        let writes = u64::try_from(writes).unwrap_or(u64::MAX);
        let time = Duration::from_millis(writes.saturating_mul(1_000) / PER_SECOND);
        Self {
            free_at: self.free_at.max(now).saturating_add(time),
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
    fn a_pause_earns_nothing() {
        let pace = Pace::default().after(18, Duration::ZERO);
        let pace = pace.after(18, SECOND * 60);
        assert_eq!(pace.wait(SECOND * 60), SECOND);
    }
}
