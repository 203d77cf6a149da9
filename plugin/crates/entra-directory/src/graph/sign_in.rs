//! What a refusal of the token endpoint means.
//!
//! Told apart by `error_codes`, never by the description, which Microsoft forbids to act upon and
//! which quotes names (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use guest_kit::json;
use guest_kit::retry;
use guest_kit::{HttpResponse, Timestamp};
use serde_json::Value;
use sign_in_codes::{Again, Kind};

use super::envelope;
use super::error::{Failure, GraphError};
use super::refusal::{self, header_id};
use super::transient;

/// What the error names of OAuth (RFC 6749, section 5.2) mean where no code says more.
const OAUTH: [(&str, &str); 5] = [
    (
        "invalid_client",
        "the application's credentials were not accepted",
    ),
    (
        "unauthorized_client",
        "the application may not sign in like this, or is unknown in the tenant",
    ),
    ("invalid_scope", "the scope was not accepted"),
    (
        "invalid_resource",
        "Microsoft Graph is unknown in the tenant",
    ),
    (
        "interaction_required",
        "something is asked for that only a person can do",
    ),
];

/// What the body of a refusal says.
#[derive(Default)]
struct Body {
    error: String,
    codes: Vec<u32>,
    trace_id: String,
}

impl Body {
    fn is_tried_again(&self, again: Again) -> bool {
        let known = |code: &u32| sign_in_codes::known(*code);
        self.codes
            .iter()
            .any(|code| known(code).is_some_and(|known| known.again == again))
    }

