//! The moments that a schedule names, and the days on which the clocks change.
//!
//! croner 4 tells two kinds of cron jobs apart where it meets such a day. One with a single minute
//! and a single hour is a *fixed-time* job: in the hour that does not exist it runs at the first
//! moment after it, in the hour that comes twice it runs in the first. Every other one is an
//! *interval* job: in the missing hour it does not run, in the doubled one it runs in both. So
//! `0 2,14 * * *` and `*/30 2 * * *` would miss a run in spring and have one too many in autumn.
//!
//! Here the line is drawn elsewhere: a job that runs in *every* hour follows the time that passes,
//! as croner's interval jobs do; a job that names its hours follows the calendar, as its fixed-time
//! jobs do. The second kind is searched on the wall clock, which has no gaps, and each time found
//! becomes the one moment that stands for it. That keeps the order, so nothing runs twice.

use std::time::Duration;

use croner::Cron;
use jiff::civil::{DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use super::{Form, Schedule};

/// As many runs as one day can have, and some more to see a midnight between two of them.
const RUNS_COMPARED: usize = 24 * 60 + 60;

impl Schedule {
    /// The first moment after `after` that the schedule names; for an interval, so long after it.
    /// `None` only at the end of time.
    ///
    /// Where the clocks change, a job that names its hours runs once for each time it names: for one
    /// that does not exist at the first moment after the gap, or at the last second before it where
    /// that would be another day; for one that comes twice at the first. A job of every hour goes by
    /// the time that passes instead: `*/30 * * * *` runs every half hour through both.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.form {
            Form::Every(interval) => after.checked_add(*interval).ok(),
            Form::Cron(cron) if runs_every_hour(cron) => next_elapsed(cron, &self.zone, after),
            Form::Cron(cron) => next_on_calendar(cron, &self.zone, after),
        }
    }

    /// Whether it names two moments that are less than `least` apart on the clock; then a policy
    /// with that least interval holds it back.
    #[must_use]
    pub fn is_faster_than(&self, least: Duration) -> bool {
        match &self.form {
            Form::Every(interval) => *interval < least,
            Form::Cron(cron) => is_cron_faster_than(cron, least),
        }
    }
}

/// On the clock, in a leap year, which shows every kind of month and each of its ends.
fn is_cron_faster_than(cron: &Cron, least: Duration) -> bool {
    let next = |time: DateTime| cron.find_next_occurrence(&time, false).ok();
    let end = date(2025, 1, 2).at(0, 0, 0, 0);
    let mut before = next(date(2023, 12, 31).at(23, 59, 59, 0));
    for _ in 0..RUNS_COMPARED {
        let after = before.and_then(next).filter(|after| *after < end);
        let (Some(one), Some(other)) = (before, after) else {
            break;
        };
        if other.duration_since(one).unsigned_abs() < least {
            return true;
        }
        before = after;
    }
    false
}

fn runs_every_hour(cron: &Cron) -> bool {
    let hours = &cron.pattern.hours;
    hours.values().len() == usize::from(hours.max - hours.min) + 1
}

/// By the time that passes.
fn next_elapsed(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    cron.find_next_occurrence(&whole_second(after)?.to_zoned(zone.clone()), false)
        .ok()
        .map(|found| found.timestamp())
}

/// By the calendar. Times in a gap share a moment, and times in a doubled hour are behind its
/// second half, so the first time that is found need not be the one.
fn next_on_calendar(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let mut time = zone.to_datetime(whole_second(after)?);
    loop {
        time = cron.find_next_occurrence(&time, false).ok()?;
        let moment = moment_of(time, zone)?;
        if moment > after {
            return Some(moment);
        }
    }
}

/// Everything that a schedule names is at a whole second.
fn whole_second(moment: Timestamp) -> Option<Timestamp> {
    let floor = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Floor);
    moment.round(floor).ok()
}

/// The one moment that stands for a time on the wall clock.
fn moment_of(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(time);
    let AmbiguousOffset::Gap { after, .. } = ambiguous.offset() else {
        return ambiguous.earlier().ok();
    };
    // Read with the offset that is not valid yet, the time is a moment shortly before the gap.
    let before_gap = after.to_timestamp(time).ok()?;
    let Some(end) = zone.following(before_gap).next() else {
        return ambiguous.later().ok();
    };
    let end = end.timestamp();
    if zone.to_datetime(end).date() == time.date() {
        Some(end)
    } else {
        end.checked_sub(SignedDuration::from_secs(1)).ok()
    }
}
