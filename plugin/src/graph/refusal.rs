//! What an answer of Microsoft Graph other than success means: a pure function of the request's
//! purpose, the status, the headers and the error code.

use std::time::Duration;

use super::envelope::{Envelope, identifier};
use super::error::{Failure, GraphError};
use super::purpose::Purpose;
use super::retry;
use crate::ports::{HttpResponse, Timestamp};

/// Codes that mean that a delta token is lost, on whatever status. The service does not agree with
/// itself on spelling and status (<https://learn.microsoft.com/graph/delta-query-overview>).
const RESYNC: [&str; 6] = [
    "syncStateNotFound",
    "resyncRequired",
    "resyncApplyDifferences",
    "resyncUploadDifferences",
    "resyncChangesApplyDifferences",
    "resyncChangesUploadDifferences",
];

/// What the answer means.
pub(super) fn classify(purpose: Purpose, response: &HttpResponse, now: Timestamp) -> GraphError {
    let envelope = Envelope::read(&response.body);
    let code = envelope.code.as_deref();
    let status = response.status;
    let request_id = header_id(response, "request-id").or(envelope.request_id.clone());
    let failure = |default: &str, message: String, advice: String| {
        Box::new(Failure {
            code: code.map_or_else(|| default.to_owned(), str::to_owned),
            message,
            advice,
            status: Some(status),
            request_id: request_id.clone(),
        })
    };
    let phrase = purpose.phrase();

    if is_lost_cursor(purpose, status, code) {
        return GraphError::ResyncRequired(failure(
            "resync-required",
            "The saved position in the directory's changes is no longer valid".to_owned(),
            "Nothing needs to be done: the connector reads the whole directory anew.".to_owned(),
        ));
    }
    if is_lost_page(purpose, status, code) {
        return GraphError::PageTokenExpired(failure(
            "page-token-expired",
            "The position in the list of users is no longer valid".to_owned(),
            "Nothing needs to be done: the connector starts the list anew.".to_owned(),
        ));
    }
    if let Some(retry_after) = patience(response, code, now) {
        return throttled(purpose, status, code, request_id.clone(), retry_after);
    }
    match status {
        401 => GraphError::Unauthorized(failure(
            "unauthorized",
            format!("Microsoft Graph does not accept the access token to {phrase}"),
            "Check that the configured cloud is the tenant's, and that no Conditional Access policy \
             for workload identities blocks the application."
                .to_owned(),
        )),
        403 => GraphError::Forbidden(failure(
            "forbidden",
            format!("Microsoft Graph does not allow the application to {phrase}"),
            forbidden_advice(purpose, code),
        )),
        300..=399 => GraphError::Upstream(failure(
            "unexpected-redirect",
            format!("Microsoft Graph redirected the request to {phrase}, which is not followed"),
            "Check that the configured Graph endpoint is the one of the tenant's cloud, and that no \
             proxy answers in its place."
                .to_owned(),
        )),
        _ => GraphError::Upstream(failure(
            &format!("http-{status}"),
            format!("Microsoft Graph could not {phrase}"),
            upstream_advice(status, code).to_owned(),
        )),
    }
}

/// The service asks for patience beyond what may be waited.
pub(super) fn throttled(
    purpose: Purpose,
    status: u16,
    code: Option<&str>,
    request_id: Option<String>,
    retry_after: Duration,
) -> GraphError {
    let phrase = purpose.phrase();
    GraphError::Throttled {
        failure: Box::new(Failure {
            code: code.unwrap_or("throttled").to_owned(),
            message: format!("Microsoft Graph asked to wait before it would {phrase}"),
            advice: "Run again after the time the error names; larger intervals between runs help \
                     where this happens often."
                .to_owned(),
            status: Some(status),
            request_id,
        }),
        retry_after,
    }
}

/// A `request-id`-like header, where it is an id.
pub(super) fn header_id(response: &HttpResponse, name: &str) -> Option<String> {
    response.header(name).and_then(identifier)
}

fn is(code: Option<&str>, known: &str) -> bool {
    code.is_some_and(|code| code.eq_ignore_ascii_case(known))
}

/// A token that came back as gone or as a bad request is lost, too: a malformed one has no code of
/// its own. Without a token in the URL a bad request is a defect, and a full round would repeat it.
fn is_lost_cursor(purpose: Purpose, status: u16, code: Option<&str>) -> bool {
    let named = RESYNC.iter().any(|known| is(code, known));
    let resumed = matches!(purpose, Purpose::Changes { resumed: true });
    match status {
        400 => named || (resumed && !is(code, "Request_UnsupportedQuery")),
        404 => named,
        410 => named || resumed,
        _ => false,
    }
}

fn is_lost_page(purpose: Purpose, status: u16, code: Option<&str>) -> bool {
    let expired = status == 400 && is(code, "Directory_ExpiredPageToken");
    purpose == Purpose::Users && (expired || status == 410)
}

/// The patience the service asks for, where it does.
fn patience(response: &HttpResponse, code: Option<&str>, now: Timestamp) -> Option<Duration> {
    let asked = response
        .header("retry-after")
        .and_then(|value| retry::retry_after(value, now));
    match response.status {
        429 => Some(asked.unwrap_or(retry::UNTOLD_WAIT)),
        status if status >= 400 && retry::is_transient(status, code) => asked,
        _ => None,
    }
}

