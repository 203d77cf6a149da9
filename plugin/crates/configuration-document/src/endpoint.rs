//! `endpoints`: a server in the place of Microsoft's, for tests and local runs.

use std::net::Ipv6Addr;

use crate::names::is_label;

/// The root of a host that may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root<'d> {
    /// Whether TLS is spoken there.
    pub https: bool,
    /// Host and port as they stand in the document.
    pub authority: &'d str,
}

impl Root<'_> {
    /// The URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// Reads a URL that is nothing but scheme, host and port.
///
/// # Errors
///
/// A sentence that says what to write, where it is anything else, or plain http to another machine.
pub fn root(url: &str) -> Result<Root<'_>, &'static str> {
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
    Ok(Root { https, authority })
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
            assert_eq!(
                super::root(url).map(|root| root.url()).as_deref(),
                Ok(root),
                "{url}"
            );
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
            assert!(root(url).is_err(), "{url}");
        }
    }
}
