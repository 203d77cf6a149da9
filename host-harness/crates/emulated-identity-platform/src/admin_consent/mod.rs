//! Admin consent: the page on which an administrator grants an application what it asks for, and the
//! redirect back to the application
//! (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>; the older form:
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#request-the-permissions-from-a-directory-admin>).
//!
//! | | `/{tenant}/v2.0/adminconsent` | `/{tenant}/adminconsent` |
//! |---|---|---|
//! | asks for | `scope`, which is required | the registered permissions |
//! | tenant | id, domain, `organizations` | id, domain, `organizations`, `common` |
//! | after Cancel | `admin_consent=True`, `error`, `error_description`, `state` | `error`, `error_description` |
//!
//! So the two traps of the real endpoint are there: version 2 says `admin_consent=True` after a
//! refusal as well, and the older form loses the `state`.
//!
//! Nothing leads to an address that is not registered: whatever is wrong with a request is said on a
//! page, not in a redirect. There is no sign-in; whoever sees the page is the administrator, which
//! loopback allows. The page comes with two plain links, because a form's target is held back by
//! `form-action` where the answer redirects elsewhere.

mod page;

use http::{Method, StatusCode};
use uuid::Uuid;

use crate::audience::is_graph;
use crate::context::Context;
use crate::refusal::AadCode;
use crate::token::unknown_application;
use crate::version::Version;
use emulated_directory::moments;
use emulated_http::query::encode_form;
use emulated_http::{Call, Reply};

/// The query parameter by which the page's links say what the administrator decided.
const DECISION: &str = "decision";

/// The tenant and the form that a path names; `None` for any other path.
pub(crate) fn of_path(segments: &[String]) -> Option<(&str, Version)> {
    let named = |segment: &str| segment.eq_ignore_ascii_case("adminconsent");
    match segments {
        [tenant, last] if named(last) => Some((tenant, Version::One)),
        [tenant, version, last] if version.eq_ignore_ascii_case("v2.0") && named(last) => {
            Some((tenant, Version::Two))
        }
        _ => None,
    }
}

/// A request in order: an application and an address that are registered, and permissions that exist.
#[derive(Debug)]
struct Consent<'a> {
    version: Version,
    redirect_uri: &'a str,
    state: Option<&'a str>,
    scope: &'a str,
    /// The permissions as the page lists them.
    permissions: Vec<String>,
    /// The application permissions that accepting grants. Scopes other than `.default` are delegated
    /// permissions, which no token of an application shows.
    roles: Vec<String>,
}

/// What is wrong with a request: said on a page.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    code: AadCode,
    message: String,
}

impl Refusal {
    fn new(code: AadCode, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }
}

/// Answers a request for the page, or one of its links.
pub(crate) fn answer(
    service: &Context<'_>,
    call: &Call,
    (tenant, version): (&str, Version),
) -> Reply {
    let reply = match read(service, call, tenant, version) {
        Err(refusal) => page::refused(service, &refusal),
        Ok(consent) => match call.query.get(DECISION) {
            Some("accept") => accepted(service, &consent),
            Some("cancel") => cancelled(service, &consent),
            _ => page::asking(service, call, &consent),
        },
    };
    reply
        .with_header("cache-control", "no-store, no-cache")
        .with_header("pragma", "no-cache")
        .with_header("x-ms-request-id", &Uuid::new_v4().to_string())
}

fn read<'a>(
    service: &Context<'_>,
    call: &'a Call,
    tenant: &str,
    version: Version,
) -> Result<Consent<'a>, Refusal> {
    if call.method != Method::GET {
        return Err(Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Refusal::new(
                900_561,
                format!(
                    "The endpoint only accepts GET requests. Received a {} request.",
                    call.method
                ),
            )
        });
    }
    check_tenant(service, tenant, version)?;
    let client_id = required(call, "client_id")?;
    let redirect_uri = required(call, "redirect_uri")?;
    let access = service.application();
    if !client_id.eq_ignore_ascii_case(&access.client_id) {
        let message = unknown_application(client_id, service.organization_name());
        return Err(Refusal::new(700_016, message));
    }
    if !access
        .redirect_uris
        .iter()
        .any(|known| known == redirect_uri)
    {
        return Err(Refusal::new(
            50_011,
            format!(
                "The redirect URI '{redirect_uri}' specified in the request does not match the \
                 redirect URIs configured for the application '{client_id}'. Make sure the redirect \
                 URI sent in the request matches one added to your application exactly."
            ),
        ));
    }
    let (scope, permissions, roles) = match version {
        Version::One => ("", access.permissions.clone(), access.permissions.clone()),
        Version::Two => {
            let scope = required(call, "scope")?;
            let (permissions, roles) = asked(scope, &access.permissions, &call.root)?;
            (scope, permissions, roles)
        }
    };
    Ok(Consent {
        version,
        redirect_uri,
        state: call.query.get("state"),
        scope,
        permissions,
        roles,
    })
}