fn forbidden_advice(purpose: Purpose, code: Option<&str>) -> String {
    if is(code, "Authorization_IdentityNotFound") {
        "The application does not exist in this tenant: check the tenant, and let one of its \
         administrators consent to the application."
            .to_owned()
    } else if is(code, "Authorization_IdentityDisabled") {
        "Enable the application under Enterprise applications in the Entra admin center.".to_owned()
    } else {
        format!(
            "Add the application permission {} of Microsoft Graph to the app registration and let \
             an administrator grant consent; it takes effect within minutes.",
            purpose.permission()
        )
    }
}

fn upstream_advice(status: u16, code: Option<&str>) -> &'static str {
    if is(code, "NotImplemented") || is(code, "Request_UnsupportedQuery") {
        "Remove the attribute that was mapped last: Microsoft Graph does not give it for whole \
         directories."
    } else if status >= 500 {
        "Microsoft Graph is not available: try again later, and look at the service health in the \
         Microsoft 365 admin center."
    } else {
        "Report this with the code and the request id."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: Purpose = Purpose::Changes { resumed: true };

    fn response(status: u16, code: &str) -> HttpResponse {
        let body = serde_json::json!({"error": {
            "code": code,
            "message": "Resource 'jane@contoso.com' of user Jane Doe",
            "innerError": {"request-id": "6e0e2b6c"},
        }});
        HttpResponse {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        }
    }

    fn meaning(purpose: Purpose, status: u16, code: &str) -> GraphError {
        classify(purpose, &response(status, code), Timestamp(0))
    }

    #[test]
    fn a_lost_delta_token_is_known_in_every_spelling_and_status() {
        for status in [400, 404, 410] {
            for code in ["syncStateNotFound", "SyncStateNotFound", "resyncRequired"] {
                let error = meaning(CHANGES, status, code);
                assert!(
                    matches!(error, GraphError::ResyncRequired(_)),
                    "{status} {code}"
                );
                assert_eq!(error.code(), code);
            }
        }
    }

    #[test]
    fn gone_and_a_bad_request_on_a_delta_token_mean_a_lost_token() {
        for (status, code) in [
            (410, ""),
            (400, "Request_BadRequest"),
            (400, "BadRequest"),
            (400, ""),
        ] {
            let error = meaning(CHANGES, status, code);
            assert!(
                matches!(error, GraphError::ResyncRequired(_)),
                "{status} {code}"
            );
        }
    }

    #[test]
    fn a_refusal_that_a_full_round_would_meet_again_is_no_lost_token() {
        let first = Purpose::Changes { resumed: false };
        for (purpose, status, code) in [
            (first, 400, "Request_BadRequest"),
            (first, 410, ""),
            (CHANGES, 400, "Request_UnsupportedQuery"),
            (CHANGES, 404, "Request_ResourceNotFound"),
            (CHANGES, 501, "NotImplemented"),
        ] {
            let error = meaning(purpose, status, code);
            assert!(
                matches!(error, GraphError::Upstream(_)),
                "{status} {code}: {error:?}"
            );
        }
    }

    #[test]
    fn a_lost_page_of_the_list_is_told_apart() {
        let error = meaning(Purpose::Users, 400, "Directory_ExpiredPageToken");
        assert!(matches!(error, GraphError::PageTokenExpired(_)));
        let error = meaning(Purpose::Users, 400, "Request_BadRequest");
        assert!(matches!(error, GraphError::Upstream(_)));
    }

    #[test]
    fn missing_consent_names_the_permission_to_grant() {
        let users = meaning(Purpose::Users, 403, "Authorization_RequestDenied");
        assert!(matches!(users, GraphError::Forbidden(_)));
        assert!(
            users.advice().contains("User.Read.All"),
            "{}",
            users.advice()
        );
        let organization = meaning(Purpose::Organization, 403, "");
        assert!(organization.advice().contains("Organization.Read.All"));
        assert_eq!(organization.code(), "forbidden");
    }

    #[test]
    fn an_unknown_and_a_disabled_application_are_told_apart() {
        let unknown = meaning(Purpose::Users, 403, "Authorization_IdentityNotFound");
        let disabled = meaning(Purpose::Users, 403, "Authorization_IdentityDisabled");
        assert!(unknown.advice().contains("check the tenant"));
        assert!(disabled.advice().starts_with("Enable the application"));
    }

    #[test]
    fn throttling_carries_the_time_that_was_asked_for() {
        let mut response = response(429, "TooManyRequests");
        let untold = classify(Purpose::Users, &response, Timestamp(0));
        response
            .headers
            .push(("retry-after".to_owned(), "315".to_owned()));
        let told = classify(Purpose::Users, &response, Timestamp(0));
        assert!(
            matches!(untold, GraphError::Throttled { retry_after, .. } if retry_after == retry::UNTOLD_WAIT)
        );
        assert!(
            matches!(told, GraphError::Throttled { retry_after, .. } if retry_after.as_secs() == 315)
        );
        response.status = 503;
        let busy = classify(Purpose::Users, &response, Timestamp(0));
        assert!(matches!(busy, GraphError::Throttled { .. }));
    }

    #[test]
    fn a_redirect_is_an_error() {
        let error = meaning(Purpose::Users, 302, "");
        assert_eq!(error.code(), "unexpected-redirect");
    }

    #[test]
    fn no_error_repeats_the_message_of_the_service() {
        for status in [302, 400, 401, 403, 404, 410, 429, 500, 503] {
            let error = meaning(CHANGES, status, "x");
            let all = format!("{error} {error:?} {} {:?}", error.advice(), error.failure());
            assert!(!all.contains("contoso") && !all.contains("Jane"), "{all}");
            assert_eq!(error.failure().request_id.as_deref(), Some("6e0e2b6c"));
            assert_eq!(error.failure().status, Some(status));
        }
    }
}
