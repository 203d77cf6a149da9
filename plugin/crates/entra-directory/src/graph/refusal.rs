//! What an answer of Microsoft Graph other than success means: a pure function of the request's
//! purpose, the status, the headers and the error code.

use std::time::Duration;

use guest_kit::retry;
use guest_kit::{HttpResponse, Timestamp};

use super::envelope::{Envelope, identifier};
use super::error::{Failure, GraphError};
use super::permission::{self, Guarded};
use super::purpose::Purpose;
use super::transient;

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

/// What a web page in the place of an answer means where a server is not available.
pub(super) const PAGE_OF_A_SERVER: &str = "Microsoft's service, or a gateway on the way to it, is not \
    available: try again later; where it stays, let the operator of the platform's network look at the \
    gateway.";

/// What a web page in the place of an answer means else.
pub(super) const PAGE_OF_A_GATEWAY: &str = "A proxy, a gateway or a firewall on the way answers in \
    Microsoft's place, with a page for people: let the operator of the platform's network allow the host.";

/// What is known about a request beside its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Circumstances<'a> {
    /// The permissions that its token carries, where the token can be read.
    pub(super) roles: Option<&'a [String]>,
    /// What it asks for that needs a permission of its own.
    pub(super) guarded: &'a [Guarded],
}

/// What the answer means.
pub(super) fn classify(
    purpose: Purpose,
    response: &HttpResponse,
    circumstances: Circumstances<'_>,
    now: Timestamp,
) -> GraphError {
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
    if let Some((message, advice)) = on_the_way(status) {
        let code = match status {
            300..=399 => "unexpected-redirect".to_owned(),
            _ => format!("http-{status}"),
        };
        return GraphError::Upstream(failure(&code, message, advice.to_owned()));
    }
    if is_web_page(response) {
        let advice = if status >= 500 {
            PAGE_OF_A_SERVER
        } else {
            PAGE_OF_A_GATEWAY
        };
        let message = format!(
            "A web page came in the place of Microsoft Graph's answer to the request to {phrase}"
        );
        return GraphError::Upstream(failure("foreign-answer", message, advice.to_owned()));
    }
    match status {
        401 => GraphError::Unauthorized(failure(
            "unauthorized",
            format!("Microsoft Graph does not accept the access token to {phrase}"),
            unauthorized_advice(code).to_owned(),
        )),
        403 => {
            let (message, advice) = forbidden(purpose, code, circumstances);
            GraphError::Forbidden(failure("forbidden", message, advice))
        }
        _ => GraphError::Upstream(failure(
            &format!("http-{status}"),
            format!("Microsoft Graph could not {phrase}"),
            upstream_advice(status, code).to_owned(),
        )),
    }
}

/// What something between the platform and Microsoft says by its status alone, and what to do.
pub(super) fn on_the_way(status: u16) -> Option<(String, &'static str)> {
    match status {
        407 => Some((
            "A proxy on the way asks for credentials".to_owned(),
            "Let the operator of the platform give it credentials that the proxy accepts, or let the proxy \
             pass the host without.",
        )),
        511 => Some((
            "The network that the platform is in asks for a sign-in of its own".to_owned(),
            "Let the operator of the platform's network let it pass.",
        )),
        300..=399 => Some((
            "The request was redirected, which is not followed".to_owned(),
            "Check that the configured cloud is the tenant's, and that no proxy answers in Microsoft's \
             place.",
        )),
        _ => None,
    }
}

/// Whether the body is a page for people: Microsoft's services answer programs in JSON.
pub(super) fn is_web_page(response: &HttpResponse) -> bool {
    let body = response.body.as_slice();
    let start = body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(body)
        .trim_ascii_start();
    let is_typed = response
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    start.first() == Some(&b'<') || (is_typed && !matches!(start.first(), Some(b'{' | b'[')))
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
        429 => Some(asked.unwrap_or(transient::UNTOLD_WAIT)),
        status if status >= 400 && transient::is_transient(status, code) => asked,
        _ => None,
    }
}

fn unauthorized_advice(code: Option<&str>) -> &'static str {
    if is(code, "Authorization_IdentityNotFound") {
        NO_IDENTITY
    } else {
        "Check that the configured cloud is the tenant's, that the platform's clock is right, and that no \
         Conditional Access policy for workload identities blocks the application."
    }
}

const NO_IDENTITY: &str = "The application does not exist in this tenant: check the tenant, and let one of its \
    administrators consent to the application.";

