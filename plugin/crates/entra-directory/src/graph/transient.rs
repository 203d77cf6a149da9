//! Which answers of Graph pass by themselves, and how near it is to its limits.
//!
//! "All requests accrue against your usage limits" (<https://learn.microsoft.com/graph/throttling>), so a
//! request is repeated when Graph says, and held back before it has to.

use std::time::Duration;

use guest_kit::{HttpResponse, retry};

use super::envelope::Envelope;

/// From which share of its limit on a service is spared, with the limit as a second.
const FROM: Duration = Duration::from_millis(800);
/// The longest that a request is held back.
const LONGEST_EASE: Duration = Duration::from_secs(5);

/// What a throttled answer means that names no time.
pub(super) const UNTOLD_WAIT: Duration = Duration::from_secs(30);

/// What [`ease`] comes to where the limit is met.
pub(super) const AT_THE_LIMIT: Duration = Duration::from_millis(999);

/// Whether the same request may succeed later
/// (<https://learn.microsoft.com/graph/errors>).
pub(super) fn is_transient(status: u16, code: Option<&str>) -> bool {
    let code_is = |known: &[&str]| {
        code.is_some_and(|code| known.iter().any(|known| known.eq_ignore_ascii_case(code)))
    };
    match status {
        429 | 502 | 503 | 504 | 509 => true,
        // Without a code it is the gateway's, not the directory's.
        500 => {
            code.is_none()
                || code_is(&[
                    "Service_InternalServerError",
                    "generalException",
                    "InternalServerError",
                    "UnknownError",
                ])
        }
        _ => code_is(&["Directory_ConcurrencyViolation", "cannotSnapshotTree"]),
    }
}

/// Whether a response says that the same request may succeed later.
pub(super) fn is_transient_response(response: &HttpResponse) -> bool {
    response.status >= 400
        && is_transient(
            response.status,
            Envelope::read(&response.body).code.as_deref(),
        )
}

/// The wait before the next request, where the service says how much of its limit is used up:
/// `x-ms-throttle-limit-percentage` comes from 0.8 on, and up to 1.8
/// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). Nothing
/// at 0.8, a second when the limit is met, at most five.
pub(super) fn ease(percentage: &str) -> Duration {
    // The share of the limit, with its whole as a second.
    let used = retry::decimal(percentage.trim()).unwrap_or_default();
    used.saturating_sub(FROM)
        .saturating_mul(5)
        .min(LONGEST_EASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_the_limit_the_longer_the_next_request_is_held_back() {
        for (percentage, milliseconds) in [
            ("0.8", 0),
            ("1.0", 1_000),
            (" 1.8 ", 5_000),
            ("9", 5_000),
            ("-3", 0),
            ("NaN", 0),
            ("much", 0),
        ] {
            let eased = ease(percentage).as_millis();
            assert!(
                eased.abs_diff(milliseconds) <= 1,
                "{percentage}: {eased} ms instead of {milliseconds}"
            );
        }
    }

    #[test]
    fn the_codes_of_the_specification_are_told_apart() {
        for (status, code) in [
            (429, None),
            (429, Some("TooManyRequests")),
            (502, None),
            (503, Some("ServiceUnavailable")),
            (504, Some("UnknownError")),
            (509, None),
            (500, None),
            (500, Some("Service_InternalServerError")),
            (500, Some("generalException")),
            (409, Some("Directory_ConcurrencyViolation")),
            (503, Some("Directory_ConcurrencyViolation")),
        ] {
            assert!(is_transient(status, code), "{status} {code:?}");
        }
        for (status, code) in [
            (400, Some("Request_BadRequest")),
            (401, Some("InvalidAuthenticationToken")),
            (403, Some("Authorization_RequestDenied")),
            (404, None),
            (409, None),
            (410, Some("syncStateNotFound")),
            (500, Some("SomethingElse")),
            (501, Some("NotImplemented")),
            (507, None),
        ] {
            assert!(!is_transient(status, code), "{status} {code:?}");
        }
    }
}
