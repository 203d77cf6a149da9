//! How many requests may be under way at a time: as many as the service takes.
//!
//! It starts with a few, grows by one where two rounds of them went well, and is halved where the service or
//! the way to it refuses one (additive increase, multiplicative decrease, as TCP does it: RFC 5681). What
//! Graph counts are resource units, of which a page costs one
//! (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>), so a handful
//! is far from any limit of one tenant; others who read the same tenant count, too.

use super::transient;

const FIRST: u8 = 4;
/// More is not asked of a host, nor of the service, for one workspace.
pub const MOST_AT_ONCE: u8 = 8;

/// A number of requests that adapts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    now: u8,
    /// Answers in a row that were as they should be.
    successes: u8,
}

impl Default for Width {
    fn default() -> Self {
        Self {
            now: FIRST,
            successes: 0,
        }
    }
}

impl Width {
    pub(super) fn now(self) -> usize {
        usize::from(self.now)
    }

    /// After an answer that means: later.
    pub(super) fn halved(self) -> Self {
        Self {
            now: (self.now / 2).max(1),
            successes: 0,
        }
    }

    /// After an answer that says how much of the limit is used up.
    pub(super) fn eased(self, percentage: &str) -> Self {
        if transient::ease(percentage) >= transient::AT_THE_LIMIT {
            return self.halved();
        }
        Self {
            now: self.now.saturating_sub(1).max(1),
            successes: 0,
        }
    }

    pub(super) fn after_success(self) -> Self {
        let successes = self.successes.saturating_add(1);
        if successes < self.now.saturating_mul(2) {
            return Self { successes, ..self };
        }
        Self {
            now: self.now.saturating_add(1).min(MOST_AT_ONCE),
            successes: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(successes: u32) -> usize {
        (0..successes)
            .fold(Width::default(), |width, _| width.after_success())
            .now()
    }

    #[test]
    fn it_starts_with_four_and_grows_by_one_for_two_rounds_that_went_well() {
        assert_eq!((after(0), after(7), after(8)), (4, 4, 5));
        assert_eq!((after(17), after(18)), (5, 6));
    }

    #[test]
    fn it_never_grows_beyond_eight() {
        assert_eq!(after(10_000), 8);
    }

    #[test]
    fn a_refusal_halves_it_down_to_one_request_after_another() {
        let mut width = Width::default();
        for expected in [2, 1, 1] {
            width = width.halved();
            assert_eq!(width.now(), expected);
        }
    }

    #[test]
    fn a_service_that_is_near_its_limit_is_pressed_less() {
        assert_eq!(Width::default().eased("0.9").now(), 3);
        assert_eq!(Width::default().eased("1.0").now(), 2);
        assert_eq!(Width::default().eased("1.7").now(), 2);
    }
}
