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

use std::time::SystemTime;

use serde_json::Value;

use crate::assertion::check_time;
use crate::federated_credential::FederatedCredential;
use crate::jwt::{Jwt, malformed};
use crate::refusal::Refusal;
use emulated_directory::moments;

const CHECK: &str = "Check your federated identity credential Subject, Audience and Issuer against the \
                     presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

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
    if credential
        .jwks
        .signed(kid, jwt.message.as_bytes(), &jwt.signature)
    {
        return Ok(());
    }
    let reason = format!(
        "Client assertion failed signature validation. [Reason - The key was not found., Thumbprint of key \
         used by client: '{}']",
        kid.unwrap_or_default()
    );
    Err(Refusal::client(700_027, reason))
}
