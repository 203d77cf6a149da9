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
    /// The status of the answer, 200 to 599; any other is sent as 500.
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

/// The faults that are set, in the order they were set.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn inject(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn list(&self) -> Vec<Fault> {
        self.0.clone()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault that meets a request, counted down; a spent one is dropped.
    pub(super) fn meet(&mut self, call: &Call) -> Option<Fault> {
        let target = call.target();
        let mut met = None;
        for (place, fault) in self.0.iter_mut().enumerate() {
            if fault.times == Some(0) || !fault.concerns(call, &target) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            met = Some((place, fault.clone()));
            break;
        }
        let (place, fault) = met?;
        if fault.times == Some(0) {
            self.0.remove(place);
        }
        Some(fault)
    }
}

impl Fault {
    fn concerns(&self, call: &Call, target: &str) -> bool {
        let method_fits = self
            .method
            .as_deref()
            .is_none_or(|wanted| call.method.as_str().eq_ignore_ascii_case(wanted));
        let path_fits = self
            .path
            .as_deref()
            .is_none_or(|wanted| target.contains(wanted));
        let place_fits = self.inner.is_none_or(|wanted| call.inner == wanted);
        method_fits && path_fits && place_fits
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
    use http::Method;

    use super::*;

    fn call(target: &str) -> Call {
        Call::new(Method::GET, target, "http://127.0.0.1:1")
    }

    #[test]
    fn a_fault_meets_the_requests_it_names_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.inject(Fault {
            path: Some("/users".to_owned()),
            method: Some("get".to_owned()),
            skip: 1,
            times: Some(2),
            status: Some(503),
            ..Fault::default()
        });
        let users = call("/v1.0/users?$top=1");
        assert!(faults.meet(&call("/v1.0/organization")).is_none());
        assert!(faults.meet(&users).is_none(), "the first is skipped");
        assert!(faults.meet(&users).is_some());
        assert!(faults.meet(&users).is_some());
        assert!(faults.meet(&users).is_none(), "spent");
        assert!(faults.list().is_empty());
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
