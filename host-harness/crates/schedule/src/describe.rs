//! A schedule in words, for people.

use std::fmt;
use std::time::Duration;

use croner::Cron;
use croner::parser::CronParser;

use super::{Form, Schedule};

/// More times than this are not listed one by one.
const TIMES_LISTED: usize = 6;

/// As many hours as a day has on the clock.
const HOURS: usize = 24;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// "Every 6 hours", or "At 06:00 every day (Europe/Berlin)".
impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Every(interval) => formatter.write_str(&interval_in_words(*interval)),
            Form::Cron(cron) => {
                let words = cron_in_words(cron);
                write!(formatter, "{words} ({})", self.time_zone_name())
            }
        }
    }
}

fn interval_in_words(interval: Duration) -> String {
    let seconds = interval.as_secs();
    let (unit, length) = [("day", DAY), ("hour", HOUR)]
        .into_iter()
        .find(|(_, length)| seconds.is_multiple_of(*length))
        .unwrap_or(("minute", MINUTE));
    match seconds / length {
        1 => format!("Every {unit}"),
        number => format!("Every {number} {unit}s"),
    }
}

/// croner describes a whole pattern, the time of day first. Its words for the days are kept, and
/// those for the time replaced where there are plainer ones.
fn cron_in_words(cron: &Cron) -> String {
    let whole = without_full_stop(cron.describe());
    let Some((theirs, days)) = theirs_and_days(cron, &whole) else {
        return whole;
    };
    let time = time_in_words(cron).unwrap_or_else(|| match theirs.strip_prefix("At every") {
        Some(rest) => format!("Every{rest}"),
        None => theirs.to_owned(),
    });
    if days.is_empty() && cron.pattern.hours.values().len() < HOURS {
        format!("{time} every day")
    } else {
        format!("{time}{days}")
    }
}

/// Splits croner's description after the time of day: what it says of the same time on every day is
/// how it begins.
fn theirs_and_days<'w>(cron: &Cron, whole: &'w str) -> Option<(&'w str, &'w str)> {
    let mut fields = cron.pattern.as_str().split_ascii_whitespace();
    let (minute, hour) = (fields.next()?, fields.next()?);
    let daily = CronParser::new()
        .parse(&format!("{minute} {hour} * * *"))
        .ok()?;
    let theirs = without_full_stop(daily.describe());
    let days = whole.strip_prefix(theirs.as_str())?;
    whole.split_at_checked(whole.len() - days.len())
}

fn without_full_stop(mut words: String) -> String {
    words.truncate(words.trim_end_matches('.').len());
    words
}

/// The time of day, where it is one that people have short words for.
fn time_in_words(cron: &Cron) -> Option<String> {
    let hours = cron.pattern.hours.values();
    let minutes = cron.pattern.minutes.values();
    if hours.len() == HOURS {
        return match *minutes.as_slice() {
            [0] => Some("Every hour".to_owned()),
            [minute] => Some(format!("Every hour at minute {minute}")),
            [0, step, ..] if is_every(&minutes, step) => Some(interval_in_words(
                Duration::from_secs(u64::from(step) * MINUTE),
            )),
            _ => None,
        };
    }
    if hours.len() * minutes.len() > TIMES_LISTED {
        return None;
    }
    let mut times: Vec<String> = hours
        .iter()
        .flat_map(|hour| {
            minutes
                .iter()
                .map(move |minute| format!("{hour:02}:{minute:02}"))
        })
        .collect();
    let last = times.pop()?;
    Some(match times.is_empty() {
        true => format!("At {last}"),
        false => format!("At {} and {last}", times.join(", ")),
    })
}

/// Whether these are all minutes of the hour that `step` leads to, and the next hour goes on alike.
fn is_every(minutes: &[u16], step: u16) -> bool {
    60 % step == 0
        && minutes
            .iter()
            .copied()
            .eq((0..60).step_by(usize::from(step)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        Schedule::parse(text, "Europe/Berlin").unwrap().to_string()
    }

    #[test]
    fn an_interval_is_told_in_its_largest_unit() {
        for (text, told) in [
            ("every 1 min", "Every minute"),
            ("every 30 min", "Every 30 minutes"),
            ("every 90 min", "Every 90 minutes"),
            ("every 60 min", "Every hour"),
            ("every 6 h", "Every 6 hours"),
            ("every 24 h", "Every day"),
            ("every 7 d", "Every 7 days"),
        ] {
            assert_eq!(words(text), told, "{text}");
        }
    }

    #[test]
    fn a_cron_schedule_is_told_with_its_time_zone() {
        for (text, told) in [
            ("0 6 * * *", "At 06:00 every day"),
            ("0 6,18 * * *", "At 06:00 and 18:00 every day"),
            ("0 */6 * * *", "At 00:00, 06:00, 12:00 and 18:00 every day"),
            ("0 6 * * 1", "At 06:00, on Monday"),
            ("30 2 1 * *", "At 02:30, on day 1"),
            ("0 0 * JAN SUN", "At 00:00, on Sunday, in January"),
            ("0 * * * *", "Every hour"),
            ("15 * * * *", "Every hour at minute 15"),
            ("*/30 * * * *", "Every 30 minutes"),
            ("0,30 * * * *", "Every 30 minutes"),
            ("* * * * *", "Every minute"),
            ("7,9 * * * *", "At minute 7 and 9 past every hour"),
            (
                "*/15 8-18 * * 1",
                "Every 15 minutes, of hour 8-18, on Monday",
            ),
            ("0 0 L * *", "At 00:00, on the last day of the month"),
            ("0 0 * * 5#2", "At 00:00, on the 2nd Friday of the month"),
        ] {
            assert_eq!(words(text), format!("{told} (Europe/Berlin)"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_schedule_has_words(
            text in "([0-5]?[0-9]|\\*/[1-9]|1-5|\\*) ([01]?[0-9]|\\*/[1-9]|8-18|\\*) (\\*|1|L) (\\*|6) (\\*|1-5)"
        ) {
            let told = words(&text);
            prop_assert!(told.starts_with("At ") || told.starts_with("Every "), "{text}: {told}");
            prop_assert!(!told.contains("At every") && !told.contains('.'), "{text}: {told}");
        }
    }
}
