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
//! There is no sign-in here; whoever sees the page is the administrator, which loopback allows. At
//! `organizations` the page also offers to accept as an administrator of another tenant, which grants
//! nothing in this one and leads back with that tenant's id. The page comes with plain links, because a
//! form's target is held back by `form-action` where the answer redirects elsewhere.

mod page;

use uuid::Uuid;

use crate::accounts::{OTHER_TENANT, is_other_tenant};
use crate::audience::is_graph;
use crate::browser_request::{PageRefusal, only_read, redirect, required, unkept, way_back};
use crate::context::Context;
use crate::version::Version;
use emulated_directory::moments;
use emulated_http::{Call, Reply};

/// The query parameter by which the page's links say what the administrator decided.
const DECISION: &str = "decision";

/// What an administrator decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Accept,
    /// As an administrator of another tenant.
    AcceptElsewhere,
    Cancel,
}

impl Decision {
    fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptElsewhere => "accept-elsewhere",
            Self::Cancel => "cancel",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::Accept, Self::AcceptElsewhere, Self::Cancel]
            .into_iter()
            .find(|decision| decision.word() == word)
    }
}

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
    /// Whether the path leaves open which tenant it is.
    any_tenant: bool,
    /// Whether the path names the tenant that is not here.
    elsewhere: bool,
    redirect_uri: &'a str,
    state: Option<&'a str>,
    scope: &'a str,
    /// The permissions as the page lists them.
    permissions: Vec<String>,
    /// The application permissions that accepting grants. Scopes other than `.default` are delegated
    /// permissions, which no token of an application shows.
    roles: Vec<String>,
}

/// Answers a request for the page, or one of its links.
pub(crate) fn answer(
    service: &Context<'_>,
    call: &Call,
    (tenant, version): (&str, Version),
) -> Reply {
    let decided = call.query.get(DECISION).and_then(Decision::named);
    unkept(match (read(service, call, tenant, version), decided) {
        (Err(refusal), _) => refusal.reply(service),
        (Ok(consent), Some(Decision::Accept)) if consent.elsewhere => elsewhere(&consent),
        (Ok(consent), Some(Decision::Accept)) => accepted(service, &consent),
        (Ok(consent), Some(Decision::AcceptElsewhere))
            if consent.any_tenant || consent.elsewhere =>
        {
            elsewhere(&consent)
        }
        (Ok(consent), Some(Decision::Cancel)) => cancelled(service, &consent),
        (Ok(consent), _) => page::asking(service, call, &consent),
    })
}

fn read<'a>(
    service: &Context<'_>,
    call: &'a Call,
    tenant: &str,
    version: Version,
) -> Result<Consent<'a>, PageRefusal> {
    only_read(call)?;
    check_tenant(service, tenant, version)?;
    let redirect_uri = way_back(service, call)?;
    let access = service.application();
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
        any_tenant: ["organizations", "common"]
            .iter()
            .any(|any| tenant.eq_ignore_ascii_case(any)),
        elsewhere: is_other_tenant(tenant),
        redirect_uri,
        state: call.query.get("state"),
        scope,
        permissions,
        roles,
    })
}

fn check_tenant(service: &Context<'_>, tenant: &str, version: Version) -> Result<(), PageRefusal> {
    let lower = tenant.to_lowercase();
    match (&*lower, version) {
        ("organizations", _) | ("common", Version::One) => Ok(()),
        ("common" | "consumers", _) => Err(PageRefusal::new(
            90_019,
            format!(
                "No tenant-identifying information found in either the request or implied by any \
                 provided credentials: consent is not given at /{lower}."
            ),
        )),
        _ if service.is_named(tenant) || is_other_tenant(tenant) => Ok(()),
        _ => Err(PageRefusal::no_tenant(tenant)),
    }
}

/// The permissions behind a scope, and those of them that are the application's own.
fn asked(
    scope: &str,
    registered: &[String],
    root: &str,
) -> Result<(Vec<String>, Vec<String>), PageRefusal> {
    let mut permissions = Vec::new();
    let mut roles = Vec::new();
    for scope in scope.split_whitespace() {
        let permission = match scope.rsplit_once('/') {
            Some((resource, permission)) if is_graph(resource, root) => permission,
            // A scope without a resource is one of Graph's.
            None => scope,
            Some(_) => {
                return Err(PageRefusal::new(
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
    service.consent(&consent.roles);
    granted(consent, &service.tenant_id())
}

/// Leads back as if another tenant had granted it, which is nothing to this one.
fn elsewhere(consent: &Consent<'_>) -> Reply {
    granted(consent, OTHER_TENANT)
}

fn granted(consent: &Consent<'_>, tenant_id: &str) -> Reply {
    let tenant = ("tenant", tenant_id);
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
