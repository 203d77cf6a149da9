//! How the API writes a moment.

use std::time::SystemTime;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// `2026-01-02T03:04:05.678Z`.
pub(crate) fn written(moment: SystemTime) -> String {
    OffsetDateTime::from(moment)
        .format(MILLISECONDS)
        .unwrap_or_default()
}

/// Whether a text is a day of the calendar, as `2026-01-02`.
pub(crate) fn is_date(text: &str) -> bool {
    Date::parse(text, DATE).is_ok()
}