    /// Reads a body; codes count also where they are written as text.
    fn read(response: &HttpResponse) -> Self {
        let Some(Value::Object(body)) = json::value(&response.body) else {
            return Self::default();
        };
        let text = |name| {
            body.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let code = |value: &Value| match value {
            Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
            Value::String(text) => text.trim().trim_start_matches("AADSTS").parse().ok(),
            _ => None,
        };
        let codes = body.get("error_codes").and_then(Value::as_array);
        Self {
            error: text("error"),
            codes: codes.into_iter().flatten().filter_map(code).collect(),
            trace_id: text("trace_id"),
        }
    }
}

/// Whether the same sign-in may succeed later.
pub(super) fn is_transient(response: &HttpResponse) -> bool {
    let body = Body::read(response);
    matches!(response.status, 429 | 500..=599)
        || body.error == "temporarily_unavailable"
        || body.is_tried_again(Again::Later)
}

/// Whether the sign-in is to be tried once more at once, with credentials that are read anew.
pub(super) fn is_tried_once_more(response: &HttpResponse) -> bool {
    response.status != 200 && Body::read(response).is_tried_again(Again::Once)
}

/// What the refusal means.
pub(super) fn classify(response: &HttpResponse, host: &str, now: Timestamp) -> GraphError {
    let body = Body::read(response);
    let known = body
        .codes
        .iter()
        .find_map(|code| Some((*code, sign_in_codes::known(*code)?)));
    let number = known.map(|(code, _)| code).or(body.codes.first().copied());
    let code = number
        .map(|code| format!("AADSTS{code}"))
        .or_else(|| envelope::code(&body.error));
    let is_entra = code.is_some();
    let failure = |message: String, advice: &str| {
        Box::new(Failure {
            code: code
                .clone()
                .unwrap_or_else(|| format!("http-{}", response.status)),
            message,
            advice: advice.to_owned(),
            status: Some(response.status),
            request_id: header_id(response, "x-ms-request-id")
                .or_else(|| envelope::identifier(&body.trace_id)),
        })
    };

    if let Some((_, known)) = known.filter(|(_, known)| known.kind == Kind::Refused) {
        return GraphError::Unauthorized(failure(known.message.to_owned(), known.advice));
    }
    let asked = response
        .header("retry-after")
        .and_then(|value| retry::retry_after(value, now));
    match (response.status, asked) {
        (429, asked) => GraphError::Throttled {
            failure: failure(
                format!("{host} asked to wait before it would issue a token"),
                "Run again after the time the error names.",
            ),
            retry_after: asked.unwrap_or(transient::UNTOLD_WAIT),
        },
        (503, Some(retry_after)) => GraphError::Throttled {
            failure: failure(
                format!("{host} is not available"),
                "Run again after the time the error names.",
            ),
            retry_after,
        },
        (400..=499, _) if is_entra && !is_transient(response) => {
            let (message, advice) = unknown(number, &body.error);
            GraphError::Unauthorized(failure(message, &advice))
        }
        _ => match known {
            Some((_, known)) => {
                GraphError::Upstream(failure(known.message.to_owned(), known.advice))
            }
            None => {
                let (message, advice) = without_token(response, host);
                GraphError::Upstream(failure(message, advice))
            }
        },
    }
}

/// A refusal of the sign-in service whose code says nothing to the connector; it says so, so that nobody
/// changes a secret that is right.
fn unknown(code: Option<u32>, error: &str) -> (String, String) {
    let meaning = OAUTH.iter().find(|(name, _)| *name == error);
    let meaning = meaning.map_or(String::new(), |(_, meaning)| format!(": {meaning}"));
    match code {
        Some(code) => (
            format!("The sign-in of the application was refused, with a code that the connector does not know{meaning}"),
            format!(
                "Look AADSTS{code} up at https://login.microsoftonline.com/error?code={code}, which says what it means."
            ),
        ),
        None => (
            format!("The sign-in of the application was refused{meaning}"),
            "Check tenant, application id and credentials; the service principal sign-ins in the Entra \
             admin center say more."
                .to_owned(),
        ),
    }
}

/// An answer that is none of Entra's.
fn without_token(response: &HttpResponse, host: &str) -> (String, &'static str) {
    let status = response.status;
    if let Some(told) = refusal::on_the_way(status) {
        return told;
    }
    if refusal::is_web_page(response) {
        return (
            format!("A web page came in the place of {host}'s answer"),
            if status >= 500 {
                refusal::PAGE_OF_A_SERVER
            } else {
                refusal::PAGE_OF_A_GATEWAY
            },
        );
    }
    let advice = match status {
        500..=599 => {
            "Microsoft's sign-in service, or a gateway in front of it, is not available: try again later."
        }
        _ => {
            "Check that the configured cloud is the tenant's and that no proxy answers in Microsoft's \
             place; otherwise try again later."
        }
    };
    (format!("{host} issued no token"), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, error: &str, codes: &[u32]) -> HttpResponse {
        let body = serde_json::json!({
            "error": error,
            "error_description": "AADSTS7000222: secret of app 'Jane Doe' …\r\nTrace ID: …",
            "error_codes": codes,
            "trace_id": "6bad8289-db4a-49da-8609-0848d8d71700",
        });
        HttpResponse {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        }
    }

    fn meaning(status: u16, error: &str, codes: &[u32]) -> GraphError {
        classify(
            &response(status, error, codes),
            "login.example",
            Timestamp(0),
        )
    }

    #[test]
    fn every_known_code_is_told_by_its_own_row() {
        for known in sign_in_codes::KNOWN {
            for code in known.codes {
                let error = meaning(400, "invalid_client", &[*code]);
                match known.kind {
                    Kind::Refused => {
                        assert!(matches!(error, GraphError::Unauthorized(_)), "{code}");
                    }
                    Kind::Passes => assert!(matches!(error, GraphError::Upstream(_)), "{code}"),
                }
                assert_eq!(error.code(), format!("AADSTS{code}"));
                assert_eq!(error.failure().message, known.message);
                assert_eq!(error.advice(), known.advice);
            }
        }
    }

    #[test]
    fn wrong_and_expired_secret_unknown_tenant_and_application_are_told_apart() {
        for (status, error, code, word) in [
            (401, "invalid_client", 7_000_215, "wrong"),
            (401, "invalid_client", 7_000_222, "expired"),
            (
                400,
                "unauthorized_client",
                700_016,
                "unknown in this tenant",
            ),
            (400, "invalid_tenant", 90_002, "tenant does not exist"),
            (400, "invalid_request", 900_023, "no tenant"),
            (400, "unauthorized_client", 7_000_112, "disabled"),
            (400, "invalid_request", 900_382, "another cloud"),
            (400, "interaction_required", 5_000_225, "nobody used it"),
            (400, "invalid_grant", 5_000_224, "blocked or was deleted"),
            (401, "invalid_client", 7_000_229, "no service principal"),
            (400, "invalid_grant", 65_001, "consented"),
            (400, "invalid_client", 90_094, "consented"),
            (
                400,
                "invalid_client",
                650_056,
                "not set up for Microsoft Graph",
            ),
            (401, "invalid_client", 700_025, "public client"),
            (401, "invalid_client", 7_000_216, "no client secret"),
            (401, "invalid_client", 700_027, "no such certificate"),
            (401, "invalid_client", 700_024, "not good at that time"),
            (401, "invalid_client", 7_000_214, "revoked"),
            (401, "invalid_client", 7_000_274, "not valid yet"),
            (400, "invalid_request", 70_021, "no federated credential"),
            (401, "invalid_client", 700_213, "is for this token"),
            (
                400,
                "invalid_grant",
                53_003,
                "Conditional Access policy blocks",
            ),
            (400, "invalid_grant", 530_003, "managed device"),
            (400, "invalid_grant", 50_076, "second factor"),
            (400, "access_denied", 500_021, "Tenant restrictions"),
            (400, "access_denied", 500_213, "cross-tenant"),
            (400, "invalid_resource", 500_011, "Graph is unknown"),
            (400, "invalid_resource", 500_014, "Graph is disabled"),
            (400, "invalid_scope", 1_002_012, "scope"),
            (400, "invalid_scope", 70_011, "scope"),
            (400, "invalid_request", 900_144, "lacks something"),
            (400, "invalid_request", 90_014, "lacks something"),
            (400, "invalid_request", 90_013, "lacks something"),
            (400, "invalid_request", 50_059, "no tenant"),
            (400, "invalid_client", 50_146, "signing key"),
            (400, "invalid_client", 900_971, "redirect URI"),
            (400, "invalid_grant", 50_034, "that of a person"),
            (400, "invalid_grant", 50_020, "that of a person"),
            (400, "invalid_client", 7_000_114, "somebody's behalf"),
            (400, "invalid_client", 501_051, "not assigned"),
            (400, "server_error", 90_033, "not available"),
        ] {
            let error = meaning(status, error, &[code]);
            assert!(error.to_string().contains(word), "{code}: {error}");
        }
    }

    #[test]
    fn among_several_codes_the_known_one_counts() {
        assert_eq!(
            meaning(401, "invalid_client", &[4_711, 7_000_215]).code(),
            "AADSTS7000215"
        );
    }

    #[test]
    fn an_unknown_code_and_none_at_all_are_refusals_too() {
        let unknown = meaning(400, "invalid_request", &[4_711]);
        assert!(matches!(unknown, GraphError::Unauthorized(_)));
        assert_eq!(unknown.code(), "AADSTS4711");
        assert!(unknown.to_string().contains("does not know"), "{unknown}");
        assert!(unknown.advice().contains("error?code=4711"));
        assert!(!unknown.advice().contains("secret"), "it may well be right");
        let told = meaning(401, "invalid_client", &[4_711]).to_string();
        assert!(told.contains("credentials were not accepted"), "{told}");
        assert_eq!(meaning(400, "invalid_client", &[]).code(), "invalid_client");
    }

    #[test]
    fn codes_count_also_where_they_are_text() {
        for codes in [
            serde_json::json!(["7000222"]),
            serde_json::json!(["AADSTS7000222"]),
            serde_json::json!([null, 4_294_967_296_u64, 7_000_222]),
        ] {
            let body = serde_json::json!({"error": "invalid_client", "error_codes": codes});
            let response = HttpResponse {
                status: 401,
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            };
            let error = classify(&response, "login.example", Timestamp(0));
            assert_eq!(error.code(), "AADSTS7000222", "{body}");
        }
    }

    #[test]
    fn what_answers_in_the_place_of_the_service_is_told_by_its_status() {
        for (status, body, words) in [
            (302, "", "redirected"),
            (200, "<!DOCTYPE html><html>", "web page"),
            (
                403,
                "<html><body>Blocked by policy</body></html>",
                "web page",
            ),
            (407, "", "proxy"),
            (407, "<html>", "proxy"),
            (511, "<html>", "network"),
            (502, "<html>", "web page"),
            (500, "{}", "issued no token"),
            (404, "", "issued no token"),
        ] {
            let response = HttpResponse {
                status,
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
            };
            let error = classify(&response, "login.example", Timestamp(0));
            assert!(
                matches!(error, GraphError::Upstream(_)),
                "{status}: {error:?}"
            );
            assert!(error.to_string().contains(words), "{status}: {error}");
            assert!(
                !error.advice().contains("secret"),
                "{status}: {}",
                error.advice()
            );
        }
    }

    #[test]
    fn the_description_decides_nothing_and_is_not_repeated() {
        let error = meaning(400, "invalid_client", &[]);
        let all = format!("{error} {error:?} {}", error.advice());
        assert!(!all.contains("7000222") && !all.contains("Jane"), "{all}");
    }

    #[test]
    fn an_answer_that_is_not_of_entra_is_no_refusal_of_the_credentials() {
        let html = HttpResponse {
            status: 404,
            headers: Vec::new(),
            body: b"<html>".to_vec(),
        };
        let error = classify(&html, "login.example", Timestamp(0));
        assert!(matches!(error, GraphError::Upstream(_)));
        assert_eq!(error.code(), "http-404");
    }

    #[test]
    fn only_what_passes_by_itself_is_transient() {
        for (status, error, codes) in [
            (429, "", &[90_055][..]),
            (500, "", &[]),
            (503, "server_error", &[]),
            (400, "temporarily_unavailable", &[]),
            (400, "invalid_request", &[90_033]),
        ] {
            assert!(
                is_transient(&response(status, error, codes)),
                "{status} {error}"
            );
        }
        for (status, error, code) in [
            (401, "invalid_client", 7_000_215),
            (400, "unauthorized_client", 700_016),
            (400, "invalid_tenant", 90_002),
        ] {
            assert!(!is_transient(&response(status, error, &[code])), "{code}");
        }
        assert!(matches!(
            meaning(429, "", &[90_055]),
            GraphError::Throttled { .. }
        ));
        assert!(matches!(meaning(503, "", &[]), GraphError::Upstream(_)));
    }
}
