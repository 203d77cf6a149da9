//! The federated credentials of an application, and what the directory takes as one.

use std::time::{Duration, SystemTime};

use base64::Engine;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};

use crate::base64url::BASE64;
use emulated_directory::moments;

/// How many an application may have, and how long their parts may be
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
const MOST: usize = 20;
const LONGEST: usize = 600;
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 3..=120;

/// The keys of an issuer (RFC 7517); of each, what a signature with RSA needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// Whether one of them made a signature (RS256); `kid` is what the signed calls its key.
    pub(crate) fn signed(&self, kid: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
        self.keys.iter().any(|key| {
            let is_named = kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
            is_named && key.signed(message, signature)
        })
    }
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Key {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    n: String,
    e: String,
}

/// A token of another issuer that the application may prove itself with, as Microsoft Graph names its
/// parts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FederatedCredential {
    /// What it is called.
    pub name: String,
    /// The token's `iss`.
    pub issuer: String,
    /// The token's `sub`.
    pub subject: String,
    /// The token's `aud`: exactly one.
    pub audiences: Vec<String>,
    /// With which keys the issuer signs.
    pub jwks: KeySet,
    /// From when on the sign-in service knows it, in seconds since 1970: for some minutes after it was made,
    /// it does not.
    #[serde(skip_deserializing)]
    pub known_from: u64,
}

/// Why a federated credential is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FederatedRefused {
    /// Its name.
    #[error("a federated credential's name has 3 to 120 characters")]
    Name,
    /// Its audiences.
    #[error("a federated credential has exactly one audience")]
    Audiences,
    /// Issuer, subject or audience.
    #[error("issuer, subject and audience have 1 to 600 characters each")]
    Length,
    /// Another one is for the same tokens.
    #[error("another federated credential has the same issuer and subject")]
    Taken,
    /// There are as many as there may be.
    #[error("an application has at most 20 federated credentials")]
    TooMany,
}

impl FederatedCredential {
    /// The credential, known to the sign-in service from so long after now.
    #[must_use]
    pub fn known_after(mut self, delay: Duration, now: SystemTime) -> Self {
        self.known_from = moments::unix(now + delay);
        self
    }

    /// Whether it may be there beside the others.
    pub(crate) fn check<'a>(
        &self,
        others: impl Iterator<Item = &'a Self>,
    ) -> Result<(), FederatedRefused> {
        if !NAME_LENGTHS.contains(&self.name.chars().count()) {
            return Err(FederatedRefused::Name);
        }
        let [audience] = self.audiences.as_slice() else {
            return Err(FederatedRefused::Audiences);
        };
        let fits = |text: &String| (1..=LONGEST).contains(&text.chars().count());
        if ![&self.issuer, &self.subject, audience]
            .into_iter()
            .all(fits)
        {
            return Err(FederatedRefused::Length);
        }
        let mut count = 0;
        for other in others {
            count += 1;
            if (&other.issuer, &other.subject) == (&self.issuer, &self.subject) {
                return Err(FederatedRefused::Taken);
            }
        }
        if count < MOST {
            Ok(())
        } else {
            Err(FederatedRefused::TooMany)
        }
    }
}

impl Key {
    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let (Ok(n), Ok(e)) = (BASE64.decode(&self.n), BASE64.decode(&self.e)) else {
            return false;
        };
        let key = RsaPublicKeyComponents { n, e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}
