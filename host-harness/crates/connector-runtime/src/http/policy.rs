//! Which addresses may be asked: a pure value.

use http::Uri;
use http::uri::Scheme;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The hosts that a workspace may reach. The empty policy denies everything.
///
/// Hosts are compared exactly, without regard to case: no wildcards, no sub-domains, and no IP
/// addresses, whose owner nobody can tell. Only https, except to a loopback address that was named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpPolicy {
    hosts: Vec<Entry>,
    loopback: Vec<Entry>,
}

/// A host and a port; without a port, that of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    host: String,
    port: Option<u16>,
}

/// An entry that cannot stand in a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntry {
    /// Not `host` or `host:port`.
    #[error("`{0}` is not a host name, or a host name and a port, such as graph.microsoft.com")]
    NotAnAuthority(String),
    /// An address in the place of a name.
    #[error("`{0}` is an IP address; allow the host by its name")]
    IpAddress(String),
    /// A loopback entry that leads elsewhere.
    #[error("`{0}` is not a loopback address; 127.0.0.1, [::1] and localhost are")]
    NotLoopback(String),
}

/// Why a request was denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Neither https, nor http to a named loopback address.
    #[error("{0} is reached over plain http, and only https is allowed")]
    NotHttps(String),
    /// Another scheme, or none.
    #[error("only https is allowed")]
    Scheme,
    /// `user@host`, which two readers may read differently.
    #[error("a URL with user information is not allowed")]
    UserInformation,
    /// No host at all.
    #[error("the URL names no host")]
    NoHost,
    /// An IP address that no loopback entry names.
    #[error("{0} is an IP address, and hosts are allowed by name")]
    IpAddress(String),
    /// Not in the list.
    #[error("{0} is not among the allowed hosts")]
    NotAllowed(String),
}

impl HttpPolicy {
    /// Allows exactly these hosts, over https. An entry is `host` or `host:port`.
    ///
    /// # Errors
    ///
    /// An entry that is no host name.
    pub fn new<I>(hosts: I) -> Result<Self, InvalidEntry>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let hosts = hosts.into_iter().map(|entry| Entry::host(entry.as_ref()));
        Ok(Self {
            hosts: hosts.collect::<Result<_, _>>()?,
            loopback: Vec::new(),
        })
    }

    /// Also allows this host, over https, as [`Self::new`] does.
    ///
    /// # Errors
    ///
    /// An entry that is no host name.
    pub fn with_host(mut self, entry: &str) -> Result<Self, InvalidEntry> {
        self.hosts.push(Entry::host(entry)?);
        Ok(self)
    }

    /// Also allows this loopback address, over https and plain http: for an emulator on the same
    /// machine. An entry is `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    ///
    /// # Errors
    ///
    /// An entry that is not a loopback address.
    pub fn with_loopback(mut self, entry: &str) -> Result<Self, InvalidEntry> {
        let parsed = Entry::parse(entry)?;
        if !is_loopback(&parsed.host) {
            return Err(InvalidEntry::NotLoopback(entry.to_owned()));
        }
        self.loopback.push(parsed);
        Ok(self)
    }

    /// Judges the address of a request.
    ///
    /// # Errors
    ///
    /// The first rule it breaks.
    pub fn check(&self, uri: &Uri) -> Result<(), Denied> {
        let default_port = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => 443,
            Some(scheme) if *scheme == Scheme::HTTP => 80,
            _ => return Err(Denied::Scheme),
        };
        let authority = uri.authority().ok_or(Denied::NoHost)?;
        // `host()` strips it and `as_str()` keeps it: what two readers can read in two ways goes.
        if authority.as_str().contains('@') {
            return Err(Denied::UserInformation);
        }
        let host = authority.host();
        if host.is_empty() {
            return Err(Denied::NoHost);
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None => default_port,
        };
        let reaches = |entry: &Entry| entry.reaches(host, port, default_port);
        if self.loopback.iter().any(reaches) {
            return Ok(());
        }
        if is_ip_address(host) {
            return Err(Denied::IpAddress(host.to_owned()));
        }
        if !self.hosts.iter().any(reaches) {
            return Err(Denied::NotAllowed(host.to_owned()));
        }
        if default_port != 443 {
            return Err(Denied::NotHttps(host.to_owned()));
        }
        Ok(())
    }

    /// Whether a name may resolve to a loopback address: it was named as one.
    pub(super) fn allows_loopback(&self, name: &str) -> bool {
        self.loopback
            .iter()
            .any(|entry| entry.host.eq_ignore_ascii_case(name))
    }
}

impl Entry {
    fn host(entry: &str) -> Result<Self, InvalidEntry> {
        let parsed = Self::parse(entry)?;
        if is_ip_address(&parsed.host) {
            return Err(InvalidEntry::IpAddress(entry.to_owned()));
        }
        Ok(parsed)
    }

