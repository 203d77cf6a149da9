//! `tenant`, `credentials` and `endpoints`: how the directory is reached.
//!
//! No message about `/credentials` repeats a value: the commonest mistake there is to paste the
//! secret itself where its name belongs.

use std::net::Ipv6Addr;

use super::clouds::CLOUDS;
use super::place::{Keys, Object, Place};
use super::problem::Findings;
use super::settings::{Cloud, Connection};
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

fn read_tenant(place: &Place<'_>, findings: &mut Findings) -> Option<(String, Cloud)> {
    let tenant = place.object(&TENANT, findings)?;
    let cloud = match tenant.get("cloud") {
        Some(place) => place.choice(CLOUDS, findings),
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
    if !is_guid(id) && !is_domain_name(id) {
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

fn read_credentials(place: &Place<'_>, findings: &mut Findings) -> Option<(String, String)> {
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

fn endpoints(place: &Place<'_>, findings: &mut Findings) -> (Option<String>, Option<String>) {
    let Some(endpoints) = place.object(&ENDPOINTS, findings) else {
        return (None, None);
    };
    let mut root = |name| {
        let place = endpoints.get(name)?;
        let url = place.text(findings)?;
        match root_of(url) {
            Ok(root) => Some(root),
            Err(advice) => {
                findings.problem(place.pointer, advice);
                None
            }
        }
    };
    (root("login"), root("graph"))
}

/// The URL without a trailing slash, where it is the root of a host that may be reached; a sentence
/// that says what to write where it is not.
fn root_of(url: &str) -> Result<String, &'static str> {
    let (https, authority) = match url.split_once("://") {
        Some(("https", authority)) => (true, authority),
        Some(("http", authority)) => (false, authority),
        _ => return Err("Write an address that begins with https://."),
    };
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority.contains('@') {
        return Err("Write the address without a user name and password.");
    }
    if authority.contains(['/', '?', '#', '\\']) {
        return Err("Write only scheme, host and port: no path, no query.");
    }
    let (host, port) = split_port(authority)
        .ok_or("Write scheme, host and port, such as https://127.0.0.1:8443.")?;
    if port.is_some_and(|port| !matches!(port.parse(), Ok(1..=u16::MAX))) {
        return Err("Write a port from 1 to 65535 after the colon.");
    }
    if !is_host(host) {
        return Err("Write the name or the address of a host after the scheme.");
    }
    if !https && !["127.0.0.1", "[::1]", "localhost"].contains(&host) {
        return Err(
            "Write https; plain http is for 127.0.0.1, [::1] and localhost only, because a token travels over it.",
        );
    }
    Ok(format!(
        "{}://{authority}",
        if https { "https" } else { "http" }
    ))
}

/// Host and port; an IPv6 address keeps its brackets. `None` where brackets or colons do not match.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (bracketed, rest) = authority.split_at_checked(end)?;
    let (name, port) = match rest.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (rest, None),
    };
    match (bracketed.is_empty(), name.is_empty()) {
        (true, false) => Some((name, port)),
        (false, true) => Some((bracketed, port)),
        _ => None,
    }
}

fn is_host(host: &str) -> bool {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.split('.').all(is_label),
    }
}

fn is_domain_name(text: &str) -> bool {
    text.contains('.') && text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_hosts_are_taken_without_their_trailing_slash() {
        for (url, root) in [
            ("https://login.example.com", "https://login.example.com"),
            ("https://login.example.com/", "https://login.example.com"),
            ("https://10.0.0.7:8443", "https://10.0.0.7:8443"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://[::1]:9000", "http://[::1]:9000"),
            ("http://localhost:9000/", "http://localhost:9000"),
        ] {
            assert_eq!(root_of(url).as_deref(), Ok(root), "{url}");
        }
    }

    #[test]
    fn anything_but_a_safe_root_is_refused() {
        for url in [
            "ftp://example.com",
            "example.com",
            "https://",
            "https://:443",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:",
            "https://user@example.com",
            "https://user:word@example.com",
            "https://example.com/v1.0",
            "https://example.com?x=1",
            "https://example.com#x",
            "https://exa mple.com",
            "https://[2001:db8::1",
            "https://[nonsense]",
            "https://a]b",
            "http://example.com",
            "http://127.0.0.2:9000",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(root_of(url).is_err(), "{url}");
        }
    }

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
