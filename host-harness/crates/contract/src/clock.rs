//! The time of day.

use std::time::Duration;

/// A source of the time of day.
pub trait WallClock: Send + Sync {
    /// Time since 1970-01-01T00:00:00Z.
    fn since_epoch(&self) -> Duration;
}
