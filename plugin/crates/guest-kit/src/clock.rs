//! Time and randomness.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// Time, as the host tells it.
pub trait Clock {
    /// The wall clock; may jump, also backwards.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never goes backwards. Budgets are measured with it.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// Randomness that nobody can guess, as `wasi:random` promises it.
pub trait Entropy {
    /// A new random number.
    fn next_u64(&self) -> u64;
}
