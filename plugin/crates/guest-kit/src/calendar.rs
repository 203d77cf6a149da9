//! The Gregorian calendar, in UTC.

/// Days of 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years are counted from March, so that a leap day is a year's
/// last day.
const BEFORE_1970: u64 = 719_468;

/// Year, month and day, so many days after 1970-01-01.
pub fn date(days: u64) -> (u64, u64, u64) {
    let days = days + BEFORE_1970;
    let day_of_era = days % ERA;
    let leap_days = day_of_era / 1_460 + day_of_era / (ERA - 1) - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (day_of_year * 5 + 2) / 153;
    let day = day_of_year - (month_from_march * 153 + 2) / 5 + 1;
    let year = days / ERA * 400 + year_of_era;
    if month_from_march < 10 {
        (year, month_from_march + 3, day)
    } else {
        (year + 1, month_from_march - 9, day)
    }
}

/// Days from 1970-01-01 to a day of this era that is written as `2027-06-30`; `None` for what is none.
#[must_use]
pub fn days(text: &str) -> Option<u64> {
    let figures = |from: usize, to: usize| -> Option<u64> {
        let part = text.get(from..to)?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok())?
    };
    let (year, month, day) = (figures(0, 4)?, figures(5, 7)?, figures(8, 10)?);
    let hyphens = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !hyphens || year < 1_970 || !(1..=12).contains(&month) {
        return None;
    }
    // Years and months begin in March, as in `date`.
    let (year_from_march, month_from_march) = match month {
        3.. => (year, month - 3),
        _ => (year - 1, month + 9),
    };
    let (era, year_of_era) = (year_from_march / 400, year_from_march % 400);
    let day_of_year = (month_from_march * 153 + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * ERA + day_of_era).checked_sub(BEFORE_1970)?;
    // A day that a month does not have is one of the next month.
    (date(days) == (year, month, day)).then_some(days)
}

/// A moment in whole seconds since 1970, as RFC 3339 writes it and without what stands for the zone:
/// `2026-11-20T10:15:00`.
#[must_use]
pub fn date_time(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Whole seconds since 1970 of a moment in UTC, as RFC 3339 writes it: `2026-11-20T10:15:00Z`, with a fraction
/// or without. `None` for any other text.
#[must_use]
pub fn read_date_time(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let (date, time) = whole.split_once('T')?;
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    let day = days(date)?;
    let mut times = time.split(':');
    let (hour, minute, second) = (times.next()?, times.next()?, times.next()?);
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    let is_whole = times.next().is_none();
    let is_time = hour < 24 && minute < 60 && second <= 60;
    (is_whole && is_time && number(fraction, fraction.len()).is_some())
        .then(|| day * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_was_written_is_read_again() {
        for seconds in (0..5_000_000_000).step_by(7_654_321) {
            let text = format!("{}Z", date_time(seconds));
            assert_eq!(read_date_time(&text), Some(seconds), "{text}");
        }
        let moment = read_date_time("2026-11-20T10:15:01.9356913Z");
        assert_eq!(moment, Some(1_795_169_701));
    }

    #[test]
    fn a_text_that_is_no_moment_in_utc_is_not_read() {
        for text in [
            "",
            "tomorrow",
            "2026-11-20T10:15:01",
            "2026-11-20T10:15:01+02:00",
            "2026-02-29T10:15:01Z",
            "2026-13-01T10:15:01Z",
            "2026-11-00T10:15:01Z",
            "2026-11-20T24:15:01Z",
            "2026-11-20T10:15Z",
            "2026-11-20T10:15:01.Z",
            "2026-11-20T10:15:01.xZ",
            "1969-12-31T23:59:59Z",
            "+026-11-20T10:15:01Z",
        ] {
            assert_eq!(read_date_time(text), None, "{text}");
        }
    }

    #[test]
    fn each_day_of_four_centuries_follows_the_one_before() {
        let mut before = date(0);
        for days in 1..=ERA {
            let today = date(days);
            let follows = match today {
                (year, 1, 1) => before == (year - 1, 12, 31),
                (year, month, 1) => before.0 == year && before.1 == month - 1,
                (year, month, day) => before == (year, month, day - 1),
            };
            assert!(follows, "{before:?} {today:?}");
            before = today;
        }
        assert_eq!(before, (2370, 1, 1));
    }

    #[test]
    fn a_day_is_read_as_it_is_written_and_one_that_is_none_is_not() {
        for day in (0..2 * ERA).step_by(13) {
            let (year, month, of_month) = date(day);
            assert_eq!(
                days(&format!("{year:04}-{month:02}-{of_month:02}")),
                Some(day)
            );
        }
        assert_eq!(days("2028-02-29"), Some(21_243));
        for text in [
            "",
            "2027",
            "2027-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-1-1",
            "1969-12-31",
            "2027/01/01",
            "2027-01-01T00:00:00Z",
            "+027-01-01",
            "２０27-01-01",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_to_the_second() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_795_169_701, "2026-11-20T10:15:01"),
        ] {
            assert_eq!(date_time(seconds), expected);
        }
    }
}
