//! When a request is repeated, and after how long: a policy of values, without I/O.
//!
//! A service that asks for patience is given exactly as much as it asks for: a request that comes too
//! early only counts against its limits. Where it names no time, the wait is an exponential back-off with
//! full jitter. What does not fit the [`Budget`] is not waited for.

use std::time::{Duration, UNIX_EPOCH};

use crate::{HttpFailure, Timestamp};

/// The back-off's first and longest upper bound.
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// How often a host is tried that cannot be reached at all. Each attempt may already have waited for
/// the time-out, and an address that is wrong stays wrong.
const ATTEMPTS_TO_REACH: u32 = 4;

/// How long, and how often, one call of the connector may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// No wait ends later than this, on [`Clock::elapsed`](crate::Clock::elapsed).
    pub deadline: Duration,
    /// No single wait is longer. `Retry-After` values of more than five minutes are met.
    pub longest_wait: Duration,
    /// A request is sent at most so many times.
    pub attempts: u32,
}

impl Budget {
    /// Waits up to a deadline, ten minutes at a time, with eight attempts a request.
    #[must_use]
    pub fn until(deadline: Duration) -> Self {
        Self {
            deadline,
            longest_wait: Duration::from_secs(600),
            attempts: 8,
        }
    }

    /// For somebody who waits for the answer: seconds, not minutes.
    #[must_use]
    pub fn brief() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            longest_wait: Duration::from_secs(5),
            attempts: 3,
        }
    }

    /// Whether a wait that starts now may follow so many attempts.
    #[must_use]
    pub fn allows(&self, attempts: u32, wait: Duration, now: Duration) -> bool {
        attempts < self.attempts
            && wait <= self.longest_wait
            && now.saturating_add(wait) <= self.deadline
    }
}

/// What a client has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests sent, tokens and repetitions included.
    pub requests: u64,
    /// Time spent waiting before repetitions.
    pub throttled: Duration,
}

/// Whether an exchange that failed for the so-many-th time may succeed later.
pub fn is_transient_failure(failure: &HttpFailure, attempts: u32) -> bool {
    match failure {
        HttpFailure::Name | HttpFailure::Connect | HttpFailure::TimedOut => {
            attempts < ATTEMPTS_TO_REACH
        }
        HttpFailure::Interrupted => true,
        HttpFailure::Denied
        | HttpFailure::Tls
        | HttpFailure::ResponseTooLarge { .. }
        | HttpFailure::Other(_) => false,
    }
}

/// The time a `Retry-After` header asks for: seconds, whole or (against the standard, but met)
/// fractional, or a date (RFC 9110, section 10.2.3). `None` where it says nothing that can be read.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Some(date) = http_date(value) {
        return Some(Duration::from_millis(date.0.saturating_sub(now.0)));
    }
    decimal(value).filter(|asked| *asked < Duration::MAX)
}

/// A moment as HTTP writes it (RFC 9110, section 5.6.7).
pub fn http_date(value: &str) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(value).ok()?;
    let since_epoch = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(Timestamp(since_epoch.as_millis() as u64))
}

/// Seconds in plain decimal figures, whole or with a fraction: no sign, no exponent. What is longer than
/// a duration can be is the longest there is. Read without binary fractions, whose tables are large.
pub fn decimal(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let figures = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !figures(whole) || !figures(fraction) {
        return None;
    }
    let seconds = whole.bytes().try_fold(0_u64, |seconds, byte| {
        seconds.checked_mul(10)?.checked_add(u64::from(byte - b'0'))
    });
    let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanoseconds = padded.fold(0, |nanoseconds, byte| {
        nanoseconds * 10 + u32::from(byte - b'0')
    });
    Some(seconds.map_or(Duration::MAX, |seconds| Duration::new(seconds, nanoseconds)))
}

