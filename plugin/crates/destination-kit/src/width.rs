//! How many requests may be under way at a time: as many as the service takes.

/// With which it begins.
const FIRST: usize = 4;

/// More is not asked of one service for one workspace: local servers were seen to reset connections beyond it,
/// and none to become faster.
pub const MOST_AT_ONCE: usize = 16;

/// A number of requests that adapts: one more where a round of them went well, half of them where one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width {
    now: usize,
    /// Answers in a row that were as they should be.
    successes: usize,
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
    pub(crate) fn now(self) -> usize {
        self.now
    }

    /// After an answer that means: later.
    pub(crate) fn halved(self) -> Self {
        Self {
            now: (self.now / 2).max(1),
            successes: 0,
        }
    }

    pub(crate) fn after_success(self) -> Self {
        let successes = self.successes + 1;
        if successes < self.now {
            return Self { successes, ..self };
        }
        Self {
            now: (self.now + 1).min(MOST_AT_ONCE),
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
    fn it_starts_with_four_and_grows_by_one_for_each_round_that_went_well() {
        assert_eq!((after(0), after(3), after(4)), (4, 4, 5));
        assert_eq!((after(8), after(9)), (5, 6));
        assert_eq!(after(10_000), MOST_AT_ONCE);
    }

    #[test]
    fn a_refusal_halves_it_down_to_one_request_after_another() {
        let mut width = Width::default();
        for expected in [2, 1, 1] {
            width = width.halved();
            assert_eq!(width.now(), expected);
        }
    }
}
