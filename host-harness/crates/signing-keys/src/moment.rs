//! Moments, as they are told.

use time::OffsetDateTime;
use time::macros::format_description;

/// Since 1970, which everything is that a certificate may say.
pub(crate) fn milliseconds(moment: OffsetDateTime) -> u64 {
    u64::try_from(moment.unix_timestamp().saturating_mul(1_000)).unwrap_or(0)
}

/// The day, for people.
pub(crate) fn day(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_default()
}
