//! What a refusal of the token endpoint means.
//!
//! Told apart by `error_codes`, never by the description, which Microsoft forbids to act upon and
//! which quotes names (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use serde::Deserialize;

use super::envelope;
use super::error::{Failure, GraphError};
use super::refusal::header_id;
use super::retry;
use crate::ports::{HttpResponse, Timestamp};

/// One AADSTS code that an administrator can do something about.
struct Known {
    codes: &'static [u32],
    message: &'static str,
    advice: &'static str,
}

const KNOWN: [Known; 14] = [
    Known {
        codes: &[7_000_215],
        message: "The client secret is wrong",
        advice: "Store the secret's value at the host, not its id: Entra shows the value only once, \
                 when the secret is made. Where it is lost, make a new secret.",
    },
    Known {
        codes: &[7_000_222],
        message: "The client secret has expired",
        advice: "Make a new client secret in the app registration and store its value at the host.",
    },
    Known {
        codes: &[7_000_218],
        message: "The sign-in carried no client secret",
        advice: "Store the client secret's value at the host; an empty one does not do.",
    },
    Known {
        codes: &[700_016],
        message: "The application is unknown in this tenant",
        advice: "Check the application (client) id and the tenant; where both are right, an \
                 administrator of the tenant has yet to consent to the application.",
    },
    Known {
        codes: &[90_002],
        message: "The tenant does not exist in this cloud",
        advice: "Check the tenant id or domain, and that the configured cloud is the tenant's.",
    },
    Known {
        codes: &[900_023, 9_001_023],
        message: "The tenant is written in a form that is no tenant",
        advice: "Write the tenant's id (a GUID) or one of its verified domain names.",
    },
    Known {
        codes: &[7_000_112, 70_001],
        message: "The application is disabled in this tenant",
        advice: "Enable the application under Enterprise applications in the Entra admin center.",
    },
    Known {
        codes: &[70_011, 700_022, 28_002],
        message: "The scope of the sign-in is not valid in this cloud",
        advice: "Check that the configured cloud is the tenant's.",
    },
    Known {
        codes: &[53_003, 530_032],
        message: "A Conditional Access policy blocks the application",
        advice: "Exclude the application from the policy for workload identities, or allow the \
                 address that the platform signs in from.",
    },
    Known {
        codes: &[500_011],
        message: "Microsoft Graph is unknown in this tenant",
        advice: "Check that the configured cloud is the tenant's, and that the tenant is no trial \
                 that has ended.",
    },
    Known {
        codes: &[90_038, 900_382, 900_432],
        message: "The tenant lives in another cloud",
        advice: "Set the configuration's cloud to the tenant's, and register the application there: \
                 registrations are not shared between clouds.",
    },
    Known {
        codes: &[65_001],
        message: "Nobody has consented to the application",
        advice: "Let an administrator of the tenant grant consent to the application.",
    },
    Known {
        codes: &[700_027, 700_024, 50_012, 70_002],
        message: "The application's credentials are not valid",
        advice: "Make a new client secret in the app registration and store its value at the host.",
    },
    Known {
        codes: &[900_144],
        message: "The sign-in lacks something the tenant asks for",
        advice: "Check that the application (client) id and the client secret are not empty.",
    },
];

/// Codes that pass by themselves.
const TRANSIENT: [u32; 6] = [90_006, 90_012, 90_024, 90_033, 90_055, 90_090];

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    trace_id: String,
}

impl Body {
    fn read(response: &HttpResponse) -> Self {
        serde_json::from_slice(&response.body).unwrap_or_default()
    }
}

/// Whether the same sign-in may succeed later.
pub(super) fn is_transient(response: &HttpResponse) -> bool {
    let body = Body::read(response);
    matches!(response.status, 429 | 500..=599)
        || body.error == "temporarily_unavailable"
        || body.error_codes.iter().any(|code| TRANSIENT.contains(code))
}

/// What the refusal means.
pub(super) fn classify(response: &HttpResponse, host: &str, now: Timestamp) -> GraphError {
    let body = Body::read(response);
    let known = body.error_codes.iter().find_map(|code| {
        let known = KNOWN.iter().find(|known| known.codes.contains(code))?;
        Some((*code, known))
    });
    let code = known
        .map(|(code, _)| code)
        .or(body.error_codes.first().copied())
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

    if let Some((_, known)) = known {
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
            retry_after: asked.unwrap_or(retry::UNTOLD_WAIT),
        },
        (503, Some(retry_after)) => GraphError::Throttled {
            failure: failure(
                format!("{host} is not available"),
                "Run again after the time the error names.",
            ),
            retry_after,
        },
        (400..=499, _) if is_entra && !is_transient(response) => GraphError::Unauthorized(failure(
            "The sign-in of the application was refused".to_owned(),
            "Look the code up at https://login.microsoftonline.com/error, and check tenant, \
                 application id and client secret.",
        )),
        _ => GraphError::Upstream(failure(
            format!("{host} issued no token"),
            "Check that the configured login endpoint is the one of the tenant's cloud and that no \
             proxy answers in its place; otherwise try again later.",
        )),
    }
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
    fn every_known_code_is_an_error_of_configuration_with_a_message_of_its_own() {
        let mut messages = Vec::new();
        for known in &KNOWN {
            for code in known.codes {
                let error = meaning(400, "invalid_client", &[*code]);
                assert!(matches!(error, GraphError::Unauthorized(_)), "{code}");
                assert_eq!(error.code(), format!("AADSTS{code}"));
                assert_eq!(error.failure().message, known.message);
                assert_eq!(error.advice(), known.advice);
            }
            messages.push(known.message);
        }
        messages.sort_unstable();
        messages.dedup();
        assert_eq!(messages.len(), KNOWN.len());
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
        assert_eq!(meaning(400, "invalid_client", &[]).code(), "invalid_client");
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
