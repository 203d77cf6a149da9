//! What an answer of Microsoft Graph other than success means: a pure function of the request's
//! purpose, the status, the headers and the error code.

use std::time::Duration;

use entra_users::permission::{self, Guarded};
use guest_kit::retry;
use guest_kit::{HttpResponse, Timestamp};

use super::envelope::{Envelope, identifier};
use super::error::{Failure, GraphError};
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

/// What it means that an answer came, and shows groups without their names.
pub(super) fn withheld(purpose: Purpose, circumstances: Circumstances<'_>) -> GraphError {
    let (refused, advice) = forbidden(purpose, None, circumstances);
    GraphError::Forbidden(Box::new(Failure {
        code: "forbidden".to_owned(),
        message: format!("{refused}: it shows groups without their names"),
        advice,
        status: Some(200),
        request_id: None,
    }))
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

/// The limit of writes leaves no time for more.
pub(super) fn out_of_pace(retry_after: Duration) -> GraphError {
    GraphError::Throttled {
        failure: Box::new(Failure {
            code: "write-pace".to_owned(),
            message: "The limit of writes leaves no time for more in this call".to_owned(),
            advice: "Nothing needs to be done: the next call goes on.".to_owned(),
            status: None,
            request_id: None,
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
    let resumed = matches!(
        purpose,
        Purpose::Changes { resumed: true }
            | Purpose::GroupChanges { resumed: true }
            | Purpose::OrgContactChanges { resumed: true }
    );
    match status {
        400 => named || (resumed && !is(code, "Request_UnsupportedQuery")),
        404 => named,
        410 => named || resumed,
        _ => false,
    }
}

/// A partition that is refused is lost, too, whatever for: the list can be read without it.
fn is_lost_page(purpose: Purpose, status: u16, code: Option<&str>) -> bool {
    let expired = status == 400 && is(code, "Directory_ExpiredPageToken");
    match purpose {
        Purpose::Users | Purpose::OrgContacts => expired || status == 410,
        Purpose::Partition => is_unsupported(status),
        _ => false,
    }
}

/// Statuses by which the service says that it does not do what was asked.
pub(super) fn is_unsupported(status: u16) -> bool {
    matches!(status, 400 | 404 | 405 | 410 | 501)
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
        // The one that reads users is needed in any case, and reads the organisation, too; groups and
        // organisational contacts it does not.
        let needed = match purpose {
            Purpose::Groups
            | Purpose::GroupChanges { .. }
            | Purpose::GroupLookup
            | Purpose::GroupSubscriptions
            | Purpose::OrgContacts
            | Purpose::OrgContactChanges { .. }
            | Purpose::OrgContactCount
            | Purpose::Updates => purpose.permission(),
            _ => Purpose::Users.permission(),
        };
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
        Purpose::Groups | Purpose::GroupChanges { .. } | Purpose::GroupLookup => {
            permission::reads_groups(roles)
        }
        Purpose::GroupSubscriptions => permission::is_told_of_groups(roles),
        Purpose::OrgContacts | Purpose::OrgContactChanges { .. } | Purpose::OrgContactCount => {
            permission::reads_org_contacts(roles)
        }
        Purpose::Updates => permission::has_any(roles, &permission::WRITES_USERS),
        _ => permission::reads_users(roles),
    }
}

/// Whether a request asks for the values of users.
fn asks_for_values(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Users | Purpose::Partition | Purpose::Changes { .. } | Purpose::Lookup
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
mod tests;
