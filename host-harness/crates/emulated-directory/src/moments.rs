//! The ways in which the service writes a moment, and how it reads one.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const ZULU: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const ZONELESS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
const SPACED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
const OFFSET: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+00:00");
const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

fn write(moment: SystemTime, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from(moment)
        .format(format)
        .unwrap_or_default()
}

/// `2026-01-02T03:04:05Z`: property values.
pub fn zulu(moment: SystemTime) -> String {
    write(moment, ZULU)
}

/// `2026-01-02T03:04:05.6789012Z`: when a subscription ends.
pub fn exact(moment: SystemTime) -> String {
    write(moment, EXACT)
}

/// `2026-01-02T03:04:05.678+00:00`: the same in a change notification.
pub fn offset(moment: SystemTime) -> String {
    write(moment, OFFSET)
}

/// A moment of RFC 3339, in whatever zone; `None` for any other text, and for a moment before 1970.
pub fn parse(text: &str) -> Option<SystemTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let since = Duration::try_from(moment - OffsetDateTime::UNIX_EPOCH).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// `2026-01-02T03:04:05`: `innerError.date`.
pub fn zoneless(moment: SystemTime) -> String {
    write(moment, ZONELESS)
}

/// `2026-01-02 03:04:05Z`: the token endpoint.
pub fn spaced(moment: SystemTime) -> String {
    write(moment, SPACED)
}

/// The `Date` header (RFC 9110, section 5.6.7).
pub fn http_date(moment: SystemTime) -> String {
    write(moment, HTTP_DATE)
}

/// Whole seconds since 1970; 0 for anything earlier.
pub fn unix(moment: SystemTime) -> u64 {
    moment
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Seconds since 1970 with their fraction; 0 for anything earlier.
pub fn unix_exact(moment: SystemTime) -> f64 {
    moment
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// `2026-01-02T03:04:05.0000000Z`, of seconds since 1970: the moments in a refused assertion. The
/// fraction is left out, and what lies outside the calendar is brought to its edge.
pub fn ticks(seconds: f64) -> String {
    const LAST: f64 = 253_402_300_799.0;
    let whole = Duration::from_secs_f64(seconds.clamp(0.0, LAST).floor());
    let moment = SystemTime::UNIX_EPOCH + whole;
    format!("{}.0000000Z", write(moment, ZONELESS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_whatever_zone_it_is_written() {
        let moment = parse("2026-01-02T03:04:05.6789012Z").unwrap();
        assert_eq!(exact(moment), "2026-01-02T03:04:05.6789012Z");
        assert_eq!(offset(moment), "2026-01-02T03:04:05.678+00:00");
        assert_eq!(parse("2026-01-02T05:04:05.6789012+02:00"), Some(moment));
        for text in [
            "",
            "tomorrow",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "1969-12-31T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
