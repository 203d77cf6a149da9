//! How the sign-in service refuses
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use std::time::SystemTime;

use http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use emulated_directory::moments;
use emulated_http::{Call, Reply};

/// The number in an `AADSTS` code.
pub(crate) type AadCode = u32;

/// A refusal of the sign-in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    code: AadCode,
    message: String,
    retry_after: Option<String>,
}

impl Refusal {
    fn new(
        status: StatusCode,
        error: &'static str,
        code: AadCode,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// 400: the request is wrong.
    pub(crate) fn bad(error: &'static str, code: AadCode, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, code, message)
    }

    /// 401 `invalid_client`: the application did not prove itself.
    pub(crate) fn client(code: AadCode, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", code, message)
    }

    /// A body without a parameter that must be there.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::bad(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// A credential, or a query, without a field that must be there.
    pub(crate) fn missing_field(field: &str) -> Self {
        Self::bad(
            "invalid_request",
            90_014,
            format!(
                "The required field '{field}' is missing from the credential. Ensure that you have \
                 all the necessary parameters for the login request."
            ),
        )
    }

    pub(crate) fn wrong_method(right: &str, method: &Method) -> Self {
        Self::bad(
            "invalid_request",
            900_561,
            format!("The endpoint only accepts {right} requests. Received a {method} request."),
        )
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What the service answers when a fault is injected.
    pub(crate) fn injected(status: StatusCode, retry_after: Option<String>) -> Self {
        let (error, code, message) = match status.as_u16() {
            429 => (
                "temporarily_unavailable",
                90_055,
                "Too many requests to the tenant.",
            ),
            401 => (
                "invalid_client",
                7_000_215,
                "Invalid client secret provided.",
            ),
            400..500 => ("invalid_request", 90_014, "The request was refused."),
            _ => (
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred. Please try again.",
            ),
        };
        Self {
            retry_after,
            ..Self::new(status, error, code, message)
        }
    }

    /// The answer, with the ids that support asks for.
    pub(crate) fn reply(&self, now: SystemTime, call: &Call) -> Reply {
        let timestamp = moments::spaced(now);
        let trace_id = Uuid::new_v4().to_string();
        let correlation_id = call
            .header("client-request-id")
            .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace_id}\r\nCorrelation ID: {correlation_id}\r\n\
             Timestamp: {timestamp}",
            self.code, self.message
        );
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("{}/error?code={}", call.root, self.code),
        });
        let mut reply = Reply::json(self.status, &body);
        if let Some(after) = &self.retry_after {
            reply.set("retry-after", after);
        }
        unkept(reply)
    }
}

/// Nothing of the token endpoint may be kept (RFC 6749, section 5.1).
pub(crate) fn unkept(mut reply: Reply) -> Reply {
    reply.set("cache-control", "no-store, no-cache");
    reply.set("pragma", "no-cache");
    reply.set("x-ms-request-id", &Uuid::new_v4().to_string());
    reply
}
