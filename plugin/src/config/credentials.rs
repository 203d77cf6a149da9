//! `credentials`: what the application signs in with.
//!
//! No message here repeats a value: the commonest mistake is to paste the secret itself where its name
//! belongs.

use configuration_document::names::is_guid;
use entra_directory::connection::Credential;
use guest_kit::{Timestamp, calendar};

use super::located::{Keys, Located, Object};
use super::problem::Findings;

const CREDENTIALS: Keys = Keys {
    known: &[
        "clientId",
        "secret",
        "secretExpires",
        "certificate",
        "federated",
        "fallback",
    ],
    refused: &[(
        "clientSecret",
        "A secret does not belong in the document: give it to the host under a name, and write that name as `secret`.",
    )],
};

const FALLBACK: Keys = Keys {
    known: &["secret", "secretExpires", "certificate", "federated"],
    refused: &[],
};

const CERTIFICATE: Keys = Keys {
    known: &["key", "sendChain"],
    refused: &[],
};

const FEDERATED: Keys = Keys {
    known: &["token"],
    refused: &[],
};

const LONGEST_NAME: usize = 64;

/// From this length on, a name that mixes capitals, small letters and digits is taken for the
/// secret itself; those that Entra makes have 40 characters.
const SECRET_LENGTH: usize = 30;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The section, read.
pub(super) struct Credentials {
    pub(super) client_id: String,
    pub(super) credential: Credential,
    pub(super) fallback: Option<Credential>,
}

/// What the section says; `None` where it says something wrong.
pub(super) fn read(place: &Located<'_>, findings: &mut Findings) -> Option<Credentials> {
    let credentials = place.object(&CREDENTIALS, findings)?;
    let client_id = read_client_id(&credentials, findings);
    let credential = read_one(&credentials, findings);
    let fallback = match credentials.get("fallback") {
        Some(place) => {
            let fallback = place.object(&FALLBACK, findings);
            Some(fallback.and_then(|fallback| read_one(&fallback, findings))?)
        }
        None => None,
    };
    let (client_id, credential) = (client_id?, credential?);
    if fallback
        .as_ref()
        .is_some_and(|fallback| fallback.identity() == credential.identity())
    {
        findings.problem(
            format!("{}/fallback", place.pointer),
            "This is the credential that it stands in for: name another one, or leave `fallback` out.",
        );
        return None;
    }
    Some(Credentials {
        client_id,
        credential,
        fallback,
    })
}

fn read_client_id(credentials: &Object<'_>, findings: &mut Findings) -> Option<String> {
    let advice = "write the application (client) ID of the app registration, such as 00001111-aaaa-2222-bbbb-3333cccc4444.";
    let place = credentials.require("clientId", advice, findings)?;
    let client_id = place.text(findings)?;
    if !is_guid(client_id) {
        findings.problem(
            place.pointer,
            format!("This is no application ID: {advice}"),
        );
        return None;
    }
    Some(client_id.to_owned())
}

/// Exactly one of the kinds.
fn read_one(object: &Object<'_>, findings: &mut Findings) -> Option<Credential> {
    let kinds = ["secret", "certificate", "federated"];
    let mut named = kinds.into_iter().filter_map(|kind| object.get(kind));
    let first = named.next();
    if let Some(second) = named.next() {
        findings.problem(
            second.pointer,
            "Write one of `secret`, `certificate` and `federated`; while one takes another's place, write the other as `fallback`.",
        );
        return None;
    }
    if first.is_none() {
        findings.problem(
            object.pointer.as_str(),
            "`secret` is missing: write the name under which the host keeps the client secret, such as `client-secret`; or write `certificate` or `federated` in its place.",
        );
        return None;
    }
    let expires = object.get("secretExpires");
    let expires = expires.map(|place| read_day(&place, findings));
    if let Some(place) = object.get("certificate") {
        return read_certificate(&place, findings);
    }
    if let Some(place) = object.get("federated") {
        let federated = place.object(&FEDERATED, findings)?;
        let advice = "write the name under which the host gives the token of the other issuer, such as `workload-identity`.";
        let token = federated.require("token", advice, findings)?;
        let token = read_name(&token, findings)?;
        return Some(Credential::Federated { token });
    }
    let name = read_name(&first?, findings)?;
    Some(Credential::Secret {
        name,
        expires: match expires {
            Some(expires) => Some(expires?),
            None => None,
        },
    })
}

fn read_certificate(place: &Located<'_>, findings: &mut Findings) -> Option<Credential> {
    let certificate = place.object(&CERTIFICATE, findings)?;
    let advice = "write the name under which the host keeps the certificate with its private key, such as `client-certificate`.";
    let key = certificate.require("key", advice, findings);
    let key = key.and_then(|place| read_name(&place, findings));
    let send_chain = match certificate.get("sendChain") {
        Some(place) => place.boolean(findings)?,
        None => false,
    };
    Some(Credential::Certificate {
        key: key?,
        send_chain,
    })
}

fn read_name(place: &Located<'_>, findings: &mut Findings) -> Option<String> {
    let name = place.text(findings)?;
    if looks_like_a_secret(name) {
        findings.problem(
            place.pointer.as_str(),
            "This looks like a secret itself. Give the secret to the host under a name, write only that name here, and make a new secret if this document was shared.",
        );
        return None;
    }
    Some(name.to_owned())
}

fn read_day(place: &Located<'_>, findings: &mut Findings) -> Option<Timestamp> {
    let text = place.text(findings)?;
    let day = calendar::days(text);
    if day.is_none() {
        findings.problem(
            place.pointer.as_str(),
            "Write the day on which the secret expires, as Entra showed it, such as 2027-06-30.",
        );
    }
    Some(Timestamp(day? * DAY_MS))
}

/// Whether a value is more likely a secret than the name of one: anything that is no plain word of
/// letters, digits, `.`, `_`, `-` and `/`, or a long one in which capitals, small letters and
/// digits are mixed.
fn looks_like_a_secret(name: &str) -> bool {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    let mixed = name.bytes().any(|byte| byte.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && name.bytes().any(|byte| byte.is_ascii_digit());
    !plain || name.len() > LONGEST_NAME || (mixed && name.len() >= SECRET_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_pass_and_secrets_do_not() {
        for name in ["client-secret", "Entra/secret.2026", "SECRET_1"] {
            assert!(!looks_like_a_secret(name), "{name}");
        }
        for secret in [
            "abc8Q~example.not-a-real-secret_0123456789",
            "0123456789abcdefghijABCDEFGHIJ0123456789",
            "p@ssw0rd!",
            &"x".repeat(LONGEST_NAME + 1),
        ] {
            assert!(looks_like_a_secret(secret), "{secret}");
        }
    }
}
