//! What an answer to a write means: a pure function of the status, the code and the details.
//!
//! A refusal seldom says of which property it is, and its message must not be gone by
//! (<https://learn.microsoft.com/graph/errors>). Where `details` names one, that is taken.

use std::time::Duration;

use guest_kit::{Timestamp, retry};
use serde_json::Value;

use crate::graph::batch::Answer;
use crate::graph::envelope::{Envelope, code};
use crate::graph::error::GraphError;
use crate::graph::exchange::was_not_sent;
use crate::graph::transient;

/// What became of a request that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Meaning {
    /// It was done.
    Done,
    /// The user is not there.
    Gone,
    /// The application may not do this, or not to this user.
    Forbidden,
    /// A value is not taken; the property where the answer names one.
    Invalid {
        property: Option<String>,
        code: String,
    },
    /// Another refusal.
    Refused(String),
    /// It was not done, and can be sent again.
    Again(Again),
}

/// When something may be sent again, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graph) struct Again {
    /// Not earlier than this, where the service says so.
    pub(in crate::graph) after: Option<Duration>,
    /// Stable.
    pub(in crate::graph) code: String,
    /// Whether it may have been done all the same.
    pub(in crate::graph) may_be_done: bool,
}

/// What one answer of a batch means.
pub(in crate::graph) fn meaning(answer: &Answer, now: Timestamp) -> Meaning {
    let known = Envelope::of(&answer.body).code;
    let code_or_status = known
        .clone()
        .unwrap_or_else(|| format!("http-{}", answer.status));
    let after = || {
        let asked = answer.header("retry-after");
        asked.and_then(|value| retry::retry_after(&value, now))
    };
    let is_conflict = known
        .as_deref()
        .is_some_and(|code| code.eq_ignore_ascii_case("Directory_ConcurrencyViolation"));
    match answer.status {
        201 | 204 => Meaning::Done,
        // Neither write is answered so: something else than the directory may have answered.
        200..=299 => Meaning::Again(Again {
            after: None,
            code: "unexpected-shape".to_owned(),
            may_be_done: true,
        }),
        404 if known.as_deref() == Some("Request_ResourceNotFound") => Meaning::Gone,
        // The token ended meanwhile, somebody else wrote at the same moment, or a condition does not hold any more.
        401 | 409 | 412 | 424 | 429 => Meaning::Again(Again {
            after: after(),
            code: code_or_status,
            may_be_done: false,
        }),
        status if is_conflict || transient::is_transient(status, known.as_deref()) => {
            Meaning::Again(Again {
                after: after(),
                code: code_or_status,
                may_be_done: !is_conflict,
            })
        }
        400 => {
            let (property, detail) = detail(&answer.body);
            Meaning::Invalid {
                property,
                code: detail.unwrap_or(code_or_status),
            }
        }
        403 => Meaning::Forbidden,
        _ => Meaning::Refused(code_or_status),
    }
}

/// The property and the code of the first of `details`.
fn detail(body: &Value) -> (Option<String>, Option<String>) {
    let detail = body.pointer("/error/details/0");
    let text = |name: &str| {
        let text = detail?.get(name)?.as_str()?;
        code(text)
    };
    (text("target"), text("code"))
}

/// What it means for each write of a batch that the batch as a whole failed. `None` where it cannot be sent again.
pub(in crate::graph) fn of_batch(error: &GraphError) -> Option<Again> {
    let (after, may_be_done) = match error {
        GraphError::Network { cause, .. } => (None, !was_not_sent(cause)),
        GraphError::Upstream(failure) => match failure.status {
            Some(status) if status >= 500 => (None, true),
            _ => return None,
        },
        // It was answered, and not in a way that tells anything.
        GraphError::TooLarge { .. }
        | GraphError::NotJson { .. }
        | GraphError::UnexpectedShape { .. } => (None, true),
        GraphError::Throttled {
            failure,
            retry_after,
        } => {
            let status = failure.status.unwrap_or(429);
            (Some(*retry_after), status >= 500)
        }
        _ => return None,
    };
    Some(Again {
        after,
        code: error.code().to_owned(),
        may_be_done,
    })
}

#[cfg(test)]
mod tests {
    use guest_kit::HttpFailure;
    use serde_json::json;

