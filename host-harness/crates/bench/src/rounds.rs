//! Rounds of a comparison, of which those that waited for a processor do not count.
//!
//! A busy machine disturbs one side of a comparison more than the other, so there are several rounds, and the
//! median counts. A round in which one side waited for more than [`MOST_WAITING`] of its time is measured
//! again, up to a bound: what it says is how busy the machine was.

use serde::Serialize;

use crate::Tell;

/// The largest share of its time for which a side of a round may have waited for a processor.
pub const MOST_WAITING: f64 = 0.20;

/// How many rounds are measured at most for each that is wanted.
const TRIES: u32 = 3;

/// One round of a comparison.
pub trait Round {
    /// The share of its time for which the side that waited longest waited for a processor.
    fn waited_share(&self) -> f64;
}

/// The rounds of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rounds<R> {
    /// How many were to count.
    pub wanted: u32,
    /// Those that count, in their order.
    pub counted: Vec<R>,
    /// Those that waited for too long, in their order.
    pub refused: Vec<R>,
}

impl<R: Round> Rounds<R> {
    /// Measures rounds until so many count, or until three times as many were measured. Rounds are numbered
    /// from 1.
    ///
    /// # Errors
    ///
    /// That of the first round that cannot be measured.
    pub async fn measure(
        wanted: u32,
        tell: Tell<'_>,
        mut round: impl AsyncFnMut(u32) -> anyhow::Result<R>,
    ) -> anyhow::Result<Self> {
        let mut rounds = Self {
            wanted,
            counted: Vec::new(),
            refused: Vec::new(),
        };
        for number in 1..=wanted.saturating_mul(TRIES) {
            if rounds.quiet() {
                break;
            }
            let measured = round(number).await?;
            let share = measured.waited_share();
            if share > MOST_WAITING {
                tell(&format!(
                    "round {number} does not count: it waited for a processor for {:.0} % of its time",
                    share * 100.0
                ));
                rounds.refused.push(measured);
            } else {
                rounds.counted.push(measured);
            }
        }
        Ok(rounds)
    }

    /// Whether as many count as were wanted.
    #[must_use]
    pub fn quiet(&self) -> bool {
        self.counted.len() as u64 >= u64::from(self.wanted)
    }

    /// The rounds that the numbers are taken from: those that count, or, where none does, all there are.
    #[must_use]
    pub fn taken(&self) -> &[R] {
        if self.counted.is_empty() {
            &self.refused
        } else {
            &self.counted
        }
    }

    /// The median of a number over the rounds that are taken; of two in the middle, the higher one. `None`
    /// where a round does not have it.
    #[must_use]
    pub fn median<T: PartialOrd>(&self, number: impl Fn(&R) -> Option<T>) -> Option<T> {
        let mut numbers: Vec<T> = self.taken().iter().map(number).collect::<Option<_>>()?;
        numbers.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
        let middle = numbers.len() / 2;
        numbers.into_iter().nth(middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A round that waited for so much of its time.
    #[derive(Clone, Debug, PartialEq)]
    struct Waited(f64);

    impl Round for Waited {
        fn waited_share(&self) -> f64 {
            self.0
        }
    }

    /// Rounds that wait like this, one after the other.
    async fn rounds(wanted: u32, shares: &[f64]) -> (Rounds<Waited>, Vec<String>) {
        let told = std::sync::Mutex::new(Vec::new());
        let tell = |line: &str| told.lock().unwrap().push(line.to_owned());
        let rounds = Rounds::measure(wanted, &tell, async |number| {
            Ok(Waited(shares[number as usize - 1]))
        });
        let rounds = rounds.await.unwrap();
        (rounds, told.into_inner().unwrap())
    }

    #[tokio::test]
    async fn a_round_that_waited_is_measured_again_and_told() {
        let (rounds, told) = rounds(2, &[0.0, 0.21, 0.2, 0.0]).await;
        assert_eq!(rounds.counted, [Waited(0.0), Waited(0.2)]);
        assert_eq!(rounds.refused, [Waited(0.21)]);
        assert!(rounds.quiet());
        assert_eq!(
            told,
            ["round 2 does not count: it waited for a processor for 21 % of its time"]
        );
    }

    #[tokio::test]
    async fn a_machine_that_stays_busy_ends_the_measurement_and_is_no_quiet_one() {
        let (rounds, told) = rounds(2, &[0.5; 6]).await;
        assert!(!rounds.quiet());
        assert_eq!((rounds.counted.len(), rounds.refused.len()), (0, 6));
        assert_eq!(told.len(), 6);
        // There are no better numbers.
        assert_eq!(rounds.median(|round| Some(round.0)), Some(0.5));
    }

    #[tokio::test]
    async fn where_some_rounds_count_the_others_say_nothing() {
        let (rounds, _) = rounds(2, &[0.9, 0.1, 0.9, 0.9, 0.9, 0.9]).await;
        assert!(!rounds.quiet());
        assert_eq!(rounds.median(|round| Some(round.0)), Some(0.1));
    }

    #[tokio::test]
    async fn the_median_is_in_the_middle_and_of_two_the_higher_one() {
        let (odd, _) = rounds(3, &[0.2, 0.0, 0.1]).await;
        assert_eq!(odd.median(|round| Some(round.0)), Some(0.1));
        let (even, _) = rounds(2, &[0.2, 0.1]).await;
        assert_eq!(even.median(|round| Some(round.0)), Some(0.2));
        assert_eq!(even.median(|_| None::<f64>), None);
    }
}
