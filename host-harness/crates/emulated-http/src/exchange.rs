//! One request and one answer.

use std::time::Duration;

use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use crate::query::{self, Query};

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent, without `?`.
    pub query_text: String,
    /// The query, taken apart.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
    /// Scheme and authority that links in the answer begin with.
    pub root: String,
    /// Whether the request came inside another one.
    pub inner: bool,
    /// What the wire found out about the request before it was answered.
    pub extensions: Extensions,
}

impl Call {
    /// A request for a target such as `/v1.0/users?$top=5`.
    #[must_use]
    pub fn new(method: Method, target: &str, root: &str) -> Self {
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
            extensions: Extensions::new(),
        }
    }

    /// Path and query as they were sent.
    pub fn target(&self) -> String {
        if self.query_text.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query_text)
        }
    }

    /// A header as text; `None` where it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The preferences of all `Prefer` headers (RFC 7240).
    pub fn prefers(&self, preference: &str) -> bool {
        self.headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|stated| stated.trim().eq_ignore_ascii_case(preference))
    }

    /// The path's segments, decoded.
    pub fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(query::decode_segment)
            .collect()
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
    /// How long the answer is held back.
    pub delay: Duration,
    /// The connection is cut instead of answering.
    pub hang_up: bool,
    /// The connection is cut after so many bytes of the body.
    pub cut_after: Option<usize>,
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            hang_up: false,
            cut_after: None,
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self::typed(
            status,
            "application/json; charset=utf-8",
            body.to_string().into_bytes(),
        )
    }

    /// A body of a type.
    #[must_use]
    pub fn typed(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut reply = Self::empty(status).with_header("content-type", content_type);
        reply.body = body;
        reply
    }

    /// Sets a header; a value that no header can carry is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a header; a value that no header can carry is left out.
    pub fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// Sets a header whose name is not known before; one that no header can be is left out.
    pub fn set_named(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            self.headers.insert(name, value);
        }
    }

    /// Sets a header unless it is there.
    pub fn set_default(&mut self, name: &'static str, value: &str) {
        if !self.headers.contains_key(name) {
            self.set(name, value);
        }
    }
}
