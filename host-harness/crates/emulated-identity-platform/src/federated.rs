//! Federated credentials: an application proves itself with a token that another issuer made, such as a
//! Kubernetes cluster or a build service
//! (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation>).
//!
//! Issuer, subject and audience have to be those of a credential of the application to the letter
//! (<https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#federated-identity-credentials-now-use-case-sensitive-matching>),
//! and wrong ones are kept without an error: the exchange is what fails. The real service fetches the
//! issuer's keys; here they stand beside the credential. What the refusals say was seen at
//! <https://github.com/Azure/azure-workload-identity/issues/616> and
//! <https://github.com/Azure/login/issues/482>.

use std::time::{Duration, SystemTime};

use base64::Engine;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::assertion::check_time;
use crate::jwt::{BASE64, Jwt, malformed};
use crate::refusal::Refusal;
use emulated_directory::moments;

/// How many an application may have, and how long their parts may be
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
const MOST: usize = 20;
const LONGEST: usize = 600;
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 3..=120;

const CHECK: &str = "Check your federated identity credential Subject, Audience and Issuer against the \
                     presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// The keys of an issuer (RFC 7517); of each, what a signature with RSA needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeySet {
    keys: Vec<Key>,
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

/// Whether an assertion is a token of another issuer rather than one that the application signed itself.
pub(crate) fn is_meant(
    assertion: &str,
    client_id: &str,
    credentials: &[FederatedCredential],
) -> bool {
    let by_itself = |jwt: &Jwt<'_>| {
        jwt.claim("iss")
            .is_ok_and(|issuer| issuer.eq_ignore_ascii_case(client_id))
    };
    !credentials.is_empty() && Jwt::parse(assertion).is_some_and(|jwt| !by_itself(&jwt))
}

/// Checks a token of another issuer.
///
/// # Errors
/// What Entra says: 70021 no credential is known yet, 700211, 700213, 7002138 and 7002121 none is for its
/// issuer, subject (but for capitals) or audience, 700027 the issuer did not sign it, 700024 too early or
/// too late.
pub(crate) fn check(
    assertion: &str,
    credentials: &[FederatedCredential],
    now: SystemTime,
) -> Result<(), Refusal> {
    let jwt = Jwt::parse(assertion).ok_or_else(malformed)?;
    let credential = matching(&jwt, credentials, now)?;
    check_signature(&jwt, credential)?;
    check_time(&jwt, moments::unix_exact(now))
}

fn matching<'c>(
    jwt: &Jwt<'_>,
    credentials: &'c [FederatedCredential],
    now: SystemTime,
) -> Result<&'c FederatedCredential, Refusal> {
    let (issuer, subject) = (jwt.claim("iss")?, jwt.claim("sub")?);
    let audiences: Vec<&str> = match jwt.claims.get("aud") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => vec![jwt.claim("aud")?],
    };
    let known: Vec<_> = credentials
        .iter()
        .filter(|credential| credential.known_from <= moments::unix(now))
        .collect();
    if known.is_empty() {
        let message = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: \
             '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{}'. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
            audiences.join(", ")
        );
        return Err(Refusal::bad("invalid_request", 70_021, message));
    }
    let of_issuer: Vec<_> = known
        .into_iter()
        .filter(|credential| credential.issuer == issuer)
        .collect();
    if of_issuer.is_empty() {
        return Err(no_match(700_211, "issuer", issuer, CHECK));
    }
    let of_subject = of_issuer
        .iter()
        .find(|credential| credential.subject == subject);
    let Some(credential) = of_subject else {
        let folded = subject.to_lowercase();
        let but_for_case = of_issuer
            .iter()
            .any(|credential| credential.subject.to_lowercase() == folded);
        return Err(if but_for_case {
            let advice = "The subject matches with case-insensitive comparison, but not with case-sensitive \
                          comparison.";
            no_match(7_002_138, "subject", subject, advice)
        } else {
            no_match(700_213, "subject", subject, CHECK)
        });
    };
    let is_meant = |audience: &&str| credential.audiences.iter().any(|known| known == audience);
    if !audiences.iter().any(is_meant) {
        return Err(no_match(
            7_002_121,
            "audience",
            &audiences.join(", "),
            CHECK,
        ));
    }
    Ok(credential)
}

fn no_match(code: u32, part: &str, presented: &str, advice: &str) -> Refusal {
    let message = format!(
        "No matching federated identity record found for presented assertion {part} '{presented}'. {advice}"
    );
    Refusal::client(code, message)
}

/// Only RS256 is supported
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
fn check_signature(jwt: &Jwt<'_>, credential: &FederatedCredential) -> Result<(), Refusal> {
    let algorithm = jwt.header("alg").unwrap_or("none");
    if algorithm != "RS256" {
        return Err(Refusal::client(
            5_002_738,
            format!(
                "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported \
                 signing algorithms are: 'RS256'"
            ),
        ));
    }
    let kid = jwt.header("kid");
    let mut keys = credential.jwks.keys.iter();
    let signed = keys.any(|key| {
        let is_named = kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        is_named && key.signed(jwt.message.as_bytes(), &jwt.signature)
    });
    if signed {
        return Ok(());
    }
    let reason = format!(
        "Client assertion failed signature validation. [Reason - The key was not found., Thumbprint of key \
         used by client: '{}']",
        kid.unwrap_or_default()
    );
    Err(Refusal::client(700_027, reason))
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
