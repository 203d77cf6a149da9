//! Which of the platform's endpoints a path leads to.
//!
//! Graph and the sign-in service share a host here, so the path decides whose a request is. Whatever begins
//! with a tenant is the sign-in service's, also where nothing is at the path: it is refused in that
//! service's way, never in Graph's envelope.

use crate::version::Version;
use crate::{admin_consent, tenant};

/// What a path of the sign-in service leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// The token endpoint of a tenant.
    Token(&'a str, Version),
    /// The consent page of a tenant.
    Consent(&'a str, Version),
    /// The page on which people of a tenant sign in.
    Authorize(&'a str),
    /// The discovery document of a tenant.
    Configuration(&'a str, Version),
    /// The key set of a tenant.
    Keys(&'a str, Version),
    /// Whether a host is known.
    Instance,
    /// The page that `error_uri` names.
    ErrorPage,
    /// Nothing; but nobody else's either.
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
    #[must_use]
    pub fn of(segments: &'a [String]) -> Option<Self> {
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
            [_, "oauth2", "v2.0", "authorize"] => Self::Authorize(first),
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
    #[must_use]
    pub fn is_token(self) -> bool {
        matches!(self, Self::Token(..))
    }

    /// Whether it is a page for people: no fault meets it, and no storm counts it, so that a seed
    /// draws the same whoever looks at it.
    #[must_use]
    pub fn is_page(self) -> bool {
        matches!(
            self,
            Self::Consent(..) | Self::Authorize(_) | Self::ErrorPage
        )
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
            "consumers/oauth2/v2.0/logout",
            "contoso.com",
            "contoso.onmicrosoft.com/users",
            "not-a-domain/oauth2/v2.0/tokens",
            ".well-known/openid-configuration",
            &format!("{tenant}/oauth2/v2.0/devicecode"),
            &format!("{{{tenant}}}/oauth2/authorize"),
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
            ("T/oauth2/v2.0/Authorize", Door::Authorize("T")),
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
