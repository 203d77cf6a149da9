//! Access tokens: their making, their checking, and what each path demands of them.
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

use super::failure::Failure;
use emulated_directory::moments::unix;

/// The claims that the emulator writes and reads.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Claims {
    pub(super) aud: String,
    pub(super) iss: String,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    pub(super) appid: String,
    pub(super) idtyp: String,
    /// Absent where nothing was consented, as in a real token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) roles: Vec<String>,
    pub(super) tid: String,
    /// The token's own id; here its serial number.
    pub(super) uti: String,
    pub(super) ver: String,
}

/// Who a token is for.
#[derive(Clone, Debug)]
pub(super) struct Grant<'a> {
    pub(super) audience: String,
    pub(super) tenant_id: &'a str,
    pub(super) client_id: &'a str,
    pub(super) roles: &'a [String],
}

/// The issuer's key and serial numbers.
#[derive(Debug)]
pub(super) struct Issuer {
    key: [u8; 32],
    issued: u64,
    revoked_through: u64,
}

/// Why a token is not good, told apart because Graph tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Empty,
    NotWellFormed,
    BadSignature,
    Expired,
    Revoked,
    WrongTenant,
}

impl Issuer {
    pub(super) fn new() -> Self {
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
    pub(super) fn issue(
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
    pub(super) fn revoke(&mut self) {
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

    /// Checks the `Authorization` header of a Graph request.
    ///
    /// # Errors
    /// 401 `InvalidAuthenticationToken`, with a challenge.
    pub(super) fn authenticate(
        &self,
        authorization: Option<&str>,
        tenant_id: &str,
        now: SystemTime,
        root: &str,
    ) -> Result<Claims, Failure> {
        self.check(authorization, tenant_id, now)
            .map_err(|flaw| refuse(flaw, root))
    }

    fn check(
        &self,
        authorization: Option<&str>,
        tenant_id: &str,
        now: SystemTime,
    ) -> Result<Claims, Flaw> {
        let token = bearer(authorization).ok_or(Flaw::Empty)?;
        let (signed, signature) = token.rsplit_once('.').ok_or(Flaw::NotWellFormed)?;
        let (_, payload) = signed.split_once('.').ok_or(Flaw::NotWellFormed)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| Flaw::NotWellFormed)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Flaw::NotWellFormed)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| Flaw::NotWellFormed)?;
        if signature != self.sign(signed.as_bytes()) {
            return Err(Flaw::BadSignature);
        }
        if !claims.tid.eq_ignore_ascii_case(tenant_id) {
            return Err(Flaw::WrongTenant);
        }
        if unix(now) >= claims.exp || unix(now) < claims.nbf {
            return Err(Flaw::Expired);
        }
        if claims.uti.parse::<u64>().unwrap_or(0) <= self.revoked_through {
            return Err(Flaw::Revoked);
        }
        Ok(claims)
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The challenge names Graph's own application, as real ones do.
fn refuse(flaw: Flaw, root: &str) -> Failure {
    let message = match flaw {
        Flaw::Empty => "Access token is empty.",
        Flaw::NotWellFormed => "IDX14100: JWT is not well formed, there are no dots (.).",
        Flaw::BadSignature => "Access token validation failure. Invalid signature.",
        Flaw::Expired => "Access token has expired or is not yet valid.",
        Flaw::WrongTenant => "Access token validation failure. Invalid tenant.",
        Flaw::Revoked => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired \
             and code: TokenIssuedBeforeRevocationTimestamp"
        }
    };
    let error = match flaw {
        Flaw::Empty => String::new(),
        Flaw::Revoked => {
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

impl Claims {
    /// Whether the token carries any of these permissions.
    pub(super) fn has_any(&self, permissions: &[&str]) -> bool {
        self.roles.iter().any(|role| permissions.contains(&&**role))
    }

    /// # Errors
    /// 403 `Authorization_RequestDenied` without any of these permissions.
    pub(super) fn require(&self, permissions: &[&str]) -> Result<(), Failure> {
        if self.has_any(permissions) {
            Ok(())
        } else {
            Err(Failure::denied())
        }
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
        assert_eq!(issuer.check(None, TENANT, now), Err(Flaw::Empty));
        assert_eq!(flaw(&issuer, "Bearer ", now), Some(Flaw::Empty));
        assert_eq!(
            flaw(&issuer, "Bearer nonsense", now),
            Some(Flaw::NotWellFormed)
        );
        assert_eq!(
            flaw(&issuer, "Bearer a.b.c", now),
            Some(Flaw::NotWellFormed)
        );
        assert_eq!(
            flaw(&issuer, &good, now + Duration::from_secs(3599)),
            Some(Flaw::Expired)
        );
        assert_eq!(flaw(&Issuer::new(), &good, now), Some(Flaw::BadSignature));
        assert_eq!(
            issuer.check(Some(&good), "another-tenant", now),
            Err(Flaw::WrongTenant)
        );
        issuer.revoke();
        assert_eq!(flaw(&issuer, &good, now), Some(Flaw::Revoked));
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
