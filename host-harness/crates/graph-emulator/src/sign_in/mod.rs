//! The Microsoft identity platform: what `login.microsoftonline.com` answers.
//!
//! Here it shares a host with Graph, so the path decides whose a request is. Whatever begins with a
//! tenant is the sign-in service's, also where nothing is at the path: it is refused in that
//! service's way, never in Graph's envelope.
//!
//! Nobody signs in: the discovery documents name the endpoints of people's sign-in, as the real ones
//! do, and those answer 404.

mod admin_consent;
mod assertion;
mod audience;
mod discovery;
mod keys;
mod refusal;
mod tenant;
mod token;

use http::{Method, StatusCode};
use uuid::Uuid;

use super::exchange::{Call, Reply};
use super::faults::Fault;
use super::service::Service;
use refusal::Refusal;

/// The two generations of the platform's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// What a path of the sign-in service leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door<'a> {
    Token(&'a str, Version),
    Consent(&'a str, Version),
    Configuration(&'a str, Version),
    Keys(&'a str, Version),
    Instance,
    /// The page that `error_uri` names.
    ErrorPage,
    Nowhere,
}

/// The second segments that only the sign-in service has.
const OWN: [&str; 6] = [
    "oauth2",
    "v2.0",
    ".well-known",
    "discovery",
    "saml2",
    "federationmetadata",
];

impl<'a> Door<'a> {
    /// The door that a path leads to; `None` where the path is Graph's.
    pub(super) fn of(segments: &'a [String]) -> Option<Self> {
        let first = segments.first()?;
        if is_graph_version(first) {
            return None;
        }
        if let Some((tenant, version)) = admin_consent::of_path(segments) {
            return Some(Self::Consent(tenant, version));
        }
        let lower: Vec<String> = segments.iter().map(|name| name.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        Some(match &*lower {
            ["error"] => Self::ErrorPage,
            ["common", "discovery", "instance"] => Self::Instance,
            [_, "oauth2", "v2.0", "token"] => Self::Token(first, Version::Two),
            [_, "oauth2", "token"] => Self::Token(first, Version::One),
            [_, "v2.0", ".well-known", "openid-configuration"] => {
                Self::Configuration(first, Version::Two)
            }
            [_, ".well-known", "openid-configuration"] => Self::Configuration(first, Version::One),
            [_, "discovery", "v2.0", "keys"] => Self::Keys(first, Version::Two),
            [_, "discovery", "keys"] => Self::Keys(first, Version::One),
            [_, second, ..] if OWN.contains(second) => Self::Nowhere,
            [first, ..] if tenant::is_one(first) || OWN.contains(first) => Self::Nowhere,
            _ => return None,
        })
    }

    /// Whether a token is asked for.
    pub(super) fn is_token(self) -> bool {
        matches!(self, Self::Token(..))
    }

    /// Whether it is a page for people: no fault meets it, and no storm counts it, so that a seed
    /// draws the same whoever looks at it.
    pub(super) fn is_page(self) -> bool {
        matches!(self, Self::Consent(..) | Self::ErrorPage)
    }
}

/// `v1.0`, `beta`, and whatever else looks like a version: a tenant's name has more than digits.
fn is_graph_version(segment: &str) -> bool {
    let lower = segment.to_lowercase();
    let number = lower.strip_prefix('v');
    lower == "beta"
        || number.is_some_and(|number| {
            !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
}

/// Answers a request at a door.
pub(super) fn answer(service: &Service, call: &Call, door: Door<'_>) -> Reply {
    let answered = match door {
        Door::Token(tenant, version) => token::answer(service, call, tenant, version),
        Door::Consent(tenant, version) => {
            return admin_consent::answer(service, call, (tenant, version));
        }
        Door::Configuration(tenant, version) => {
            only_read(call).and_then(|()| discovery::configuration(service, call, tenant, version))
        }
        Door::Keys(tenant, version) => {
            only_read(call).and_then(|()| keys::answer(service, call, tenant, version))
        }
        Door::Instance => only_read(call).and_then(|()| discovery::instance(call)),
        Door::ErrorPage => Ok(error_page(call)),
        Door::Nowhere => Ok(Reply::empty(StatusCode::NOT_FOUND)),
    };
    let mut reply = answered.unwrap_or_else(|refusal| refusal.reply(service, call));
    reply.set("x-ms-request-id", &Uuid::new_v4().to_string());
    reply.set_default("cache-control", "no-store, no-cache");
    reply.set_default(
        "strict-transport-security",
        "max-age=31536000; includeSubDomains",
    );
    reply
}

/// Answers a request that meets a fault.
pub(super) fn faulty(service: &Service, call: &Call, door: Door<'_>, fault: &Fault) -> Reply {
    match fault.answer() {
        None => answer(service, call, door),
        Some(Ok(reply)) => reply,
        Some(Err(failure)) => {
            Refusal::injected(failure.status, fault.retry_after.clone()).reply(service, call)
        }
    }
}

fn only_read(call: &Call) -> Result<(), Refusal> {
    if call.method == Method::GET {
        return Ok(());
    }
    Err(Refusal::wrong_method("GET", &call.method).with_status(StatusCode::METHOD_NOT_ALLOWED))
}

/// What a code means is Microsoft's to say.
fn error_page(call: &Call) -> Reply {
    let code = call.query.get("code").unwrap_or_default();
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let location = format!("https://login.microsoftonline.com/error?code={code}");
    Reply::empty(StatusCode::FOUND).with_header("location", &location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn a_path_belongs_to_graph_or_to_the_sign_in_service() {
        for path in [
            "v1.0/users",
            "V1.0/users",
            "beta/users",
            "v2.0/users",
            "v9/.well-known/openid-configuration",
            "users",
            "me/oauth",
            "nonsense",
        ] {
            assert_eq!(Door::of(&segments(path)), None, "{path}");
        }
        let tenant = "84841066-274d-4ec0-a5c1-276be684bdd3";
        for path in [
            "common",
            "organizations/whatever",
            "consumers/oauth2/v2.0/authorize",
            "contoso.com",
            "contoso.onmicrosoft.com/users",
            "not-a-domain/oauth2/v2.0/tokens",
            ".well-known/openid-configuration",
            &format!("{tenant}/oauth2/v2.0/devicecode"),
            &format!("{{{tenant}}}/oauth2/v2.0/authorize"),
            &tenant.to_uppercase(),
        ] {
            assert_eq!(Door::of(&segments(path)), Some(Door::Nowhere), "{path}");
        }
    }

    #[test]
    fn every_endpoint_is_found_in_any_case() {
        for (path, door) in [
            ("T/oauth2/v2.0/token", Door::Token("T", Version::Two)),
            ("T/OAuth2/Token", Door::Token("T", Version::One)),
            (
                "T/V2.0/.well-known/OpenID-configuration",
                Door::Configuration("T", Version::Two),
            ),
            (
                "T/.well-known/openid-configuration",
                Door::Configuration("T", Version::One),
            ),
            ("T/discovery/v2.0/keys", Door::Keys("T", Version::Two)),
            ("T/discovery/keys", Door::Keys("T", Version::One)),
            ("common/discovery/instance", Door::Instance),
            ("error", Door::ErrorPage),
        ] {
            assert_eq!(Door::of(&segments(path)), Some(door), "{path}");
        }
    }
}
