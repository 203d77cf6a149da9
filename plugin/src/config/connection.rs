//! `tenant`, `credentials` and `endpoints`: how the directory is reached.
//!
//! No message about `/credentials` repeats a value: the commonest mistake there is to paste the
//! secret itself where its name belongs.

use configuration_document::endpoint;
use configuration_document::names::{is_guid, names_a_tenant};
use entra_directory::connection::{Cloud, Connection};

use super::clouds::{CLOUDS, cloud_meant};
use super::located::{Keys, Located, Object};
use super::problem::Findings;
use super::wording::quoted;

const TENANT: Keys = Keys {
    known: &["id", "cloud"],
    refused: &[],
};

const CREDENTIALS: Keys = Keys {
    known: &["clientId", "secret"],
    refused: &[
        (
            "certificate",
            "Certificates are not available in this version; write `secret` with the name of a client secret.",
        ),
        (
            "clientSecret",
            "A secret does not belong in the document: give it to the host under a name, and write that name as `secret`.",
        ),
    ],
};

const ENDPOINTS: Keys = Keys {
    known: &["login", "graph"],
    refused: &[],
};

/// Sign-in audiences that are no tenant (AADSTS9001023).
const NO_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

const LONGEST_SECRET_NAME: usize = 64;

/// From this length on, a name that mixes capitals, small letters and digits is taken for the
/// secret itself; those that Entra makes have 40 characters.
const SECRET_LENGTH: usize = 30;

/// The connection; `None` where the document says nothing of it, or something wrong.
pub(super) fn read(root: &Object<'_>, findings: &mut Findings) -> Option<Connection> {
    let (login, graph) = root
        .get("endpoints")
        .map_or((None, None), |place| endpoints(&place, findings));
    let (tenant, credentials) = match (root.get("tenant"), root.get("credentials")) {
        (None, None) => return None,
        (tenant, credentials) => (tenant, credentials),
    };
    if tenant.is_none() {
        findings.problem(
            root.pointer.as_str(),
            "`tenant` is missing beside `credentials`: write {\"id\": …} with the directory (tenant) ID.",
        );
    }
    if credentials.is_none() {
        findings.problem(
            root.pointer.as_str(),
            "`credentials` is missing beside `tenant`: write {\"clientId\": …, \"secret\": …}.",
        );
    }
    let tenant = tenant.and_then(|place| read_tenant(&place, findings));
    let credentials = credentials.and_then(|place| read_credentials(&place, findings));
    let ((tenant, cloud), (client_id, secret)) = (tenant?, credentials?);
    Some(Connection {
        tenant,
        cloud,
        client_id,
        secret,
        login: login.unwrap_or_else(|| cloud.login().to_owned()),
        graph: graph.unwrap_or_else(|| cloud.graph().to_owned()),
    })
}

/// The tenant alone.
pub(super) fn tenant(root: &Object<'_>, findings: &mut Findings) -> Option<String> {
    let advice = "write {\"id\": …} with the directory (tenant) ID.";
    let place = root.require("tenant", advice, findings)?;
    read_tenant(&place, findings).map(|(tenant, _)| tenant)
}

fn read_tenant(place: &Located<'_>, findings: &mut Findings) -> Option<(String, Cloud)> {
    let tenant = place.object(&TENANT, findings)?;
    let cloud = match tenant.get("cloud") {
        Some(place) => place.choice_of(CLOUDS, cloud_meant, findings),
        None => Some(Cloud::default()),
    };
    let advice = "write the directory (tenant) ID of the overview page in the Entra admin centre, or one of its verified domain names.";
    let place = tenant.require("id", advice, findings)?;
    let id = place.text(findings)?;
    if NO_TENANTS.contains(&id.to_ascii_lowercase().as_str()) {
        findings.problem(
            place.pointer,
            format!("{} is no tenant: {advice}", quoted(id)),
        );
        return None;
    }
    if !names_a_tenant(id) {
        findings.problem(
            place.pointer,
            format!(
                "{} is neither an ID nor a domain name: {advice}",
                quoted(id)
            ),
        );
        return None;
    }
    Some((id.to_owned(), cloud?))
}

fn read_credentials(place: &Located<'_>, findings: &mut Findings) -> Option<(String, String)> {
    let credentials = place.object(&CREDENTIALS, findings)?;
    let client_id = read_client_id(&credentials, findings);
    let secret = read_secret_name(&credentials, findings);
    Some((client_id?, secret?))
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

fn read_secret_name(credentials: &Object<'_>, findings: &mut Findings) -> Option<String> {
    let place = credentials.require(
        "secret",
        "write the name under which the host keeps the client secret, such as `client-secret`.",
        findings,
    )?;
    let name = place.text(findings)?;
    if looks_like_a_secret(name) {
        findings.problem(
            place.pointer,
            "This looks like a secret itself. Give the secret to the host under a name, write only that name here, and make a new secret if this document was shared.",
        );
        return None;
    }
    Some(name.to_owned())
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
    !plain || name.len() > LONGEST_SECRET_NAME || (mixed && name.len() >= SECRET_LENGTH)
}

fn endpoints(place: &Located<'_>, findings: &mut Findings) -> (Option<String>, Option<String>) {
    let Some(endpoints) = place.object(&ENDPOINTS, findings) else {
        return (None, None);
    };
    let mut root = |name| {
        let place = endpoints.get(name)?;
        let url = place.text(findings)?;
        match endpoint::root(url) {
            Ok(root) => Some(root.url()),
            Err(advice) => {
                findings.problem(place.pointer, advice);
                None
            }
        }
    };
    (root("login"), root("graph"))
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
            &"x".repeat(LONGEST_SECRET_NAME + 1),
        ] {
            assert!(looks_like_a_secret(secret), "{secret}");
        }
    }
}
