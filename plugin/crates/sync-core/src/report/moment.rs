//! Moments in words, in UTC: `2026-11-20 10:15 UTC`.

use guest_kit::calendar::date;

use crate::ports::Timestamp;

/// The moment, to the minute.
pub(super) fn in_words(moment: Timestamp) -> String {
    let minutes = moment.0 / 60_000;
    let (year, month, day) = date(minutes / 1_440);
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
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
    fn the_last_moment_that_can_be_told_does_not_overflow() {
        assert!(in_words(Timestamp(u64::MAX)).ends_with("UTC"));
    }
}