/// A parameter that a request must have (AADSTS90014,
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    call.query.filled(name).ok_or_else(|| {
        Refusal::new(
            90_014,
            format!(
                "The required field '{name}' is missing from the credential. Ensure that you have \
                 all the necessary parameters for the login request."
            ),
        )
    })
}

fn check_tenant(service: &Context<'_>, tenant: &str, version: Version) -> Result<(), Refusal> {
    let lower = tenant.to_lowercase();
    match (&*lower, version) {
        ("organizations", _) | ("common", Version::One) => Ok(()),
        ("common" | "consumers", _) => Err(Refusal::new(
            90_019,
            format!(
                "No tenant-identifying information found in either the request or implied by any \
                 provided credentials: consent is not given at /{lower}."
            ),
        )),
        _ if service.is_named(tenant) => Ok(()),
        _ => Err(Refusal::new(
            90_002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID \
                 and are signing into the correct cloud."
            ),
        )),
    }
}

/// The permissions behind a scope, and those of them that are the application's own.
fn asked(
    scope: &str,
    registered: &[String],
    root: &str,
) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let mut permissions = Vec::new();
    let mut roles = Vec::new();
    for scope in scope.split_whitespace() {
        let permission = match scope.rsplit_once('/') {
            Some((resource, permission)) if is_graph(resource, root) => permission,
            // A scope without a resource is one of Graph's.
            None => scope,
            Some(_) => {
                return Err(Refusal::new(
                    70_011,
                    format!(
                        "The provided value for the input parameter 'scope' is not valid. The scope \
                         {scope} is not valid."
                    ),
                ));
            }
        };
        if permission == ".default" {
            permissions.extend_from_slice(registered);
            roles.extend_from_slice(registered);
        } else {
            permissions.push(permission.to_owned());
        }
    }
    Ok((permissions, roles))
}

/// Grants, on top of what was granted before, and leads back.
fn accepted(service: &Context<'_>, consent: &Consent<'_>) -> Reply {
    {
        let mut access = service.application();
        for role in &consent.roles {
            if !access.roles.contains(role) {
                access.roles.push(role.clone());
            }
        }
    }
    let tenant_id = service.tenant_id();
    let tenant = ("tenant", &*tenant_id);
    let granted = ("admin_consent", "True");
    let state = consent.state.map(|state| ("state", state));
    let mut told = match consent.version {
        Version::One => vec![tenant],
        Version::Two => vec![granted, tenant, ("scope", consent.scope)],
    };
    told.extend(state);
    if consent.version == Version::One {
        told.push(granted);
    }
    redirect(consent.redirect_uri, &told)
}

fn cancelled(service: &Context<'_>, consent: &Consent<'_>) -> Reply {
    if consent.version == Version::One {
        let told = [
            ("error", "permission_denied"),
            ("error_description", "The admin canceled the request"),
        ];
        return redirect(consent.redirect_uri, &told);
    }
    let description = format!(
        "AADSTS65004: The resource owner or authorization server denied the request.\r\nTrace ID: \
         {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
        Uuid::new_v4(),
        Uuid::new_v4(),
        moments::spaced(service.now())
    );
    let mut told = vec![
        ("admin_consent", "True"),
        ("error", "consent_required"),
        ("error_description", &*description),
    ];
    told.extend(consent.state.map(|state| ("state", state)));
    redirect(consent.redirect_uri, &told)
}

fn redirect(uri: &str, told: &[(&str, &str)]) -> Reply {
    let separator = if uri.contains('?') { '&' } else { '?' };
    let location = format!("{uri}{separator}{}", encode_form(told));
    Reply::empty(StatusCode::FOUND).with_header("location", &location)
}