    use super::*;
    use crate::graph::batch;

    fn of(status: u16, body: Value, headers: Value) -> Meaning {
        let batch = &batch::pack_writes([(0, r#""method":"PATCH""#.to_owned())])[0];
        let answer = json!({"id": "0", "status": status, "body": body, "headers": headers});
        let body = json!({"responses": [answer]}).to_string();
        let answers = batch::read(batch, body.as_bytes()).unwrap();
        meaning(answers.get(&0).unwrap(), Timestamp(0))
    }

    fn error(code: &str) -> Value {
        json!({"error": {"code": code, "message": "Resource 'jane@contoso.com' …"}})
    }

    fn again(after: Option<u64>, code: &str, may_be_done: bool) -> Meaning {
        Meaning::Again(Again {
            after: after.map(Duration::from_secs),
            code: code.to_owned(),
            may_be_done,
        })
    }

    #[test]
    fn success_is_what_is_documented_and_nothing_else() {
        assert_eq!(of(204, Value::Null, json!({})), Meaning::Done);
        assert_eq!(
            of(200, json!("<html>"), json!({})),
            again(None, "unexpected-shape", true)
        );
    }

    #[test]
    fn what_was_surely_not_done_is_told_from_what_may_have_been() {
        for (status, code, expected) in [
            (
                429,
                "TooManyRequests",
                again(Some(7), "TooManyRequests", false),
            ),
            (409, "Conflict", again(Some(7), "Conflict", false)),
            (
                409,
                "Directory_ConcurrencyViolation",
                again(Some(7), "Directory_ConcurrencyViolation", false),
            ),
            (
                503,
                "Directory_ConcurrencyViolation",
                again(Some(7), "Directory_ConcurrencyViolation", false),
            ),
            (
                412,
                "PreconditionFailed",
                again(Some(7), "PreconditionFailed", false),
            ),
            (
                503,
                "ServiceUnavailable",
                again(Some(7), "ServiceUnavailable", true),
            ),
            (504, "UnknownError", again(Some(7), "UnknownError", true)),
            (
                500,
                "InternalServerError",
                again(Some(7), "InternalServerError", true),
            ),
        ] {
            assert_eq!(
                of(status, error(code), json!({"Retry-After": "7"})),
                expected
            );
        }
    }

    #[test]
    fn a_refusal_names_a_property_in_its_details_alone() {
        let mut body = error("Request_BadRequest");
        let unnamed = Meaning::Invalid {
            property: None,
            code: "Request_BadRequest".to_owned(),
        };
        assert_eq!(of(400, body.clone(), json!({})), unnamed);
        body["error"]["details"] = json!([{"code": "InvalidLength", "target": "department"}]);
        assert_eq!(
            of(400, body.clone(), json!({})),
            Meaning::Invalid {
                property: Some("department".to_owned()),
                code: "InvalidLength".to_owned(),
            }
        );
        // Nothing that could be about somebody.
        body["error"]["details"] = json!([{"code": "jane@contoso.com", "target": "Jane Doe"}]);
        assert_eq!(of(400, body, json!({})), unnamed);
    }

    #[test]
    fn other_refusals_are_final() {
        let forbidden = error("Authorization_RequestDenied");
        assert_eq!(of(403, forbidden, json!({})), Meaning::Forbidden);
        let gone = error("Request_ResourceNotFound");
        assert_eq!(of(404, gone, json!({})), Meaning::Gone);
        let other = Meaning::Refused("http-405".to_owned());
        assert_eq!(of(405, Value::Null, json!({})), other);
    }

    #[test]
    fn a_batch_that_failed_may_have_been_done_where_it_was_sent() {
        let network = |cause| GraphError::Network {
            host: String::new(),
            cause,
        };
        for (cause, may_be_done) in [
            (HttpFailure::TimedOut, true),
            (HttpFailure::Interrupted, true),
            (HttpFailure::Connect, false),
            (HttpFailure::Denied, false),
        ] {
            let again = of_batch(&network(cause)).unwrap();
            assert_eq!(again.may_be_done, may_be_done);
        }
        assert_eq!(of_batch(&GraphError::Stopped), None);
    }
}