    fn parse(entry: &str) -> Result<Self, InvalidEntry> {
        let refused = || InvalidEntry::NotAnAuthority(entry.to_owned());
        let authority: http::uri::Authority = entry.parse().map_err(|_| refused())?;
        let host = authority.host();
        // A port that is there but is no number is not read as one by the parser.
        let port = authority.port_u16();
        let rest = entry.get(host.len()..).ok_or_else(refused)?;
        let is_whole = match port {
            None => rest.is_empty(),
            Some(port) => rest == format!(":{port}"),
        };
        if host.is_empty() || host.ends_with('.') || host.contains('*') || !is_whole {
            return Err(refused());
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }

    fn reaches(&self, host: &str, port: u16, default_port: u16) -> bool {
        self.host.eq_ignore_ascii_case(host) && self.port.unwrap_or(default_port) == port
    }
}

/// Whether a host is an IP address in any of the spellings that some resolver takes for one:
/// `127.1`, `0x7f000001` and `2130706433` are all 127.0.0.1 to `inet_aton`.
fn is_ip_address(host: &str) -> bool {
    if host.starts_with('[') || host.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    let last_label = host
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .unwrap_or(host);
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    last_label.bytes().all(|byte| byte.is_ascii_digit())
        || last_label
            .to_ascii_lowercase()
            .strip_prefix("0x")
            .is_some_and(is_hexadecimal)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || bare
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> HttpPolicy {
        HttpPolicy::new([
            "graph.microsoft.com",
            "login.microsoftonline.com",
            "proxy.test:8443",
        ])
        .unwrap()
        .with_loopback("127.0.0.1:8080")
        .unwrap()
        .with_loopback("localhost:8443")
        .unwrap()
        .with_loopback("[::1]:9000")
        .unwrap()
    }

    #[test]
    fn each_url_is_judged_by_the_table() {
        use Denied::{IpAddress, NotAllowed, NotHttps, Scheme, UserInformation};
        let host = |name: &str| name.to_owned();
        let table: &[(&str, Result<(), Denied>)] = &[
            ("https://graph.microsoft.com/v1.0/users?$top=999", Ok(())),
            ("https://GRAPH.Microsoft.Com/v1.0", Ok(())),
            ("https://graph.microsoft.com:443/", Ok(())),
            ("https://proxy.test:8443/", Ok(())),
            ("http://127.0.0.1:8080/", Ok(())),
            ("https://127.0.0.1:8080/", Ok(())),
            ("https://localhost:8443/", Ok(())),
            ("http://[::1]:9000/", Ok(())),
            (
                "http://graph.microsoft.com/",
                Err(NotHttps(host("graph.microsoft.com"))),
            ),
            ("ftp://graph.microsoft.com/", Err(Scheme)),
            ("/relative", Err(Scheme)),
            (
                "https://graph.microsoft.com:444/",
                Err(NotAllowed(host("graph.microsoft.com"))),
            ),
            ("https://proxy.test/", Err(NotAllowed(host("proxy.test")))),
            (
                "https://graph.microsoft.com./",
                Err(NotAllowed(host("graph.microsoft.com."))),
            ),
            (
                "https://evil.graph.microsoft.com/",
                Err(NotAllowed(host("evil.graph.microsoft.com"))),
            ),
            (
                "https://graph.microsoft.com.evil.test/",
                Err(NotAllowed(host("graph.microsoft.com.evil.test"))),
            ),
            (
                "https://evil.test/graph.microsoft.com",
                Err(NotAllowed(host("evil.test"))),
            ),
            (
                "https://graph.microsoft.com@evil.test/",
                Err(UserInformation),
            ),
            (
                "https://user:pass@graph.microsoft.com/",
                Err(UserInformation),
            ),
            (
                "https://20.190.128.1/",
                Err(IpAddress(host("20.190.128.1"))),
            ),
            ("http://127.0.0.1/", Err(IpAddress(host("127.0.0.1")))),
            ("http://127.0.0.1:8081/", Err(IpAddress(host("127.0.0.1")))),
            ("http://127.0.0.2:8080/", Err(IpAddress(host("127.0.0.2")))),
            (
                "http://169.254.169.254/",
                Err(IpAddress(host("169.254.169.254"))),
            ),
            ("http://[::1]:8080/", Err(IpAddress(host("[::1]")))),
            (
                "http://[::ffff:127.0.0.1]:8080/",
                Err(IpAddress(host("[::ffff:127.0.0.1]"))),
            ),
            (
                "http://2130706433:8080/",
                Err(IpAddress(host("2130706433"))),
            ),
            (
                "http://0x7f000001:8080/",
                Err(IpAddress(host("0x7f000001"))),
            ),
            ("http://127.1:8080/", Err(IpAddress(host("127.1")))),
            ("http://localhost:8080/", Err(NotAllowed(host("localhost")))),
        ];
        let policy = policy();
        for (url, expected) in table {
            assert_eq!(&policy.check(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn the_empty_policy_denies_everything() {
        for url in [
            "https://graph.microsoft.com/",
            "http://localhost/",
            "https://localhost/",
        ] {
            assert!(
                HttpPolicy::default().check(&url.parse().unwrap()).is_err(),
                "{url}"
            );
        }
    }

    #[test]
    fn entries_that_are_not_hosts_are_refused() {
        for entry in [
            "",
            "*",
            "*.microsoft.com",
            "https://graph.microsoft.com",
            "graph.microsoft.com/v1.0",
            "graph.microsoft.com:",
            "graph.microsoft.com:http",
            "graph.microsoft.com:99999",
            "graph.microsoft.com.",
            "user@graph.microsoft.com",
            "10.0.0.1",
            "[fe80::1]",
            "2130706433",
            "0x7f.1",
        ] {
            assert!(HttpPolicy::new([entry]).is_err(), "{entry}");
        }
    }

    #[test]
    fn only_loopback_addresses_can_be_named_as_such() {
        for entry in [
            "10.0.0.1:80",
            "graph.microsoft.com",
            "localhost.evil.test",
            "[fe80::1]:80",
        ] {
            assert_eq!(
                HttpPolicy::default().with_loopback(entry),
                Err(InvalidEntry::NotLoopback(entry.to_owned())),
            );
        }
    }
}
