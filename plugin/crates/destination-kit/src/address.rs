//! The server of a destination, as its settings name it.

use std::fmt;

use configuration_document::endpoint::{self, Root};

/// Hosts that plain http may be spoken with.
const THIS_MACHINE: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// An address that credentials may be sent to: `https` anywhere, plain `http` on this machine alone, and a path
/// below which the interface is. No user, no query, no fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    root: String,
    /// Empty, or begins with a slash and does not end with one.
    path: String,
    is_local: bool,
}

impl Address {
    /// Reads an address such as `https://people.example/scim/v2`; a slash at its end says nothing.
    ///
    /// # Errors
    ///
    /// A sentence that says what to write in its place, and repeats nothing of it: whoever writes a password into
    /// an address does not find it in a log.
    pub fn read(url: &str) -> Result<Self, &'static str> {
        if url.contains(['?', '#']) {
            return Err("Write the address without a query and without a fragment.");
        }
        let after_scheme = url.find("://").map_or(0, |colon| colon + 3);
        let (scheme, rest) = url.split_at(after_scheme);
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let root_url = format!("{scheme}{authority}");
        let root: Root<'_> = endpoint::root(&root_url)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = path.split('/').skip(1);
        if !segments.all(is_segment) {
            return Err("Write a path of plain segments after the host, such as /scim/v2.");
        }
        let is_local = THIS_MACHINE
            .iter()
            .any(|host| is_host_of(root.authority, host));
        Ok(Self {
            root: root.url(),
            path: path.to_owned(),
            is_local,
        })
    }

    /// Scheme, host and port: what a host has to allow.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The path after the root: empty, or with a slash before and none behind.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.is_local
    }
}

/// The whole address, without a slash at its end.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root, self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn is_host_of(authority: &str, host: &str) -> bool {
    let rest = authority.strip_prefix(host);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// A segment of a path (RFC 3986, section 3.3) that leads down: neither empty nor `.` nor `..`, percent signs only
/// where they encode something, which is not one of those either.
fn is_segment(segment: &str) -> bool {
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
        let is_encoded = byte == b'%'
            && [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()));
        if !is_plain && !is_encoded {
            return false;
        }
    }
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    !matches!(&*plain, "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_root_and_a_path_without_a_slash_behind() {
        for (url, root, path) in [
            ("https://people.example", "https://people.example", ""),
            ("https://people.example/", "https://people.example", ""),
            (
                "https://people.example:8443/scim/v2/",
                "https://people.example:8443",
                "/scim/v2",
            ),
            (
                "https://dav.example/a%20b/~c@d",
                "https://dav.example",
                "/a%20b/~c@d",
            ),
            ("http://127.0.0.1:80/x", "http://127.0.0.1:80", "/x"),
            ("http://[::1]:9000", "http://[::1]:9000", ""),
            ("http://localhost/x/y", "http://localhost", "/x/y"),
        ] {
            let address = Address::read(url).unwrap();
            assert_eq!((address.root(), address.path()), (root, path), "{url}");
            assert_eq!(address.to_string(), format!("{root}{path}"));
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, is_local) in [
            ("http://127.0.0.1:80/x", true),
            ("https://[::1]", true),
            ("https://localhost:8443/x", true),
            ("https://localhost.example", false),
            ("https://people.example", false),
        ] {
            assert_eq!(Address::read(url).unwrap().is_local(), is_local, "{url}");
        }
    }

    #[test]
    fn whatever_credentials_should_not_go_to_is_refused_without_being_repeated() {
        for url in [
            "",
            "people.example/scim",
            "ftp://people.example",
            "http://people.example/scim",
            "http://127.0.0.1.people.example",
            "http://127.0.0.2",
            "https://ana:secret@people.example/scim",
            "https://people.example/scim?token=secret",
            "https://people.example/scim#secret",
            "https://people.example/a//b",
            "https://people.example/a/../b",
            "https://people.example/a/%2E%2e/b",
            "https://people.example/a/%2",
            "https://people.example/a b",
            "https://people.example/a\\b",
            "https://people.example\\a",
            "https://people.example/ä",
            "https://people.example:0/a",
            "https://people.example:99999/a",
            "https:///a",
        ] {
            let message = Address::read(url).unwrap_err();
            assert!(!message.contains("secret"), "{url}: {message}");
        }
    }
}
