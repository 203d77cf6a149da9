//! Injected faults: what goes wrong, for which requests, how often.

use std::time::Duration;

use emulated_http::{Call, Reply};
use emulator_controls::bounds::{self, HOUR_MS};
use emulator_controls::faults::{Conditional, fits};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::{Kind, Refusal};

/// When a connection is cut.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// Before anything is done.
    BeforeCommit,
    /// When everything is done; nobody hears of it.
    AfterCommit,
}

/// What somebody else does through the same API, with a key of their own.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The body, where there is one.
    #[serde(default)]
    pub body: Value,
}

/// One fault. Without a condition it meets every request except those of the control interface; without an effect
/// it does nothing but count down.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Fault {
    /// Text that path and query must contain, as sent.
    pub path: Option<String>,
    /// The method that must be used.
    pub method: Option<String>,
    /// How many matching requests pass before the fault sets in.
    pub skip: u64,
    /// How many requests it meets; without it, every one until the fault is cleared.
    pub times: Option<u64>,
    /// The status of an answer in the place of the real one, 200 to 599. With 500 and no
    /// body it is an `ApiError`; for others no body is documented.
    pub status: Option<u16>,
    /// The value of `Retry-After`, sent as it stands.
    pub retry_after: Option<String>,
    /// The `detail` of the `ApiError`.
    pub detail: Option<String>,
    /// The whole body, sent as it stands.
    pub body: Option<String>,
    /// The type of that body; without it JSON.
    pub content_type: Option<String>,
    /// How long the answer is held back, in milliseconds.
    pub delay_ms: u64,
    /// Cuts the connection instead of answering.
    pub cut: Option<Cut>,
    /// What somebody else does just before the request is answered.
    pub meanwhile: Option<ForeignRequest>,
}

impl Fault {
    /// The next request of a method is lost on its way.
    #[must_use]
    pub fn lost_request(method: &str) -> Self {
        Self::once(method, |fault| fault.cut = Some(Cut::BeforeCommit))
    }

    /// The next request of a method is done, and its answer is lost.
    #[must_use]
    pub fn lost_answer(method: &str) -> Self {
        Self::once(method, |fault| fault.cut = Some(Cut::AfterCommit))
    }

    /// So many requests are answered with 429.
    #[must_use]
    pub fn throttled(times: u64, retry_after: Option<&str>) -> Self {
        Self {
            times: Some(times),
            status: Some(429),
            retry_after: retry_after.map(str::to_owned),
            ..Self::default()
        }
    }

    /// So many requests are answered by a proxy that speaks HTML.
    #[must_use]
    pub fn unavailable_in_html(times: u64) -> Self {
        Self {
            times: Some(times),
            status: Some(503),
            body: Some("<html><body><h1>503 Service Unavailable</h1></body></html>".to_owned()),
            content_type: Some("text/html".to_owned()),
            ..Self::default()
        }
    }

    /// So many requests are answered with 500, with a text in `detail` that is nobody else's business.
    #[must_use]
    pub fn failing_with_detail(times: u64, detail: &str) -> Self {
        Self {
            times: Some(times),
            status: Some(500),
            detail: Some(detail.to_owned()),
            ..Self::default()
        }
    }

    /// Somebody else does something just before the next request of a method is answered.
    #[must_use]
    pub fn meanwhile(method: &str, request: ForeignRequest) -> Self {
        Self::once(method, |fault| fault.meanwhile = Some(request))
    }

    fn once(method: &str, change: impl FnOnce(&mut Self)) -> Self {
        let mut fault = Self {
            method: Some(method.to_owned()),
            times: Some(1),
            ..Self::default()
        };
        change(&mut fault);
        fault
    }

    /// Checks that it can be done as it is said.
    ///
    /// # Errors
    ///
    /// What cannot, in a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        bounds::status(self.status)?;
        bounds::times(self.times)?;
        bounds::method(self.method.as_deref())?;
        bounds::path(self.path.as_deref())?;
        bounds::within("delayMs", self.delay_ms, 0..=HOUR_MS)?;
        if let Some(after) = &self.retry_after {
            bounds::header("retry-after", after)?;
        }
        if let Some(content_type) = &self.content_type {
            bounds::header("content-type", content_type)?;
        }
        self.meanwhile
            .as_ref()
            .map_or(Ok(()), ForeignRequest::check)
    }

    /// The answer that replaces the real one; `None` where the real one is still wanted. `number` is that of the
    /// request.
    pub(crate) fn answer(&self, number: u64) -> Option<Reply> {
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let status = StatusCode::from_u16(self.status.unwrap_or(200))
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = match (&self.body, status) {
            (Some(body), _) => {
                let mut reply = Reply::empty(status);
                let content_type = self.content_type.as_deref();
                reply.set("content-type", content_type.unwrap_or("application/json"));
                reply.body = body.clone().into_bytes();
                reply
            }
            (None, StatusCode::INTERNAL_SERVER_ERROR) => {
                let detail = self.detail.as_deref().unwrap_or("An injected fault");
                Refusal::plain(Kind::InternalServerError, detail).reply(number)
            }
            (None, status) => Reply::empty(status),
        };
        if let Some(after) = &self.retry_after {
            reply.set("retry-after", after);
        }
        Some(reply)
    }

    /// Holds an answer back.
    pub(crate) fn delay(&self, reply: &mut Reply) {
        reply.delay = reply.delay.max(Duration::from_millis(self.delay_ms));
    }
}

impl Conditional for Fault {
    fn concerns(&self, call: &Call, target: &str) -> bool {
        fits(self.method.as_deref(), self.path.as_deref(), call, target)
    }

    fn skip(&mut self) -> &mut u64 {
        &mut self.skip
    }

    fn times(&mut self) -> &mut Option<u64> {
        &mut self.times
    }
}

impl ForeignRequest {
    /// Checks that somebody can send it.
    ///
    /// # Errors
    ///
    /// Why not, in a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        bounds::method(Some(&self.method))?;
        if self.target.starts_with('/') {
            Ok(())
        } else {
            Err("target is no path; write one that begins with a slash".to_owned())
        }
    }
}
