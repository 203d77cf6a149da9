//! Limits that stop a run before it takes too much away.

use crate::settings::Limit;

/// What a breaker that trips has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// How many contacts would be touched.
    pub wanted: u64,
    /// How many are allowed.
    pub allowed: u64,
}

impl Limit {
    /// How many of `linked` contacts may be touched: the smaller of the count and the percentage,
    /// but never less than the floor.
    #[must_use]
    pub fn allows(&self, linked: u64) -> u64 {
        let share = linked.saturating_mul(u64::from(self.percent)) / 100;
        self.count.min(share).max(self.floor)
    }

    /// Asks the breaker.
    ///
    /// # Errors
    ///
    /// Where more would be touched than the limit allows.
    pub fn judge(&self, wanted: u64, linked: u64) -> Result<(), Trip> {
        let allowed = self.allows(linked);
        if wanted > allowed {
            Err(Trip { wanted, allowed })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        count: 500,
        percent: 10,
        floor: 5,
    };

    #[test]
    fn a_small_workspace_may_lose_up_to_the_floor() {
        assert_eq!(LIMIT.judge(5, 8), Ok(()));
        assert_eq!(
            LIMIT.judge(6, 8),
            Err(Trip {
                wanted: 6,
                allowed: 5
            })
        );
    }

    #[test]
    fn a_middling_one_up_to_the_percentage() {
        assert_eq!(LIMIT.judge(100, 1_000), Ok(()));
        assert!(LIMIT.judge(101, 1_000).is_err());
    }

    #[test]
    fn a_large_one_up_to_the_count() {
        assert_eq!(LIMIT.judge(500, 1_000_000), Ok(()));
        assert!(LIMIT.judge(501, 1_000_000).is_err());
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let limit = Limit {
            count: u64::MAX,
            percent: 100,
            floor: 0,
        };
        assert_eq!(limit.judge(u64::MAX / 100, u64::MAX), Ok(()));
    }
}
