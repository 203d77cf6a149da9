//! The address at which browsers find a server: how it is written, so that it can be compared with what
//! browsers send and be put in front of every path.

use url::{ParseError, Url};

/// Why a text is no address of a server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` cannot be the server's address: {why}; write scheme and host, and a port where it is not the \
     scheme's own, such as https://sync.example"
)]
pub struct PublicUrlError {
    given: String,
    why: &'static str,
}

/// The address as it is compared: in lower case, without a slash at the end and without the scheme's own
/// port, as browsers write the origin of a page (<https://www.rfc-editor.org/rfc/rfc6454#section-6.2>).
///
/// # Errors
///
/// Where there is no scheme or no host, or more than a path could follow.
pub fn public_url(text: &str) -> Result<String, PublicUrlError> {
    let given = text.trim();
    let wrong = |why| PublicUrlError {
        given: given.to_owned(),
        why,
    };
    let (_, rest) = given
        .split_once("://")
        .ok_or_else(|| wrong("it does not begin with https:// or http://"))?;
    // What the standard mends in silence is told instead: whoever wrote it may have meant something else.
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '\\', '?', '#']) {
        return Err(wrong("the server has no path of its own"));
    }
    if authority.contains(|c: char| c == '@' || c.is_whitespace()) {
        return Err(wrong("what follows the scheme is no host"));
    }
    if authority.ends_with(':') {
        return Err(wrong("the port is no number"));
    }
    let url = Url::parse(given).map_err(|error| {
        wrong(match error {
            ParseError::InvalidPort => "the port is no number",
            _ => "what follows the scheme is no host",
        })
    })?;
    match own_port(url.scheme()) {
        Some(_) => Ok(url.origin().ascii_serialization()),
        None => Err(wrong("browsers speak https or http")),
    }
}

/// Whether a browser that is at this address sends that as the name of the host. The scheme's own port may
/// stand there: some proxies write it.
pub(super) fn is_host_of(public_url: &str, sent: &str) -> bool {
    let Some((scheme, own)) = public_url.split_once("://") else {
        return false;
    };
    let port = own_port(scheme).map(|port| format!(":{port}"));
    let without_port = port.and_then(|port| sent.strip_suffix(&port).map(str::to_owned));
    sent.eq_ignore_ascii_case(own)
        || without_port.is_some_and(|sent| sent.eq_ignore_ascii_case(own))
}

fn own_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_browsers_write_an_origin() {
        for (given, written) in [
            ("https://sync.example", "https://sync.example"),
            (" HTTPS://Sync.Example:443/ ", "https://sync.example"),
            ("http://127.0.0.1:8484", "http://127.0.0.1:8484"),
            ("http://localhost:80", "http://localhost"),
            ("https://sync.example:80", "https://sync.example:80"),
            ("http://[::1]:8484", "http://[::1]:8484"),
        ] {
            assert_eq!(public_url(given).as_deref(), Ok(written), "{given}");
        }
    }

    #[test]
    fn what_would_lead_nowhere_is_refused() {
        for given in [
            "",
            "sync.example",
            "sync.example:443",
            "ftp://sync.example",
            "https://",
            "https://sync.example/contacts",
            "https://sync.example//",
            "https://sync.example?a=b",
            "https://sync.example#a",
            "https://ada@sync.example",
            "https://sync.example:port",
            "https://sync.example:",
            "https://sync.example:99999",
            "https://sync example",
        ] {
            let refused = public_url(given);
            assert!(refused.is_err(), "{given}: {refused:?}");
        }
    }

    #[test]
    fn a_host_is_known_in_any_case_and_with_the_schemes_own_port_alone() {
        let known = |sent| is_host_of("https://sync.example", sent);
        assert!(known("sync.example") && known("Sync.Example") && known("sync.example:443"));
        assert!(!known("sync.example:80") && !known("other.example") && !known(""));
        assert!(is_host_of("http://127.0.0.1:8484", "127.0.0.1:8484"));
        assert!(!is_host_of("http://127.0.0.1:8484", "127.0.0.1"));
    }
}
