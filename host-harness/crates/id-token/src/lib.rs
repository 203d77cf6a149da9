//! Who signed in at Microsoft, as an ID token says it
//! (<https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>).
//!
//! [`verify`] looks at signature, issuer, audience, nonce and time before it believes anything, as OpenID Connect
//! Core 1.0, section 3.1.3.7, asks for, and tells two things alone: in which tenant somebody signed in, and what they
//! administer there. Names and addresses are in such a token, too; they are not read, so that nobody keeps them.
//!
//! It asks nobody and knows no clock: token, keys and time are given.

mod flaw;
mod keys;
#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use uuid::Uuid;

pub use flaw::IdTokenFlaw;
pub use keys::KeySet;

/// How far the clocks of the two sides may be apart, in seconds; what Microsoft's own libraries allow.
const CLOCK_SKEW: u64 = 300;

/// The tenant of personal accounts, which nobody administers.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The roles that may consent to an application permission of Microsoft Graph, by the id of their templates: Global
/// Administrator and Privileged Role Administrator
/// (<https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent>,
/// <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
const MAY_CONSENT: [&str; 2] = [
    "62e90394-69f5-4237-9190-012177145e10",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
];

/// What a token has to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The root of the sign-in service, without a slash at the end: `https://login.microsoftonline.com`.
    pub login: &'a str,
    /// The application for which somebody signed in.
    pub client_id: &'a str,
    /// What the request for the sign-in carried, which nobody else knows.
    pub nonce: &'a str,
    /// The time.
    pub now: SystemTime,
}

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The id of the tenant in which they did, in lower case.
    pub tenant_id: String,
    /// Whether they may consent to application permissions for the whole tenant; `None` where the token says
    /// nothing of roles, because the application is registered without `groupMembershipClaims`
    /// (<https://learn.microsoft.com/entra/identity-platform/optional-claims>).
    pub may_consent: Option<bool>,
}

/// The claims that are read.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: u64,
    nbf: Option<u64>,
    tid: String,
    nonce: Option<String>,
    wids: Option<Vec<String>>,
}

/// The parts of the header that are read.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// Who signed in.
///
/// # Errors
///
/// The first [`IdTokenFlaw`] that there is.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<SignedIn, IdTokenFlaw> {
    let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenFlaw::NotWellFormed)?;
    let (header, payload) = signed.split_once('.').ok_or(IdTokenFlaw::NotWellFormed)?;
    let header: Header = decoded(header)?;
    // The one that Microsoft signs ID tokens with; what a token says of itself chooses nothing.
    if header.alg != "RS256" {
        return Err(IdTokenFlaw::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature);
    let signature = signature.map_err(|_| IdTokenFlaw::NotWellFormed)?;
    let key_id = header.kid.ok_or(IdTokenFlaw::UnknownKey)?;
    keys.verify(&key_id, signed.as_bytes(), &signature)?;
    let claims: Claims = decoded(payload)?;
    let tenant = Uuid::try_parse(&claims.tid).map_err(|_| IdTokenFlaw::Tenant)?;
    let tenant_id = tenant.hyphenated().to_string();
    if tenant_id == CONSUMERS {
        return Err(IdTokenFlaw::Tenant);
    }
    let issuer = format!("{}/{tenant_id}/v2.0", expected.login);
    if !claims.iss.eq_ignore_ascii_case(&issuer) {
        return Err(IdTokenFlaw::Issuer);
    }
    if !claims.aud.eq_ignore_ascii_case(expected.client_id) {
        return Err(IdTokenFlaw::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(IdTokenFlaw::Nonce);
    }
    let now = expected.now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = now.as_secs();
    let is_over = claims.exp.saturating_add(CLOCK_SKEW) <= now;
    let is_early = claims
        .nbf
        .is_some_and(|from| now.saturating_add(CLOCK_SKEW) < from);
    if is_over || is_early {
        return Err(IdTokenFlaw::Time);
    }
    let may_consent = claims.wids.map(|roles| {
        roles.iter().any(|role| {
            MAY_CONSENT
                .iter()
                .any(|known| role.eq_ignore_ascii_case(known))
        })
    });
    Ok(SignedIn {
        tenant_id,
        may_consent,
    })
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, IdTokenFlaw> {
    let bytes = URL_SAFE_NO_PAD.decode(part);
    let bytes = bytes.map_err(|_| IdTokenFlaw::NotWellFormed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenFlaw::NotWellFormed)
}
