//! Numbers and moments, as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// A number with its thousands apart: `12,043`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with what it counts: `1 run`, `12,043 runs`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
}

/// A moment, given in RFC 3339: in UTC, which the script turns into the viewer's time zone. What is no
/// moment is shown as it is.
pub(super) fn moment(at: &str) -> Markup {
    match at.parse::<Timestamp>() {
        Ok(timestamp) => html! { time datetime=(at) { (in_utc(timestamp)) } },
        Err(_) => html! { (at) },
    }
}

/// The day of a moment, for where the hour would say too much.
pub(super) fn day(at: &str) -> Markup {
    match at.parse::<Timestamp>() {
        Ok(timestamp) => html! {
            time datetime=(at) data-day { (timestamp.to_zoned(TimeZone::UTC).strftime("%-d %b %Y")) }
        },
        Err(_) => html! { (at) },
    }
}

/// A day that is the same for everybody, given as its first moment in UTC: no viewer's time zone makes it
/// another.
pub(super) fn date(at: &str) -> Markup {
    match at.parse::<Timestamp>() {
        Ok(timestamp) => html! { (timestamp.to_zoned(TimeZone::UTC).strftime("%-d %b %Y")) },
        Err(_) => html! { (at) },
    }
}

fn in_utc(timestamp: Timestamp) -> String {
    timestamp
        .to_zoned(TimeZone::UTC)
        .strftime("%-d %b %Y, %H:%M UTC")
        .to_string()
}

/// How long a run took: `8 s`, `3 min 5 s`, `2 h 10 min`; none where an end is not a moment.
pub(super) fn duration(from: &str, to: &str) -> Option<String> {
    let (from, to) = (from.parse::<Timestamp>(), to.parse::<Timestamp>());
    let seconds = to.ok()?.as_second().saturating_sub(from.ok()?.as_second());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let of = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ];
        for (number, text) in of {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "person", "people"), "1 person");
        assert_eq!(counted(12_043, "person", "people"), "12,043 people");
    }

    #[test]
    fn moments_are_in_utc_until_the_script_knows_better() {
        assert_eq!(
            moment("2026-11-21T07:05:00.25Z").into_string(),
            "<time datetime=\"2026-11-21T07:05:00.25Z\">21 Nov 2026, 07:05 UTC</time>"
        );
        assert_eq!(moment("<soon>").into_string(), "&lt;soon&gt;");
        // What a script could move into another day is only what says that it is a moment.
        assert_eq!(date("2026-11-21T00:00:00Z").into_string(), "21 Nov 2026");
    }

    #[test]
    fn durations_are_told_in_their_two_largest_units() {
        let from = "2026-11-21T07:00:00Z";
        let told = |to| duration(from, to);
        assert_eq!(told("2026-11-21T07:00:08Z").as_deref(), Some("8 s"));
        assert_eq!(told("2026-11-21T07:03:05Z").as_deref(), Some("3 min 5 s"));
        assert_eq!(told("2026-11-21T09:10:05Z").as_deref(), Some("2 h 10 min"));
        assert_eq!(told("later"), None);
    }
}