/// Why something is not allowed, and what to do: what is missing in the token is missing; what is in it
/// already nobody has to add.
fn forbidden(
    purpose: Purpose,
    code: Option<&str>,
    circumstances: Circumstances<'_>,
) -> (String, String) {
    let refused = format!(
        "Microsoft Graph does not allow the application to {}",
        purpose.phrase()
    );
    if is(code, "Authorization_IdentityNotFound") {
        return (refused, NO_IDENTITY.to_owned());
    }
    if is(code, "Authorization_IdentityDisabled") {
        let advice =
            "Enable the application under Enterprise applications in the Entra admin center.";
        return (refused, advice.to_owned());
    }
    if is(
        code,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    ) {
        let advice = "What is asked for needs Entra ID P1 or P2, and this tenant has neither, or is one of \
             Azure AD B2C: take the attribute that was mapped last out of the configuration.";
        return (refused, advice.to_owned());
    }
    let Circumstances { roles, guarded } = circumstances;
    let carried = roles.is_some_and(|roles| allows(purpose, roles));
    if roles.is_some() && !carried {
        // The one that reads users is needed in any case, and reads the organisation, too.
        let needed = Purpose::Users.permission();
        return (
            refused,
            format!(
                "The access token does not carry the permission. {}",
                add(needed)
            ),
        );
    }
    let suspects = guarded
        .iter()
        .filter(|guarded| roles.is_none_or(|roles| !guarded.is_granted(roles)));
    let suspects: Vec<_> = suspects.collect();
    if let (Some(first), true) = (suspects.first(), asks_for_values(purpose)) {
        let names: Vec<_> = suspects
            .iter()
            .map(|guarded| format!("`{}`", guarded.attribute))
            .collect();
        let names = names.join(" and ");
        let also = if carried {
            String::new()
        } else {
            format!(" Without {names}, {} suffices.", purpose.permission())
        };
        return (
            format!("{refused} with {names}"),
            format!(
                "{names} needs a permission of its own, {}: add it to the app registration and let an \
                 administrator grant consent, or take {names} out of the configuration.{also}",
                first.permission
            ),
        );
    }
    if carried {
        return (
            refused,
            format!(
                "The access token carries {} already, so nothing has to be added: a consent that was given \
                 a short time ago takes minutes, at times hours, to reach all of Microsoft's servers. Wait, \
                 and run again; each run takes a new token. Where it stays for a day, look for a policy that \
                 restricts the application.",
                roles.unwrap_or_default().join(", ")
            ),
        );
    }
    (
        refused,
        format!(
            "{} Where it was added and consented to a short time ago, wait: that takes minutes, at times \
             hours.",
            add(purpose.permission())
        ),
    )
}

fn add(permission: &str) -> String {
    format!(
        "Add the application permission {permission} of Microsoft Graph to the app registration and let an \
         administrator grant consent."
    )
}

fn allows(purpose: Purpose, roles: &[String]) -> bool {
    match purpose {
        Purpose::Organization => permission::reads_organization(roles),
        _ => permission::reads_users(roles),
    }
}

