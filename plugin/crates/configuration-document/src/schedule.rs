//! When a workspace is synced: `"0 6 * * *"` or `"every 6 h"`.
//!
//! The connector keeps no clock running; the host does. Both take what a schedule means from here, so
//! that none is valid on one side and unknown on the other.

use std::time::Duration;

use thiserror::Error;

use super::cron::Fields;

/// Minutes in a unit of `every N unit`.
const UNITS: [(&str, u64); 3] = [("min", 1), ("h", 60), ("d", 24 * 60)];

/// The cursor of the change feed lives for seven days; a longer interval would make every round a
/// full one.
const LONGEST_INTERVAL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When to sync.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// Five fields: minute, hour, day of the month, month, day of the week. They are what `croner` reads.
    Cron(String),
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
    /// Five valid fields, and no day that is like that, as in `0 6 31 2 *`.
    #[error(
        "This moment never comes: none of the months named has such a day. Write a day that they have, such as `0 6 28 2 *`, or `L` for the last day of the month."
    )]
    Never,
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
        let fields = Fields::read(text).ok_or(ScheduleError::Field)?;
        match fields.come() {
            true => Ok(Self::Cron(text.to_owned())),
            false => Err(ScheduleError::Never),
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_cron_fields_are_a_schedule() {
        for text in [
            "0 6 * * *",
            "*/15 8-18 * * 1-5",
            "30 2 1,15 * *",
            "0 0 * JAN SUN",
            "0 0 L * *",
            "0 0 * * 5#2",
            " 0  6 * *\t* ",
        ] {
            let schedule = Schedule::parse(text).expect(text);
            assert!(matches!(schedule, Schedule::Cron(_)), "{text}");
        }
    }

    #[test]
    fn an_interval_is_a_schedule() {
        for (text, seconds) in [
            ("every 1 min", 60),
            ("every 60 min", 3600),
            ("every 6 h", 21_600),
            ("every 7 d", 604_800),
            (" every  06 h ", 21_600),
        ] {
            let schedule = Schedule::parse(text).expect(text);
            assert!(
                matches!(schedule, Schedule::Every(length) if length.as_secs() == seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_neither_is_refused_for_its_own_reason() {
        for (text, error) in [
            ("", ScheduleError::Form),
            ("daily", ScheduleError::Form),
            ("@daily", ScheduleError::Form),
            ("0 0 6 * * *", ScheduleError::Form),
            ("0 6 * * \u{ff0a}", ScheduleError::Form),
            ("Every 6 h", ScheduleError::Form),
            ("61 6 * * *", ScheduleError::Field),
            ("0 24 * * *", ScheduleError::Field),
            ("a b c d e", ScheduleError::Field),
            ("every", ScheduleError::Interval),
            ("every h", ScheduleError::Interval),
            ("every -1 h", ScheduleError::Interval),
            ("every +1 h", ScheduleError::Interval),
            ("every 6h", ScheduleError::Interval),
            ("every 2 weeks", ScheduleError::Interval),
            ("every 1 h 30 min", ScheduleError::Interval),
            ("every 0 min", ScheduleError::IntervalRange),
            ("every 8 d", ScheduleError::IntervalRange),
            ("every 10081 min", ScheduleError::IntervalRange),
            ("every 99999999999999999999 d", ScheduleError::IntervalRange),
        ] {
            assert_eq!(Schedule::parse(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn a_day_that_no_month_named_has_never_comes() {
        for text in [
            "0 6 31 2 *",
            "0 6 30 2 *",
            "0 6 30,31 2 *",
            "0 6 30-31 FEB *",
            "0 6 31 4 *",
            "*/5 * 31 4,6,9,11 *",
            "0 6 31 2,4,6,9,11 *",
            "0 6 31 2 +MON",
            "0 6 30 2 +5#1",
            "0 0 5 * +MON#2",
        ] {
            assert_eq!(
                Schedule::parse(text).err(),
                Some(ScheduleError::Never),
                "{text}"
            );
        }
        for text in [
            "0 6 29 2 *",
            "0 6 29 2 +MON",
            "0 6 31 2,3 *",
            "0 6 31 2 MON",
            "0 6 L 2 *",
            "0 6 31 * *",
            "0 6 1-31 2 *",
            "0 6 * 2 5#5",
            "0 6 12 * +MON#2",
        ] {
            assert!(Schedule::parse(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(
            text in "\\PC{0,40}|([0-9*/,?#LW+@A-Z-]{1,6} ){4}[0-9*/,?#LW+@A-Z-]{1,6}",
        ) {
            let _ = Schedule::parse(&text);
        }
    }
}
