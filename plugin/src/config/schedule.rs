//! When a workspace is synced: `"0 6 * * *"` or `"every 6 h"`.
//!
//! The connector keeps no clock running; the host does. This parser is what decides whether a
//! schedule is valid, and gives a native host the parsed form, so that the two cannot disagree.

use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use thiserror::Error;

use super::document::Node;
use super::place::Place;
use super::problem::Findings;

/// Minutes in a unit of `every N unit`.
const UNITS: [(&str, u64); 3] = [("min", 1), ("h", 60), ("d", 24 * 60)];

/// The cursor of the change feed lives for seven days; a longer interval would make every round a
/// full one.
const LONGEST_INTERVAL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When to sync.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// Five fields: minute, hour, day of the month, month, day of the week.
    Cron(Box<Cron>),
    /// So long after the start of the run before.
    Every(Duration),
}

/// Why a schedule cannot be used. The message says what to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Neither of the two forms.
    #[error(
        "Write five cron fields (minute, hour, day of the month, month, day of the week), such as `0 6 * * *`, or an interval, such as `every 6 h`."
    )]
    Form,
    /// Five fields with something wrong in one of them.
    #[error(
        "One of the five cron fields is not valid: minute 0-59, hour 0-23, day of the month 1-31, month 1-12, day of the week 0-7."
    )]
    Field,
    /// `every` with no number, or with a unit that is not known.
    #[error("Write `every`, a whole number and `min`, `h` or `d`, such as `every 30 min`.")]
    Interval,
    /// Zero, or longer than the connector can make use of.
    #[error("Write an interval from `every 1 min` to `every 7 d`.")]
    IntervalRange,
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    ///
    /// Where it is none; the error's message says what to write.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let mut words = text.split_ascii_whitespace();
        if words.next() == Some("every") {
            return interval(words.collect::<Vec<_>>().as_slice()).map(Self::Every);
        }
        // Nicknames (`@daily`) have fewer fields; anything but ASCII is no cron field.
        if !text.is_ascii() || text.split_ascii_whitespace().count() != 5 {
            return Err(ScheduleError::Form);
        }
        CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map(|cron| Self::Cron(Box::new(cron)))
            .map_err(|_| ScheduleError::Field)
    }
}

fn interval(words: &[&str]) -> Result<Duration, ScheduleError> {
    let [number, unit] = words else {
        return Err(ScheduleError::Interval);
    };
    let (_, minutes) = UNITS
        .iter()
        .find(|(name, _)| name == unit)
        .ok_or(ScheduleError::Interval)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScheduleError::Interval);
    }
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(minutes * 60))
        .map(Duration::from_secs)
        .filter(|interval| !interval.is_zero() && *interval <= LONGEST_INTERVAL)
        .ok_or(ScheduleError::IntervalRange)
}

/// The document's schedule; `null` is none, where the preset would have one.
pub(super) fn read(
    place: Option<Place<'_>>,
    preset: Option<&str>,
    findings: &mut Findings,
) -> Option<String> {
    let Some(place) = place else {
        return preset.map(str::to_owned);
    };
    if *place.node == Node::Null {
        return None;
    }
    let text = place.text(findings)?;
    match Schedule::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            findings.problem(place.pointer, error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::presets::PRESETS;
    use super::*;

    #[test]
    fn five_cron_fields_are_a_schedule() {
        for text in [
            "0 6 * * *",
            "*/15 8-18 * * 1-5",
            "30 2 1,15 * *",
            "0 0 * JAN SUN",
        ] {
            assert!(
                matches!(Schedule::parse(text), Ok(Schedule::Cron(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn an_interval_is_a_schedule() {
        for (text, seconds) in [
            ("every 60 min", 3600),
            ("every 6 h", 21_600),
            ("every 7 d", 604_800),
        ] {
            let schedule = Schedule::parse(text).expect(text);
            assert!(matches!(schedule, Schedule::Every(length) if length.as_secs() == seconds));
        }
    }

    #[test]
    fn what_is_neither_is_refused_for_its_own_reason() {
        for (text, error) in [
            ("daily", ScheduleError::Form),
            ("@daily", ScheduleError::Form),
            ("0 0 6 * * *", ScheduleError::Form),
            ("61 6 * * *", ScheduleError::Field),
            ("0 24 * * *", ScheduleError::Field),
            ("a b c d e", ScheduleError::Field),
            ("every h", ScheduleError::Interval),
            ("every -1 h", ScheduleError::Interval),
            ("every 2 weeks", ScheduleError::Interval),
            ("every 0 min", ScheduleError::IntervalRange),
            ("every 8 d", ScheduleError::IntervalRange),
            ("every 99999999999999999999 d", ScheduleError::IntervalRange),
        ] {
            assert_eq!(Schedule::parse(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn every_preset_has_a_valid_schedule_or_none() {
        for (name, preset) in PRESETS {
            if let Some(schedule) = preset.defaults().schedule {
                assert!(Schedule::parse(schedule).is_ok(), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(
            text in "\\PC{0,40}|([0-9*/,?#LW+@A-Z-]{1,6} ){4}[0-9*/,?#LW+@A-Z-]{1,6}"
        ) {
            let _ = Schedule::parse(&text);
        }
    }
}
