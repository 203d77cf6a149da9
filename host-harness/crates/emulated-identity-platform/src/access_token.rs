//! Access tokens: their making and their checking.
//!
//! A token is a JWT (RFC 7519) under HMAC-SHA-256 with a key of this process. Clients treat it as
//! opaque, except those that read `roles` from it, as the documentation of app-only access
//! suggests; so its claims are those of a real one. The roles are those granted when the token was
//! issued: a grant made later shows in the next token.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use emulated_directory::moments::unix;

/// What an access token says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Claims {
    /// The resource that it is for, as it was asked for.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// From when on it is good.
    pub nbf: u64,
    /// Until when it is good.
    pub exp: u64,
    /// The application's client id.
    pub appid: String,
    /// `app`: nobody signed in.
    pub idtyp: String,
    /// The application permissions; absent where nothing was consented, as in a real token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The tenant's id.
    pub tid: String,
    /// The token's own id; here its serial number.
    pub uti: String,
    /// The generation of its form.
    pub ver: String,
}

/// Who a token is for.
#[derive(Clone, Debug)]
pub(crate) struct Grant<'a> {
    pub(crate) audience: String,
    pub(crate) tenant_id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) roles: &'a [String],
}

/// The issuer's key and serial numbers.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: [u8; 32],
    issued: u64,
    revoked_through: u64,
}

/// Why a token is not good, told apart because Graph tells it apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenFlaw {
    /// There is none, or it is not a bearer's.
    #[error("there is no access token")]
    Empty,
    /// It is no JWT of this service.
    #[error("the access token is not well formed")]
    NotWellFormed,
    /// Somebody else signed it.
    #[error("the access token has another signature")]
    BadSignature,
    /// Its time is over, or has not come.
    #[error("the access token has expired or is not yet valid")]
    Expired,
    /// It was revoked since it was issued.
    #[error("the access token was revoked")]
    Revoked,
    /// It is another tenant's.
    #[error("the access token is for another tenant")]
    WrongTenant,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let mut hash = Sha256::new();
        hash.update(Uuid::new_v4().as_bytes());
        hash.update(Uuid::new_v4().as_bytes());
        Self {
            key: hash.finalize().into(),
            issued: 0,
            revoked_through: 0,
        }
    }

    /// Issues a token.
    pub(crate) fn issue(
        &mut self,
        grant: &Grant<'_>,
        now: SystemTime,
        lifetime: Duration,
    ) -> String {
        self.issued += 1;
        let at = unix(now);
        let claims = Claims {
            aud: grant.audience.clone(),
            iss: format!("https://sts.windows.net/{}/", grant.tenant_id),
            iat: at,
            nbf: at,
            exp: at.saturating_add(lifetime.as_secs()),
            appid: grant.client_id.to_owned(),
            idtyp: "app".to_owned(),
            roles: grant.roles.to_vec(),
            tid: grant.tenant_id.to_owned(),
            uti: self.issued.to_string(),
            ver: "1.0".to_owned(),
        };
        let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"HS256"}"#);
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
        let signed = format!("{header}.{payload}");
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// Revokes every token issued so far.
    pub(crate) fn revoke(&mut self) {
        self.revoked_through = self.issued;
    }

    /// HMAC-SHA-256 (RFC 2104).
    fn sign(&self, message: &[u8]) -> [u8; 32] {
        let pad = |with: u8| {
            let mut block = [with; 64];
            for (byte, key) in block.iter_mut().zip(self.key) {
                *byte ^= key;
            }
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner.finalize());
        outer.finalize().into()
    }

    /// Checks the `Authorization` header of a request to a resource of the tenant.
    ///
    /// # Errors
    /// The first [`TokenFlaw`] that there is.
    pub(crate) fn check(
        &self,
        authorization: Option<&str>,
        tenant_id: &str,
        now: SystemTime,
    ) -> Result<Claims, TokenFlaw> {
        let token = bearer(authorization).ok_or(TokenFlaw::Empty)?;
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFlaw::NotWellFormed)?;
        let (_, payload) = signed.split_once('.').ok_or(TokenFlaw::NotWellFormed)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TokenFlaw::NotWellFormed)?;
        let claims: Claims =
            serde_json::from_slice(&payload).map_err(|_| TokenFlaw::NotWellFormed)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenFlaw::NotWellFormed)?;
        if signature != self.sign(signed.as_bytes()) {
            return Err(TokenFlaw::BadSignature);
        }
        if !claims.tid.eq_ignore_ascii_case(tenant_id) {
            return Err(TokenFlaw::WrongTenant);
        }
        if unix(now) >= claims.exp || unix(now) < claims.nbf {
            return Err(TokenFlaw::Expired);
        }
        if claims.uti.parse::<u64>().unwrap_or(0) <= self.revoked_through {
            return Err(TokenFlaw::Revoked);
        }
        Ok(claims)
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl Claims {
    /// Whether the token carries any of these permissions.
    #[must_use]
    pub fn has_any(&self, permissions: &[&str]) -> bool {
        self.roles.iter().any(|role| permissions.contains(&&**role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c8b0b4e-1111-4222-8333-444455556666";

    fn token(issuer: &mut Issuer, now: SystemTime) -> String {
        let roles = ["User.Read.All".to_owned()];
        let grant = Grant {
            audience: "https://graph.microsoft.com".to_owned(),
            tenant_id: TENANT,
            client_id: "app",
            roles: &roles,
        };
        format!(
            "Bearer {}",
            issuer.issue(&grant, now, Duration::from_secs(3599))
        )
    }

    #[test]
    fn each_flaw_of_a_token_is_told_apart() {
        let mut issuer = Issuer::new();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let good = token(&mut issuer, now);
        let flaw =
            |issuer: &Issuer, header: &str, now| issuer.check(Some(header), TENANT, now).err();
        assert_eq!(flaw(&issuer, &good, now), None);
        assert_eq!(issuer.check(None, TENANT, now), Err(TokenFlaw::Empty));
        assert_eq!(flaw(&issuer, "Bearer ", now), Some(TokenFlaw::Empty));
        assert_eq!(
            flaw(&issuer, "Bearer nonsense", now),
            Some(TokenFlaw::NotWellFormed)
        );
        assert_eq!(
            flaw(&issuer, "Bearer a.b.c", now),
            Some(TokenFlaw::NotWellFormed)
        );
        assert_eq!(
            flaw(&issuer, &good, now + Duration::from_secs(3599)),
            Some(TokenFlaw::Expired)
        );
        assert_eq!(
            flaw(&Issuer::new(), &good, now),
            Some(TokenFlaw::BadSignature)
        );
        assert_eq!(
            issuer.check(Some(&good), "another-tenant", now),
            Err(TokenFlaw::WrongTenant)
        );
        issuer.revoke();
        assert_eq!(flaw(&issuer, &good, now), Some(TokenFlaw::Revoked));
        let next = token(&mut issuer, now);
        assert_eq!(flaw(&issuer, &next, now), None);
    }

    #[test]
    fn hmac_agrees_with_the_published_test_vector() {
        let issuer = Issuer {
            key: [0; 32],
            issued: 0,
            revoked_through: 0,
        };
        // HMAC-SHA-256 with an empty (all-zero) key over the empty message.
        let expected = [0xb6, 0x13, 0x67, 0x9a, 0x08, 0x14, 0xd9, 0xec];
        assert_eq!(issuer.sign(b"")[..8], expected);
    }
}
