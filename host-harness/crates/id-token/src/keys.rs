//! The public keys with which the sign-in service signs (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use crate::flaw::IdTokenFlaw;

/// A key set, as `/{tenant}/discovery/v2.0/keys` gives it.
#[derive(Clone, Debug, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl KeySet {
    /// Reads a key set; `None` where it is none.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Whether the key of that id signed a message.
    pub(crate) fn verify(
        &self,
        key_id: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), IdTokenFlaw> {
        let named = |key: &&Key| key.kty == "RSA" && key.kid.as_deref() == Some(key_id);
        let key = self.keys.iter().find(named);
        let key = key.ok_or(IdTokenFlaw::UnknownKey)?;
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text);
        let (Ok(n), Ok(e)) = (part(&key.n), part(&key.e)) else {
            return Err(IdTokenFlaw::UnknownKey);
        };
        RsaPublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| IdTokenFlaw::Signature)
    }
}
