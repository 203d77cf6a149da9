//! What each path demands of an access token, and how Graph refuses one.

use base64::Engine;
use emulated_identity_platform::{Claims, TokenFlaw};

use super::failure::Failure;

/// The challenge names Graph's own application, as real ones do.
pub(super) fn refuse(flaw: TokenFlaw, root: &str) -> Failure {
    let message = match flaw {
        TokenFlaw::Empty => "Access token is empty.",
        TokenFlaw::NotWellFormed => "IDX14100: JWT is not well formed, there are no dots (.).",
        TokenFlaw::BadSignature => "Access token validation failure. Invalid signature.",
        TokenFlaw::Expired => "Access token has expired or is not yet valid.",
        TokenFlaw::WrongTenant => "Access token validation failure. Invalid tenant.",
        TokenFlaw::Revoked => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired \
             and code: TokenIssuedBeforeRevocationTimestamp"
        }
    };
    let error = match flaw {
        TokenFlaw::Empty => String::new(),
        TokenFlaw::Revoked => {
            let claims = br#"{"access_token":{"nbf":{"essential":true}}}"#;
            let claims = base64::engine::general_purpose::STANDARD.encode(claims);
            format!(", error=\"insufficient_claims\", claims=\"{claims}\"")
        }
        _ => ", error=\"invalid_token\"".to_owned(),
    };
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{root}/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\"{error}"
    );
    Failure::new(
        http::StatusCode::UNAUTHORIZED,
        "InvalidAuthenticationToken",
        message,
    )
    .with_header("www-authenticate", challenge)
}

/// Reading users, their delta and the deleted ones.
pub(super) const READ_USERS: [&str; 4] = [
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Restoring a deleted user, or deleting it for good.
pub(super) const WRITE_USERS: [&str; 3] = [
    "User.ReadWrite.All",
    "User.DeleteRestore.All",
    "Directory.ReadWrite.All",
];

/// The whole organisation; [`READ_USERS`] sees its name and domains.
pub(super) const READ_ORGANIZATION: [&str; 4] = [
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Whether a token carries any of these permissions.
///
/// # Errors
/// 403 `Authorization_RequestDenied` where it does not.
pub(super) fn require(claims: &Claims, permissions: &[&str]) -> Result<(), Failure> {
    if claims.has_any(permissions) {
        Ok(())
    } else {
        Err(Failure::denied())
    }
}
