//! When the next run is, and why then.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{History, HostPolicy, Schedule};

/// A run that starts no later than this after it was due is on time.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(1);

/// What a failing schedule waits at least, and the longest it waits.
const LEAST_WAIT: Duration = Duration::from_secs(5 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The next run of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextRun {
    /// When it is due. A moment that has passed means at once.
    pub at: Timestamp,
    /// Why then.
    pub why: Why,
}

/// Why a run is due when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The schedule says so.
    Scheduled,
    /// The schedule says earlier, and the host's policy not before then.
    HeldByPolicy,
    /// The schedule says earlier, but its last runs failed.
    BackingOff {
        /// How many in a row.
        failures: u32,
    },
    /// It was due while nobody was there to start it. However many were, this one run makes up for
    /// all of them.
    Missed,
}

impl NextRun {
    /// Whether it is to be started now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.at <= now
    }
}

/// When the next scheduled run of a workspace is; `None` where its schedule names no moment.
///
/// * Time is counted from the start of the last run, whoever started it. A scheduled run that
///   started late by at most a tenth of the policy's least interval counts from when it was due:
///   otherwise every delay, however small, would push all later runs off the hour.
/// * A workspace that never ran waits for the first moment that its schedule names after it was
///   connected: the first sync is a person's to start.
/// * After `n` failures in a row it waits for the least interval (five minutes, where that is less)
///   doubled `n - 1` times, at most a day, and never less than the schedule itself.
/// * A moment of the history that lies in the future, because the clock was set back since, is
///   believed where it is near and passed over where it is not. Where that leaves nothing to count
///   from, the run is due at once; with its start the history is right again.
#[must_use]
pub fn next_run(
    schedule: &Schedule,
    policy: &HostPolicy,
    history: &History,
    now: Timestamp,
) -> Option<NextRun> {
    let believable = now
        .checked_add(policy.least_interval.max(LEAST_WAIT))
        .ok()?;
    let last = counted_from(history, policy).filter(|last| *last <= believable);
    let connected = Some(history.connected_at).filter(|connected| *connected <= believable);
    let Some(anchor) = last.max(connected) else {
        return Some(NextRun {
            at: now,
            why: Why::Missed,
        });
    };
    let mut next = NextRun {
        at: schedule.next_after(anchor)?,
        why: Why::Scheduled,
    };
    if let Some(last) = last {
        next.hold(
            last.checked_add(policy.least_interval).ok()?,
            Why::HeldByPolicy,
        );
        let failures = history.failures;
        let wait = back_off(policy, failures);
        next.hold(last.checked_add(wait).ok()?, Why::BackingOff { failures });
    }
    if now.duration_since(next.at) > PUNCTUAL {
        next.why = Why::Missed;
    }
    Some(next)
}

impl NextRun {
    fn hold(&mut self, until: Timestamp, why: Why) {
        if until > self.at {
            *self = Self { at: until, why };
        }
    }
}

/// The moment from which the next run is counted; `None` before the first.
fn counted_from(history: &History, policy: &HostPolicy) -> Option<Timestamp> {
    let started = history.last_started?;
    let on_time = |scheduled: &Timestamp| {
        let late = Duration::try_from(started.duration_since(*scheduled));
        late.is_ok_and(|late| late <= policy.least_interval / 10)
    };
    Some(history.last_scheduled.filter(on_time).unwrap_or(started))
}

/// How long a schedule waits after so many failures in a row.
fn back_off(policy: &HostPolicy, failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else {
        return Duration::ZERO;
    };
    policy
        .least_interval
        .max(LEAST_WAIT)
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(LONGEST_WAIT)
}
