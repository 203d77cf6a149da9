//! Page and delta tokens: state in a string that a client can only hand back.
//!
//! A token is base64url (RFC 4648) of a keyed check and the state as JSON. The key follows from the
//! tenant, so that a token survives a restart of the emulator, and one that was altered, or comes
//! from another tenant, is recognised.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

const CHECK: usize = 12;

/// Makes and reads the tokens of one tenant.
#[derive(Clone, Debug)]
pub struct Sealer {
    tenant: String,
}

impl Sealer {
    /// Whoever makes and reads the tokens of that tenant.
    #[must_use]
    pub fn new(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_lowercase(),
        }
    }

    fn check(&self, kind: &str, state: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [self.tenant.as_bytes(), kind.as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(state);
        hash.finalize().into()
    }

    /// Seals the state of one kind of token.
    pub fn seal(&self, kind: &str, state: &impl Serialize) -> String {
        let state = serde_json::to_vec(state).unwrap_or_default();
        let mut bytes: Vec<u8> = self.check(kind, &state).into_iter().take(CHECK).collect();
        bytes.extend(state);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token of that kind; `None` for anything this tenant never sealed.
    pub fn open<T: DeserializeOwned>(&self, kind: &str, token: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?;
        let (check, state) = bytes.split_at_checked(CHECK)?;
        if !self.check(kind, state).starts_with(check) {
            return None;
        }
        serde_json::from_slice(state).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_as_what_it_was_sealed() {
        let sealer = Sealer::new("tenant-a");
        let token = sealer.seal("skip", &(7_u64, "x".to_owned()));
        assert_eq!(sealer.open("skip", &token), Some((7_u64, "x".to_owned())));
        assert_eq!(sealer.open::<(u64, String)>("delta", &token), None);
        assert_eq!(
            Sealer::new("tenant-b").open::<(u64, String)>("skip", &token),
            None
        );
        let altered = format!("{}A{}", &token[..20], &token[21..]);
        assert_eq!(sealer.open::<(u64, String)>("skip", &altered), None);
        assert_eq!(sealer.open::<(u64, String)>("skip", "ä"), None);
    }
}
