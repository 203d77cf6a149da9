//! Everything the service refuses, and the envelope it refuses it in.
//!
//! The envelope is `{"error":{"code","message","innerError":{"date","request-id",
//! "client-request-id"}}}` (<https://learn.microsoft.com/graph/errors>); `innerError.date` has no
//! zone. Nothing in here depends on the request that failed: ids and date are put in where the
//! answer is finished.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Value, json};

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// What programs go by.
    pub code: Cow<'static, str>,
    /// What people read.
    pub message: Cow<'static, str>,
    /// Headers that belong to this refusal.
    pub headers: Vec<(&'static str, String)>,
    /// Members that `innerError` carries besides the usual three.
    pub inner: Vec<(&'static str, &'static str)>,
    /// What is wrong with which property, where the service says so.
    pub detail: Option<Box<Detail>>,
}

/// What stands in a refusal's `details`.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// What programs go by.
    pub code: &'static str,
    /// The property.
    pub target: String,
}

impl Failure {
    /// A refusal of that status, code and message.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            headers: Vec::new(),
            inner: Vec::new(),
            detail: None,
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same, naming a property that is at fault.
    #[must_use]
    pub fn with_detail(mut self, code: &'static str, target: &str) -> Self {
        let target = target.to_owned();
        self.detail = Some(Box::new(Detail { code, target }));
        self
    }

    /// Another object has the value of a property that no two can have
    /// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/1508>).
    #[must_use]
    pub fn conflict(property: &str) -> Self {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        Self::bad_request(message).with_detail("ObjectConflict", property)
    }

    /// The directory refused a request that the front end could parse.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// The front end could not make sense of the request.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// The directory does not serve such a query.
    pub fn unsupported_query(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// An operator that is served as an advanced query only.
    pub fn needs_advanced(operator: &str) -> Self {
        Self::unsupported_query(format!(
            "Operator '{operator}' is not supported because the required parameters might be \
             missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. \
             Refer to https://aka.ms/graph-docs/advanced-queries for more information"
        ))
    }

    /// What is kept elsewhere is not told of a collection.
    #[must_use]
    pub fn not_implemented() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "This operation target is not yet supported.",
        )
    }

    /// There is no such object.
    #[must_use]
    pub fn not_found(resource: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{resource}' does not exist or one of its queried reference-property \
                 objects are not present."
            ),
        )
    }

    /// A path leads nowhere.
    #[must_use]
    pub fn unknown_segment(segment: &str) -> Self {
        Self::invalid(format!("Resource not found for the segment '{segment}'."))
    }

    /// The path takes another method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    /// The token lacks the permission.
    #[must_use]
    pub fn denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// As the services beside the directory put it.
    pub fn access_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    /// The page token is of another list, or none.
    #[must_use]
    pub fn expired_page_token() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your \
             request.",
        )
    }

    /// The body, with the ids of the exchange it belongs to.
    pub fn body(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        let mut inner = serde_json::Map::new();
        for (name, value) in &self.inner {
            inner.insert((*name).to_owned(), Value::from(*value));
        }
        inner.insert("date".to_owned(), Value::from(date));
        inner.insert("request-id".to_owned(), Value::from(request_id));
        inner.insert(
            "client-request-id".to_owned(),
            Value::from(client_request_id),
        );
        let mut body =
            json!({"error": {"code": self.code, "message": self.message, "innerError": inner}});
        if let Some(detail) = &self.detail {
            let Detail { code, target } = &**detail;
            body["error"]["details"] =
                json!([{"code": code, "message": self.message, "target": target}]);
        }
        body
    }
}
