//! What a piece of work cost: time, processor, waiting for one, and writing.
//!
//! Wall time alone says little on a machine that does something else, too: waiting for a processor is added to
//! both sides of a comparison, and drives every ratio to 1. So waiting is measured, and told.

use std::iter::Sum;
use std::ops::Add;
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

use crate::proc::{self, Waited};

/// What something cost. `None`: this system does not say; Linux does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// From its beginning to its end.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub wall: Duration,
    /// Processor time of all threads, in the program and in the system, in steps of 10 ms.
    #[serde(rename = "processorSeconds", serialize_with = "maybe_seconds")]
    pub processor: Option<Duration>,
    /// For how long threads could run and had no processor, all threads together.
    #[serde(rename = "waitedSeconds", serialize_with = "maybe_seconds")]
    pub waited: Option<Duration>,
    /// Bytes given to the system to write, to files and to the network.
    #[serde(rename = "bytesWritten")]
    pub written: Option<u64>,
}

impl Cost {
    /// The waiting as a share of the wall time; 0 where the system does not tell of waiting.
    #[must_use]
    pub fn waited_share(&self) -> f64 {
        let waited = self.waited.unwrap_or_default().as_secs_f64();
        waited / self.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// How many times the wall time of another.
    #[must_use]
    pub fn wall_ratio(&self, other: &Self) -> f64 {
        ratio(self.wall, other.wall)
    }

    /// How many times the processor time of another.
    #[must_use]
    pub fn processor_ratio(&self, other: &Self) -> Option<f64> {
        Some(ratio(self.processor?, other.processor?))
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64().max(f64::MIN_POSITIVE)
}

impl Add for Cost {
    type Output = Self;

    /// One after the other.
    fn add(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            processor: both(self.processor, other.processor),
            waited: both(self.waited, other.waited),
            written: both(self.written, other.written),
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.reduce(Add::add).unwrap_or_default()
    }
}

fn both<T: Add<Output = T>>(one: Option<T>, other: Option<T>) -> Option<T> {
    Some(one? + other?)
}

/// Measures what this process does from now on.
///
/// A thread that ends meanwhile takes the number of its waiting with it; its processor time stays.
pub(crate) struct Meter {
    processor: Option<Duration>,
    waited: Option<Waited>,
    written: Option<u64>,
    started: Instant,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self {
            processor: own_processor_time(),
            waited: proc::waited("self"),
            written: proc::written("self"),
            started: Instant::now(),
        }
    }

    pub(crate) fn stop(self) -> Cost {
        let wall = self.started.elapsed();
        let processor = own_processor_time();
        let waited = proc::waited("self");
        let written = proc::written("self");
        Cost {
            wall,
            processor: since(processor, self.processor),
            waited: waited
                .zip(self.waited)
                .map(|(now, before)| waited_since(&now, &before)),
            written: written
                .zip(self.written)
                .map(|(now, before)| now.saturating_sub(before)),
        }
    }
}

fn own_processor_time() -> Option<Duration> {
    Some(proc::processor_times()?.own)
}

/// The time that passed between two readings.
pub(crate) fn since(now: Option<Duration>, before: Option<Duration>) -> Option<Duration> {
    Some(now?.saturating_sub(before?))
}

fn waited_since(now: &Waited, before: &Waited) -> Duration {
    now.iter()
        .map(|(thread, waited)| {
            waited.saturating_sub(before.get(thread).copied().unwrap_or_default())
        })
        .sum()
}

/// A duration as JSON has it.
pub(crate) fn seconds<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

fn maybe_seconds<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration
        .map(|duration| duration.as_secs_f64())
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(wall_ms: u64, processor_ms: u64, waited_ms: u64, written: u64) -> Cost {
        Cost {
            wall: Duration::from_millis(wall_ms),
            processor: Some(Duration::from_millis(processor_ms)),
            waited: Some(Duration::from_millis(waited_ms)),
            written: Some(written),
        }
    }

    #[test]
    fn a_ratio_is_of_times_and_the_share_of_waiting_is_of_the_wall_time() {
        let (ours, theirs) = (cost(500, 750, 125, 0), cost(2_000, 1_000, 0, 0));
        assert_eq!(ours.wall_ratio(&theirs), 0.25);
        assert_eq!(ours.processor_ratio(&theirs), Some(0.75));
        assert_eq!(ours.waited_share(), 0.25);
        assert_eq!(theirs.waited_share(), 0.0);
    }

    #[test]
    fn what_a_system_does_not_say_is_no_number() {
        let unsaid = Cost {
            wall: Duration::from_secs(1),
            ..Cost::default()
        };
        assert_eq!(unsaid.processor_ratio(&cost(1, 1, 1, 1)), None);
        assert_eq!(unsaid.waited_share(), 0.0);
        assert_eq!((unsaid + cost(1, 1, 1, 1)).written, None);
    }

    #[test]
    fn costs_of_one_after_the_other_are_added() {
        let sum: Cost = [cost(1, 2, 3, 4), cost(10, 20, 30, 40)].into_iter().sum();
        assert_eq!(sum, cost(11, 22, 33, 44));
    }

    #[test]
    fn only_what_a_thread_waited_meanwhile_counts() {
        let ms = Duration::from_millis;
        let before = Waited::from([(1, ms(100)), (2, ms(50))]);
        // The second has ended, the third is new.
        let now = Waited::from([(1, ms(130)), (3, ms(7))]);
        assert_eq!(waited_since(&now, &before), ms(37));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_meter_measures_this_process() {
        let directory = tempfile::tempdir().unwrap();
        let meter = Meter::start();
        std::fs::write(directory.path().join("file"), vec![0; 1 << 20]).unwrap();
        let cost = meter.stop();
        assert!(cost.wall > Duration::ZERO);
        assert!(cost.written.unwrap() >= 1 << 20);
        assert!(cost.processor.is_some() && cost.waited.is_some());
    }
}
