//! What an access token says of itself: what it may do, and which tenant issued it.
//!
//! The token's signature is not verified: it came from the token endpoint, and Graph verifies it. A
//! client must not depend on the token's format, which is the resource's business
//! (<https://learn.microsoft.com/entra/identity-platform/access-tokens>). An encrypted or otherwise
//! unreadable token is therefore normal, and then Graph is asked instead.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use guest_kit::json;
use serde_json::{Map, Value};

use super::tenant::TenantId;

/// The application permissions in the `roles` claim; none where the claim is absent, as in a token
/// that is issued before anybody consented. `None` where the token cannot be read.
pub(super) fn roles(token: &str) -> Option<Vec<String>> {
    match claims(token)?.remove("roles") {
        Some(roles) => json::from_value(roles),
        None => Some(Vec::new()),
    }
}

/// The tenant that issued the token, from its `tid` claim
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>). `None`
/// where the token cannot be read or does not say it.
pub(super) fn tenant(token: &str) -> Option<TenantId> {
    TenantId::parse(claims(token)?.get("tid")?.as_str()?)
}

fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = decode(payload)?;
    match json::value(&payload)? {
        Value::Object(claims) => Some(claims),
        _ => None,
    }
}

/// The text behind a base64 value of either alphabet, padded or not.
pub(super) fn decode_text(value: &str) -> Option<String> {
    String::from_utf8(decode(value)?).ok()
}

fn decode(value: &str) -> Option<Vec<u8>> {
    let url_safe: String = value
        .trim_end_matches('=')
        .chars()
        .map(|character| match character {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    Base64UrlUnpadded::decode_vec(&url_safe).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!(
            "e30.{}.c2ln",
            Base64UrlUnpadded::encode_string(payload.as_bytes())
        )
    }

    #[test]
    fn the_roles_of_a_readable_token_are_told() {
        let roles = roles(&token(r#"{"roles":["User.Read.All"],"tid":"t"}"#));
        assert_eq!(roles, Some(vec!["User.Read.All".to_owned()]));
    }

    #[test]
    fn a_token_without_roles_grants_nothing() {
        assert_eq!(roles(&token(r#"{"tid":"t"}"#)), Some(Vec::new()));
    }

    #[test]
    fn an_opaque_token_tells_nothing() {
        for opaque in ["", "opaque", "a.b", "a.b.c.d.e", "e30.!!!.x", "e30.e3.x"] {
            assert_eq!(roles(opaque), None, "{opaque}");
        }
        assert_eq!(roles(&token(r#"{"roles":"User.Read.All"}"#)), None);
    }

    #[test]
    fn a_readable_token_tells_the_tenant_that_issued_it() {
        let id = "84841066-274D-4EC0-A5C1-276BE684BDD3";
        let issued = tenant(&token(&format!(r#"{{"tid":"{id}"}}"#)));
        assert_eq!(issued, TenantId::parse(id));
    }

    #[test]
    fn a_token_that_names_no_tenant_tells_none() {
        for silent in ["opaque", "a.b", &token("{}"), &token(r#"{"tid":7}"#)] {
            assert_eq!(tenant(silent), None, "{silent}");
        }
        assert_eq!(tenant(&token(r#"{"tid":"contoso.example"}"#)), None);
    }

    #[test]
    fn both_alphabets_are_read_with_and_without_padding() {
        for encoded in ["e30=", "e30"] {
            assert_eq!(decode_text(encoded).as_deref(), Some("{}"));
        }
        assert_eq!(decode_text("Pz8_"), decode_text("Pz8/"));
        assert_eq!(decode_text("*"), None);
    }
}
