//! Time that passes when it is told to, chance from a seed, and a process that can die.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guest_kit::{Clock, Entropy, Timestamp};

/// A clock that a test sets; clones are one clock.
#[derive(Clone, Debug, Default)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Puts it on a moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn pass(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now().0)
    }

    fn sleep(&self, duration: Duration) {
        self.pass(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
    }
}

/// Chance from a seed: the same seed, the same chance (SplitMix64). Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Dice(Arc<AtomicU64>);

impl Dice {
    /// Begins with a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// A number below a limit; 0 where there is none.
    #[must_use]
    pub fn below(&self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let number = self.next_u64().checked_rem(limit).unwrap_or(0);
        usize::try_from(number).unwrap_or(0)
    }

    /// Whether something happens that happens so many times in a hundred.
    #[must_use]
    pub fn percent(&self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

impl Entropy for Dice {
    fn next_u64(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The life of a process: everything that it does to the world outside is counted, and from a chosen deed on
/// nothing is done any more.
#[derive(Clone, Debug)]
pub struct Life(Arc<Deeds>);

#[derive(Debug)]
struct Deeds {
    done: AtomicU64,
    most: AtomicU64,
}

impl Default for Life {
    fn default() -> Self {
        Self(Arc::new(Deeds {
            done: AtomicU64::new(0),
            most: AtomicU64::new(u64::MAX),
        }))
    }
}

impl Life {
    /// Ends after so many further deeds.
    pub fn ends_after(&self, deeds: u64) {
        let done = self.0.done.load(Ordering::SeqCst);
        self.0.most.store(done + deeds, Ordering::SeqCst);
    }

    /// Another process.
    pub fn begin_again(&self) {
        self.0.most.store(u64::MAX, Ordering::SeqCst);
    }

    /// Deeds so far.
    #[must_use]
    pub fn deeds(&self) -> u64 {
        self.0.done.load(Ordering::SeqCst)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.deeds() >= self.0.most.load(Ordering::SeqCst)
    }

    /// Counts a deed; `false` where it is not done any more.
    pub(super) fn deed(&self) -> bool {
        if self.is_over() {
            return false;
        }
        self.0.done.fetch_add(1, Ordering::SeqCst);
        true
    }
}
