//! A URL in the parts in which `wasi:http` takes it.

use std::borrow::Cow;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'url> {
    /// `https`, else `http`.
    pub(crate) secure: bool,
    /// Host and port, as they stand.
    pub(crate) authority: &'url str,
    /// Path and query, as they stand, but for characters that no URL may hold.
    pub(crate) path_with_query: Cow<'url, str>,
}

impl<'url> Target<'url> {
    /// Takes an absolute URL apart; `None` where it is none, or has another scheme. A fragment is the
    /// reader's own and is left out.
    pub(crate) fn of(url: &'url str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.is_empty() {
            return None;
        }
        Some(Self {
            secure,
            authority,
            path_with_query: if path.starts_with('/') {
                encoded(path)
            } else {
                Cow::Owned(format!("/{}", encoded(path)))
            },
        })
    }
}

/// Percent-encodes what RFC 3986, section 2, has no place for. A service may write such a character
/// into a link, and the link is to reach it as it meant it.
fn encoded(path: &str) -> Cow<'_, str> {
    let foreign = |byte: u8| !byte.is_ascii_graphic() || b"\"<>\\^`{|}".contains(&byte);
    if !path.bytes().any(foreign) {
        return Cow::Borrowed(path);
    }
    let mut text = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        if foreign(byte) {
            text.push_str(&format!("%{byte:02X}"));
        } else {
            text.push(char::from(byte));
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> Option<(bool, &str, String)> {
        Target::of(url).map(|target| {
            (
                target.secure,
                target.authority,
                target.path_with_query.into_owned(),
            )
        })
    }

    #[test]
    fn a_url_is_taken_apart_and_its_parts_stay_as_they_are() {
        assert_eq!(
            parts("https://graph.microsoft.com/v1.0/users?$top=999&$skiptoken=a%27b'c~(1)"),
            Some((
                true,
                "graph.microsoft.com",
                "/v1.0/users?$top=999&$skiptoken=a%27b'c~(1)".to_owned()
            ))
        );
        assert_eq!(
            parts("HTTP://[::1]:8080/a//b/../c"),
            Some((false, "[::1]:8080", "/a//b/../c".to_owned()))
        );
    }

    #[test]
    fn a_url_without_a_path_has_the_root_as_its_path() {
        for (url, path) in [
            ("https://host", "/"),
            ("https://host?q=1", "/?q=1"),
            ("https://host/a#b?c", "/a"),
        ] {
            assert_eq!(parts(url), Some((true, "host", path.to_owned())), "{url}");
        }
    }

    #[test]
    fn what_no_url_may_hold_is_encoded() {
        assert_eq!(
            parts("https://host/a b?c=\"é\"|"),
            Some((true, "host", "/a%20b?c=%22%C3%A9%22%7C".to_owned()))
        );
    }

    #[test]
    fn what_is_no_absolute_url_of_the_web_has_no_target() {
        for url in [
            "",
            "/v1.0/users",
            "host/path",
            "ftp://host/",
            "https://",
            "https:///path",
        ] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
