//! What an answer to an invitation means.
//!
//! A guest who was there and one who was made are answered alike. What the tenant lets nobody do is told from what is wrong
//! with one address by the status: the messages must not be gone by (<https://learn.microsoft.com/graph/errors>).

use guest_kit::Timestamp;
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::ports::inviter::InviteOutcome;

use crate::graph::batch::Answer;
use crate::graph::error::GraphError;
use crate::graph::writing::answer::{Again, Meaning, meaning, of_batch as of_writes};

pub(super) fn outcome(answer: &Answer, now: Timestamp) -> InviteOutcome {
    if answer.status == 201 {
        let user = answer
            .body
            .pointer("/invitedUser/id")
            .and_then(Value::as_str);
        let user = user.filter(|id| !id.is_empty()).map(ObjectId::new);
        return user.map_or_else(no_user, InviteOutcome::Invited);
    }
    match meaning(answer, now) {
        Meaning::Done => no_user(),
        Meaning::Gone => InviteOutcome::Refused {
            code: "Request_ResourceNotFound".to_owned(),
        },
        Meaning::Forbidden => InviteOutcome::Barred {
            code: "Authorization_RequestDenied".to_owned(),
        },
        Meaning::Invalid { code, .. } | Meaning::Refused(code) => InviteOutcome::Refused { code },
        Meaning::Again(again) => later(again),
    }
}

/// Done as it seems, and nothing says whom it made.
fn no_user() -> InviteOutcome {
    InviteOutcome::Unknown {
        code: "unexpected-shape".to_owned(),
    }
}

/// What it means for each invitation of a batch that the batch as a whole failed.
pub(super) fn of_batch(error: &GraphError) -> InviteOutcome {
    match of_writes(error) {
        Some(again) => later(again),
        None => InviteOutcome::Later {
            retry_after: None,
            code: error.code().to_owned(),
        },
    }
}

fn later(again: Again) -> InviteOutcome {
    let Again {
        after,
        code,
        may_be_done,
    } = again;
    if may_be_done {
        InviteOutcome::Unknown { code }
    } else {
        InviteOutcome::Later {
            retry_after: after,
            code,
        }
    }
}

#[cfg(test)]
mod tests {
    use guest_kit::HttpFailure;
    use serde_json::json;

    use super::*;
    use crate::graph::batch;

    fn of(status: u16, body: Value) -> InviteOutcome {
        let batch = &batch::pack_writes([(0, r#""method":"POST""#.to_owned())])[0];
        let answer =
            json!({"id": "0", "status": status, "body": body, "headers": {"Retry-After": "7"}});
        let body = json!({"responses": [answer]}).to_string();
        let answers = batch::read(batch, body.as_bytes()).unwrap();
        outcome(answers.get(&0).unwrap(), Timestamp(0))
    }

    fn error(code: &str) -> Value {
        json!({"error": {"code": code, "message": "kim@fabrikam.com …"}})
    }

    #[test]
    fn a_guest_is_whom_the_answer_names() {
        let told = json!({"invitedUser": {"id": "AAAAAAAA-0000-4000-8000-000000000001"}});
        let user = ObjectId::new("aaaaaaaa-0000-4000-8000-000000000001");
        assert_eq!(of(201, told), InviteOutcome::Invited(user));
        for unheard in [
            json!({}),
            json!({"invitedUser": {"id": ""}}),
            json!("<html>"),
        ] {
            assert!(matches!(of(201, unheard), InviteOutcome::Unknown { .. }));
        }
    }

    #[test]
    fn a_tenant_that_invites_nobody_is_told_from_an_address_that_is_refused() {
        let barred = of(403, error("Authorization_RequestDenied"));
        assert!(matches!(barred, InviteOutcome::Barred { .. }));
        let refused = InviteOutcome::Refused {
            code: "BadRequest".to_owned(),
        };
        assert_eq!(of(400, error("BadRequest")), refused);
    }

    #[test]
    fn what_was_surely_not_done_comes_again_and_what_may_have_been_is_looked_for() {
        let later = of(429, error("TooManyRequests"));
        assert!(
            matches!(
                later,
                InviteOutcome::Later {
                    retry_after: Some(_),
                    ..
                }
            ),
            "{later:?}"
        );
        for (status, code) in [
            (503, "ServiceUnavailable"),
            (500, "InternalServerError"),
            (504, "x"),
        ] {
            assert!(
                matches!(of(status, error(code)), InviteOutcome::Unknown { .. }),
                "{status}"
            );
        }
        let network = |cause| {
            of_batch(&GraphError::Network {
                host: String::new(),
                cause,
            })
        };
        let lost = network(HttpFailure::Interrupted);
        assert!(matches!(lost, InviteOutcome::Unknown { .. }));
        let not_sent = network(HttpFailure::Connect);
        assert!(matches!(not_sent, InviteOutcome::Later { .. }));
    }
}
