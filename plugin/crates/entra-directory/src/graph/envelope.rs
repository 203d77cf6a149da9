//! The service's error body, read leniently.
//!
//! The documented shape is `{"error":{"code","message","innerError":{…}}}`
//! (<https://learn.microsoft.com/graph/errors>). Real answers differ: `innererror`, nested ones,
//! an empty code, `requestId`, a page of HTML. Codes and the request id are taken; nothing else is,
//! and what does not look like a code or an id is no code and no id.

use serde_json::{Map, Value};

use guest_kit::json;

/// How deep inner errors are followed.
const DEEPEST: usize = 8;

/// The codes that the connector acts upon, or whose meaning it can tell. Compared without regard to
/// case: `syncStateNotFound` is met in two spellings.
const KNOWN: [&str; 25] = [
    "activityLimitReached",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Authorization_IdentityDisabled",
    "Authorization_IdentityNotFound",
    "Authorization_RequestDenied",
    "cannotSnapshotTree",
    "Directory_ConcurrencyViolation",
    "Directory_ExpiredPageToken",
    "Directory_ReplicaUnavailable",
    "generalException",
    "InternalServerError",
    "InvalidAuthenticationToken",
    "NotImplemented",
    "Request_ResourceNotFound",
    "Request_UnsupportedQuery",
    "resyncApplyDifferences",
    "resyncChangesApplyDifferences",
    "resyncChangesUploadDifferences",
    "resyncRequired",
    "resyncUploadDifferences",
    "Service_InternalServerError",
    "serviceNotAvailable",
    "ServiceUnavailable",
    "syncStateNotFound",
    "TooManyRequests",
];

/// What an error body says, where it says anything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The most specific code that is known, else the outermost.
    pub(super) code: Option<String>,
    /// The service's id of the request.
    pub(super) request_id: Option<String>,
}

impl Envelope {
    /// Reads a body; one that is no error envelope says nothing.
    pub(super) fn read(body: &[u8]) -> Self {
        json::value(body).map_or_else(Self::default, |body| Self::of(&body))
    }

    /// Reads a body that is JSON already, as an inner answer of a batch is.
    pub(super) fn of(body: &Value) -> Self {
        let mut codes = Vec::new();
        let mut request_id = None;
        let mut error = body.get("error").and_then(Value::as_object);
        for _ in 0..DEEPEST {
            let Some(current) = error else { break };
            codes.extend(text(current, "code").and_then(code));
            request_id = request_id.or_else(|| {
                text(current, "request-id")
                    .or_else(|| text(current, "requestId"))
                    .and_then(identifier)
            });
            error = member(current, "innerError").and_then(Value::as_object);
        }
        let known = codes.iter().rev().find(|code| is_known(code));
        Self {
            code: known.or(codes.first()).cloned(),
            request_id,
        }
    }
}

fn is_known(code: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(code))
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(object, name).and_then(Value::as_str)
}

/// A code, where the text is one: it ends up in logs, so it may not be a sentence or an address.
pub(super) fn code(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let valid = !text.is_empty() && text.len() <= 64 && text.bytes().all(plain);
    valid.then(|| text.to_owned())
}

/// A request id, where the text is one.
pub(super) fn identifier(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let valid = !text.is_empty() && text.len() <= 64 && text.bytes().all(plain);
    valid.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let envelope = Envelope::read(body.as_bytes());
        (envelope.code, envelope.request_id)
    }

    fn both(code: &str, id: &str) -> (Option<String>, Option<String>) {
        (Some(code.to_owned()), Some(id.to_owned()))
    }

    #[test]
    fn the_documented_envelope_is_read_without_its_message() {
        let body = r#"{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' …",
            "innerError":{"date":"2023-02-14T11:10:50","request-id":"c6bde806-1a0d"}}}"#;
        assert_eq!(
            read(body),
            both("Request_ResourceNotFound", "c6bde806-1a0d")
        );
    }

    #[test]
    fn the_most_specific_code_that_is_known_counts() {
        let nested = r#"{"error":{"code":"BadRequest","innererror":{"code":"resyncRequired",
            "requestId":"7","innerError":{"code":"429"}}}}"#;
        assert_eq!(read(nested), both("resyncRequired", "7"));
        let throttled = r#"{"error":{"code":"TooManyRequests",
            "innerError":{"code":"429","request-id":"94fb3b52"}}}"#;
        assert_eq!(read(throttled), both("TooManyRequests", "94fb3b52"));
        let unknown = r#"{"error":{"code":"outer","innerError":{"code":"inner"}}}"#;
        assert_eq!(read(unknown).0.as_deref(), Some("outer"));
    }

    #[test]
    fn an_empty_code_is_no_code() {
        assert_eq!(
            read(
                r#"{"error":{"code":"","message":"You do not have…","innerError":{"request-id":"9"}}}"#
            ),
            (None, Some("9".to_owned()))
        );
    }

    #[test]
    fn what_is_no_envelope_says_nothing() {
        for body in [
            "",
            "<html>",
            "null",
            "[]",
            "{}",
            r#"{"error":"x"}"#,
            r#"{"error":{"code":5}}"#,
        ] {
            assert_eq!(read(body), (None, None), "{body}");
        }
    }

    #[test]
    fn a_code_that_is_a_sentence_or_an_address_is_not_taken() {
        for code in ["jane@contoso.com", "Too Many Requests", &"a".repeat(65)] {
            let body =
                serde_json::json!({"error": {"code": code, "innerError": {"request-id": code}}});
            assert_eq!(Envelope::of(&body), Envelope::default(), "{code}");
        }
    }
}
