//! A request as the emulator sees it, and what it answers: plain values, so that a request inside a
//! `$batch` takes the same way as one from the wire.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::query::Query;

/// What a JSON answer from the service says about itself.
pub(super) const ODATA_JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// The path as it was sent, without the query.
    pub(super) path: String,
    /// The query as it was sent, without `?`.
    pub(super) query_text: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Scheme and authority that links in the answer begin with.
    pub(super) root: String,
    /// Whether the request came inside a `$batch`.
    pub(super) inner: bool,
}

impl Call {
    /// A request for a target such as `/v1.0/users?$top=5`.
    pub(super) fn new(method: Method, target: &str, root: &str) -> Self {
        let (path, query_text) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: path.to_owned(),
            query_text: query_text.to_owned(),
            query: Query::parse(query_text),
            headers: HeaderMap::new(),
            body: Vec::new(),
            root: root.to_owned(),
            inner: false,
        }
    }

    /// Path and query as they were sent.
    pub(super) fn target(&self) -> String {
        if self.query_text.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query_text)
        }
    }

    /// A header as text; `None` where it is absent or no text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the caller asked for the index behind advanced queries.
    pub(super) fn eventual(&self) -> bool {
        self.header("consistencylevel")
            .is_some_and(|level| level.trim().eq_ignore_ascii_case("eventual"))
    }

    /// The preferences of all `Prefer` headers (RFC 7240).
    pub(super) fn prefers(&self, preference: &str) -> bool {
        self.headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|stated| stated.trim().eq_ignore_ascii_case(preference))
    }

    /// The path's segments, decoded.
    pub(super) fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(super::query::decode_segment)
            .collect()
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// How long the answer is held back.
    pub(super) delay: Duration,
    /// The connection is cut instead of answering.
    pub(super) hang_up: bool,
    /// The connection is cut after so many bytes of the body.
    pub(super) cut_after: Option<usize>,
}

impl Reply {
    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            hang_up: false,
            cut_after: None,
        }
    }

    /// JSON as Graph labels it.
    pub(super) fn odata(status: StatusCode, body: Vec<u8>) -> Self {
        Self::typed(status, ODATA_JSON, body).with_header("odata-version", "4.0")
    }

    /// Plain JSON, as the token endpoint and the control interface label it.
    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::typed(
            status,
            "application/json; charset=utf-8",
            body.to_string().into_bytes(),
        )
    }

    pub(super) fn typed(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut reply = Self::empty(status).with_header("content-type", content_type);
        reply.body = body;
        reply
    }

    /// Sets a header; a value that no header can carry is left out.
    pub(super) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// Sets a header whose name is not known before; one that no header can be is left out.
    pub(super) fn set_named(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            self.headers.insert(name, value);
        }
    }

    /// Sets a header unless it is there.
    pub(super) fn set_default(&mut self, name: &'static str, value: &str) {
        if !self.headers.contains_key(name) {
            self.set(name, value);
        }
    }
}