/// Whether a request asks for the values of users.
fn asks_for_values(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Users | Purpose::Changes { .. } | Purpose::Lookup
    )
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
        classify(
            purpose,
            &response(status, code),
            Circumstances::default(),
            Timestamp(0),
        )
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

    const LEAVE_DATE: Guarded = Guarded {
        attribute: "employeeLeaveDateTime",
        property: "employeeLeaveDateTime",
        permission: "User-LifeCycleInfo.Read.All",
    };

    fn denied(purpose: Purpose, roles: Option<&[&str]>, guarded: &[Guarded]) -> GraphError {
        let roles: Option<Vec<String>> =
            roles.map(|roles| roles.iter().map(|role| (*role).to_owned()).collect());
        let circumstances = Circumstances {
            roles: roles.as_deref(),
            guarded,
        };
        let refusal = response(403, "Authorization_RequestDenied");
        classify(purpose, &refusal, circumstances, Timestamp(0))
    }

    #[test]
    fn a_permission_that_the_token_carries_is_not_asked_for_again() {
        for (roles, is_waited_for) in [
            (None, false),
            (Some(&[][..]), false),
            (Some(&["Organization.Read.All"][..]), false),
            (Some(&["User.Read.All"][..]), true),
            (Some(&["Directory.Read.All", "Mail.Read"][..]), true),
        ] {
            let error = denied(Purpose::Users, roles, &[]);
            assert!(matches!(error, GraphError::Forbidden(_)));
            let advice = error.advice();
            assert_eq!(
                advice.contains("nothing has to be added"),
                is_waited_for,
                "{advice}"
            );
            assert_eq!(
                advice.contains("Add the application permission"),
                !is_waited_for,
                "{advice}"
            );
            assert_eq!(
                advice.contains("hours"),
                is_waited_for || roles.is_none(),
                "{advice}"
            );
        }
    }

    #[test]
    fn a_token_without_any_permission_lacks_the_needed_one_and_not_the_optional_one() {
        for purpose in [Purpose::Organization, Purpose::Users, Purpose::Count] {
            let advice = denied(purpose, Some(&[]), &[]).advice().to_owned();
            assert!(advice.contains("User.Read.All"), "{advice}");
            assert!(!advice.contains("Organization.Read.All"), "{advice}");
        }
    }

    #[test]
    fn an_attribute_that_needs_a_permission_of_its_own_is_named() {
        for purpose in [Purpose::Users, CHANGES, Purpose::Lookup] {
            for roles in [None, Some(&["User.Read.All"][..])] {
                let error = denied(purpose, roles, &[LEAVE_DATE]);
                let told = format!("{error} {}", error.advice());
                assert!(told.contains("`employeeLeaveDateTime`"), "{told}");
                assert!(told.contains("User-LifeCycleInfo.Read.All"), "{told}");
            }
        }
        let both = ["User.Read.All", "User-LifeCycleInfo.Read.All"];
        let granted = denied(Purpose::Users, Some(&both), &[LEAVE_DATE]);
        assert!(granted.advice().contains("nothing has to be added"));
        let none = denied(Purpose::Users, Some(&[]), &[LEAVE_DATE]);
        assert!(none.advice().contains("User.Read.All"), "that comes first");
        let deleted = denied(
            Purpose::DeletedItems,
            Some(&["User.Read.All"]),
            &[LEAVE_DATE],
        );
        assert!(!deleted.to_string().contains("employeeLeaveDateTime"));
    }

    #[test]
    fn what_answers_in_the_place_of_graph_is_no_refusal_of_graph() {
        let page = "<!DOCTYPE html><html><body>Jane, your access is blocked</body></html>";
        for (status, kind, body) in [
            (401, "text/html", page),
            (403, "text/html; charset=utf-8", page),
            (403, "application/json", page),
            (403, "text/html", "Blocked"),
            (404, "text/html", page),
            (407, "text/html", page),
            (407, "", ""),
            (500, "text/html", page),
            (502, "", "\u{feff}\r\n<html>"),
            (511, "text/html", page),
        ] {
            let response = HttpResponse {
                status,
                headers: vec![("content-type".to_owned(), kind.to_owned())],
                body: body.as_bytes().to_vec(),
            };
            let carried = ["User.Read.All".to_owned()];
            let circumstances = Circumstances {
                roles: Some(&carried),
                guarded: &[],
            };
            let error = classify(Purpose::Users, &response, circumstances, Timestamp(0));
            assert!(
                matches!(error, GraphError::Upstream(_)),
                "{status}: {error:?}"
            );
            let told = format!("{error} {}", error.advice());
            assert!(
                ["gateway", "proxy", "network"]
                    .iter()
                    .any(|word| told.contains(word)),
                "{status}: {told}"
            );
            assert!(
                !told.contains("User.Read.All") && !told.contains("Jane"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_code_of_graph_decides_before_the_permissions() {
        for (code, words) in [
            (
                "Authorization_IdentityNotFound",
                "does not exist in this tenant",
            ),
            ("Authorization_IdentityDisabled", "Enable the application"),
            (
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "P1 or P2",
            ),
        ] {
            let error = meaning(Purpose::Users, 403, code);
            assert!(error.advice().contains(words), "{code}: {}", error.advice());
            assert_eq!(error.code(), code);
        }
        let unknown = meaning(Purpose::Users, 401, "Authorization_IdentityNotFound");
        assert!(unknown.advice().contains("consent"));
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
        let untold = classify(
            Purpose::Users,
            &response,
            Circumstances::default(),
            Timestamp(0),
        );
        response
            .headers
            .push(("retry-after".to_owned(), "315".to_owned()));
        let told = classify(
            Purpose::Users,
            &response,
            Circumstances::default(),
            Timestamp(0),
        );
        assert!(
            matches!(untold, GraphError::Throttled { retry_after, .. } if retry_after == transient::UNTOLD_WAIT)
        );
        assert!(
            matches!(told, GraphError::Throttled { retry_after, .. } if retry_after.as_secs() == 315)
        );
        response.status = 503;
        let busy = classify(
            Purpose::Users,
            &response,
            Circumstances::default(),
            Timestamp(0),
        );
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
