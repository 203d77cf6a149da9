//! Injected faults: what goes wrong, for which requests, how often.
//!
//! A fault has conditions (which requests it meets) and effects. Effects are of two kinds: `status`,
//! `body` and `drop_connection` replace the answer; the others change the answer that there is, and
//! can be combined.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::page_fault::{Items, Links};
use emulated_http::{Call, Reply};
use emulated_odata::failure::Failure;
use emulated_odata::protocol::ODATA_JSON;
use emulator_controls::bounds::{self, HOUR_MS};
use emulator_controls::faults::{Conditional, fits};

/// One fault. Without a condition it meets every request except those of the control interface;
/// without an effect it does nothing but count down.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Fault {
    /// Text that the path and query must contain, as sent; `/v1.0/users/delta` or `$skiptoken`.
    pub path: Option<String>,
    /// The method that must be used.
    pub method: Option<String>,
    /// Whether it must have come inside a `$batch`, or must not: throttling is each inner request's
    /// own (<https://learn.microsoft.com/graph/throttling#throttling-and-batching>).
    pub inner: Option<bool>,
    /// How many matching requests pass before the fault sets in.
    pub skip: u64,
    /// How many requests it meets; without it, every one until the fault is cleared.
    pub times: Option<u64>,
    /// The status of the answer, 200 to 599.
    pub status: Option<u16>,
    /// The error code; without it, the one that goes with the status.
    pub code: Option<String>,
    /// The error message.
    pub message: Option<String>,
    /// The value of `Retry-After`, sent as it stands: `10`, `2.128`, or nonsense.
    pub retry_after: Option<String>,
    /// Headers of the answer, whatever it is: `x-ms-throttle-limit-percentage` on a 200
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>),
    /// `Location` on a 410.
    pub headers: BTreeMap<String, String>,
    /// The whole body, sent as it stands in place of an error envelope (or of the real answer, where
    /// no status is given).
    pub body: Option<String>,
    /// How long the answer is held back, in milliseconds.
    pub delay_ms: u64,
    /// Cuts the connection instead of answering.
    pub drop_connection: bool,
    /// Cuts the connection after so many bytes of the body, of which the whole length was promised.
    pub cut_after: Option<usize>,
    /// What becomes of the people on a page.
    pub items: Items,
    /// What becomes of the links of a page.
    pub links: Links,
    /// Answers a page without users whose nextLink leads to the page that was asked for: short for
    /// [`Items::Removed`] and [`Links::Back`] by no page.
    pub empty_page: bool,
}

impl Conditional for Fault {
    fn concerns(&self, call: &Call, target: &str) -> bool {
        let is_where_it_is_wanted = self.inner.is_none_or(|wanted| call.inner == wanted);
        is_where_it_is_wanted && fits(self.method.as_deref(), self.path.as_deref(), call, target)
    }

    fn skip(&mut self) -> &mut u64 {
        &mut self.skip
    }

    fn times(&mut self) -> &mut Option<u64> {
        &mut self.times
    }
}