/// The wait after so many attempts, where the service named none: uniform between nothing and a
/// bound that doubles, so that clients who failed together do not return together.
pub fn back_off(attempts: u32, random: u64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let bound = FIRST_BACK_OFF
        .saturating_mul(1 << doublings)
        .min(LONGEST_BACK_OFF);
    let milliseconds = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % (milliseconds + 1))
}

/// The wait before a request is repeated. "At once" is no answer to a failure: it is backed off.
pub fn wait(asked: Option<Duration>, attempts: u32, random: u64) -> Duration {
    asked
        .filter(|asked| !asked.is_zero())
        .unwrap_or_else(|| back_off(attempts, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000);

    #[test]
    fn retry_after_is_read_whole_fractional_and_as_a_date() {
        for (value, milliseconds) in [
            ("10", 10_000),
            (" 315 ", 315_000),
            ("2.128", 2_128),
            ("0", 0),
            ("Sun, 06 Nov 1994 08:49:52 GMT", 15_000),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            // The two forms of old, which a recipient must read, too.
            ("Sunday, 06-Nov-94 08:49:52 GMT", 15_000),
            ("Sun Nov  6 08:49:52 1994", 15_000),
        ] {
            let expected = Some(Duration::from_millis(milliseconds));
            assert_eq!(retry_after(value, NOW), expected, "{value}");
        }
    }

    #[test]
    fn an_unreadable_retry_after_says_nothing() {
        for value in [
            "",
            "-1",
            "soon",
            "1e9",
            "inf",
            "NaN",
            "1.2.3",
            ".",
            &"9".repeat(40),
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
        ] {
            assert_eq!(retry_after(value, NOW), None, "{value}");
        }
    }

    #[test]
    fn the_back_off_doubles_up_to_a_bound_and_is_jittered_in_full() {
        let longest = |attempts| {
            (0..100_000)
                .map(|random| back_off(attempts, random))
                .max()
                .unwrap()
        };
        assert_eq!(longest(1), Duration::from_secs(1));
        assert_eq!(longest(2), Duration::from_secs(2));
        assert_eq!(longest(4), Duration::from_secs(8));
        assert_eq!(longest(9), LONGEST_BACK_OFF);
        assert_eq!(longest(u32::MAX), LONGEST_BACK_OFF);
        assert_eq!(back_off(3, 0), Duration::ZERO);
    }

    #[test]
    fn the_service_is_waited_for_exactly_as_long_as_it_asks() {
        let asked = Duration::from_millis(2_128);
        assert_eq!(wait(Some(asked), 5, 7), asked);
        assert_eq!(wait(None, 1, 7), Duration::from_millis(7));
        assert_eq!(wait(Some(Duration::ZERO), 1, 7), Duration::from_millis(7));
    }

    #[test]
    fn a_budget_bounds_attempts_the_single_wait_and_the_whole() {
        let second = Duration::from_secs(1);
        let budget = Budget {
            deadline: second * 10,
            longest_wait: second * 5,
            attempts: 3,
        };
        assert!(budget.allows(2, second * 5, second * 5));
        assert!(!budget.allows(3, second, second));
        assert!(!budget.allows(1, second * 6, second));
        assert!(!budget.allows(1, second * 5, second * 6));
        assert!(!budget.allows(1, Duration::MAX, second));
    }

    #[test]
    fn only_failures_that_pass_by_themselves_are_repeated() {
        for failure in [
            HttpFailure::Connect,
            HttpFailure::TimedOut,
            HttpFailure::Interrupted,
        ] {
            assert!(is_transient_failure(&failure, 1), "{failure:?}");
        }
        assert!(is_transient_failure(&HttpFailure::Interrupted, 7));
        assert!(!is_transient_failure(
            &HttpFailure::Connect,
            ATTEMPTS_TO_REACH
        ));
        for failure in [
            HttpFailure::Denied,
            HttpFailure::Tls,
            HttpFailure::ResponseTooLarge { limit: 1 },
            HttpFailure::Other("x".to_owned()),
        ] {
            assert!(!is_transient_failure(&failure, 1), "{failure:?}");
        }
    }
}
