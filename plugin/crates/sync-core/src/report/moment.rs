//! Moments in words, in UTC: `2026-11-20 10:15 UTC`.

use crate::ports::Timestamp;

/// Days of 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years are counted from March, so that a leap day is a year's
/// last day.
const BEFORE_1970: u64 = 719_468;

/// The moment, to the minute.
pub(super) fn in_words(moment: Timestamp) -> String {
    let minutes = moment.0 / 60_000;
    let (year, month, day) = date(minutes / 1_440);
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Year, month and day, so many days after 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_to_the_minute() {
        for (milliseconds, expected) in [
            (0, "1970-01-01 00:00 UTC"),
            (59_999, "1970-01-01 00:00 UTC"),
            (784_111_777_000, "1994-11-06 08:49 UTC"),
            (951_782_340_000, "2000-02-28 23:59 UTC"),
            (951_782_400_000, "2000-02-29 00:00 UTC"),
            (1_709_208_000_000, "2024-02-29 12:00 UTC"),
            (1_709_251_200_000, "2024-03-01 00:00 UTC"),
            (1_795_169_700_000, "2026-11-20 10:15 UTC"),
            (4_107_542_399_999, "2100-02-28 23:59 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(in_words(Timestamp(milliseconds)), expected);
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
    fn the_last_moment_that_can_be_told_does_not_overflow() {
        assert!(in_words(Timestamp(u64::MAX)).ends_with("UTC"));
    }
}