impl Fault {
    /// Checks that it can be done as it is said.
    ///
    /// # Errors
    ///
    /// What cannot, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        bounds::status(self.status)?;
        bounds::times(self.times)?;
        bounds::method(self.method.as_deref())?;
        bounds::path(self.path.as_deref())?;
        bounds::within("delayMs", self.delay_ms, 0..=HOUR_MS)?;
        if let Some(after) = &self.retry_after {
            bounds::header("retry-after", after)?;
        }
        let mut headers = self.headers.iter();
        headers.try_for_each(|(name, value)| bounds::header(name, value))
    }

    /// The answer that replaces the real one; `None` where the real one is still wanted.
    pub(super) fn answer(&self) -> Option<Result<Reply, Failure>> {
        if self.drop_connection {
            let mut reply = Reply::empty(StatusCode::OK);
            reply.hang_up = true;
            return Some(Ok(reply));
        }
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let status = StatusCode::from_u16(self.status.unwrap_or(200))
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(body) = &self.body {
            let mut reply = Reply::typed(status, ODATA_JSON, body.clone().into_bytes());
            if let Some(after) = &self.retry_after {
                reply.set("retry-after", after);
            }
            return Some(Ok(reply));
        }
        Some(Err(self.failure(status)))
    }

    fn failure(&self, status: StatusCode) -> Failure {
        let (code, message) = usual(status);
        let code = self.code.clone().unwrap_or_else(|| code.to_owned());
        let message = self.message.clone().unwrap_or_else(|| message.to_owned());
        let mut failure = Failure::new(status, code, message);
        if status == StatusCode::TOO_MANY_REQUESTS {
            failure.inner = vec![
                ("code", "429"),
                ("message", "Please retry after"),
                ("status", "429"),
            ];
        }
        if let Some(after) = &self.retry_after {
            failure = failure.with_header("retry-after", after.clone());
        }
        failure
    }

    /// What becomes of the people and of the links of a page.
    pub(super) fn page(&self) -> (Items, Links) {
        if self.empty_page {
            (Items::Removed, Links::Back(0))
        } else {
            (self.items, self.links)
        }
    }

    /// The effects that any answer can have.
    pub(super) fn touch(&self, reply: &mut Reply) {
        for (name, value) in &self.headers {
            reply.set_named(name, value);
        }
        reply.delay = reply.delay.max(Duration::from_millis(self.delay_ms));
        reply.cut_after = self.cut_after.or(reply.cut_after);
    }
}

/// Code and message that usually go with a status.
fn usual(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => (
            "InvalidAuthenticationToken",
            "Access token has expired or is not yet valid.",
        ),
        403 => (
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
        404 => ("Request_ResourceNotFound", "Resource does not exist."),
        409 => (
            "Directory_ConcurrencyViolation",
            "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.",
        ),
        410 => (
            "syncStateNotFound",
            "The sync state generation is not found. The delta token is expired and data must be \
             synchronized again.",
        ),
        424 => (
            "FailedDependency",
            "A request that this one depends on has failed.",
        ),
        429 => ("TooManyRequests", "Please retry again later."),
        500 => ("InternalServerError", "Internal server error."),
        503 => ("ServiceUnavailable", "Service is currently unavailable."),
        502 | 504 => ("UnknownError", ""),
        _ => ("UnknownError", "An injected fault."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_refused_with_a_word_of_it() {
        let headers = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        for (fault, word) in [
            (
                Fault {
                    status: Some(99),
                    ..Fault::default()
                },
                "status",
            ),
            (
                Fault {
                    times: Some(0),
                    ..Fault::default()
                },
                "times",
            ),
            (
                Fault {
                    method: Some("BREW".to_owned()),
                    ..Fault::default()
                },
                "method",
            ),
            (
                Fault {
                    path: Some(String::new()),
                    ..Fault::default()
                },
                "path",
            ),
            (
                Fault {
                    delay_ms: HOUR_MS + 1,
                    ..Fault::default()
                },
                "delayMs",
            ),
            (
                Fault {
                    retry_after: Some("1\r\n".to_owned()),
                    ..Fault::default()
                },
                "retry-after",
            ),
            (
                Fault {
                    headers: headers("x y", "1"),
                    ..Fault::default()
                },
                "x y",
            ),
        ] {
            let refused = fault.check().unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
        let nonsense = Fault {
            retry_after: Some("soon".to_owned()),
            ..Fault::default()
        };
        assert_eq!(nonsense.check(), Ok(()));
    }

    #[test]
    fn throttling_is_worded_as_documented() {
        let fault = Fault {
            status: Some(429),
            retry_after: Some("10".to_owned()),
            ..Fault::default()
        };
        let Some(Err(failure)) = fault.answer() else {
            panic!("an error was injected")
        };
        assert_eq!(
            (&*failure.code, &*failure.message),
            ("TooManyRequests", "Please retry again later.")
        );
        assert_eq!(failure.headers, [("retry-after", "10".to_owned())]);
        let body = failure.body("2026-01-01T00:00:00", "r", "c");
        assert_eq!(body["error"]["innerError"]["status"], "429");
    }
}
