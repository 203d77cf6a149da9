//! Addresses as servers write them: compared by their path, each character encoded in one way.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// What stands in a segment as it is (RFC 3986, section 2.3: unreserved).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path of an address book, with a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookPath {
    /// As requests have it.
    path: String,
    /// Its segments, each in the one encoding.
    segments: Vec<String>,
}

/// What an address means, seen from an address book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The address book itself.
    Book,
    /// Something in it, by its name in the one encoding.
    In(String),
    /// Something else.
    Elsewhere,
}

impl BookPath {
    /// The path of an address, without a slash at its end.
    pub(crate) fn new(path: &str) -> Self {
        Self {
            path: format!("{path}/"),
            segments: segments(path),
        }
    }

    /// The path of a card, as it stands in a request; of no name, that of the address book.
    pub(crate) fn of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// What an `href` of an answer means: an absolute URL or a path (RFC 4918, section 8.3).
    pub(crate) fn place(&self, href: &str) -> Place {
        let path = match href.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => href,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments = segments(path);
        let Some(rest) = segments.strip_prefix(self.segments.as_slice()) else {
            return Place::Elsewhere;
        };
        match rest {
            [] => Place::Book,
            [name] => Place::In(name.clone()),
            _ => Place::Elsewhere,
        }
    }
}

/// Whether a text is the name of something in an address book, in the one encoding.
pub(crate) fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && in_one_encoding(text) == text
}

fn segments(path: &str) -> Vec<String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(in_one_encoding).collect()
}

/// A segment, however it is encoded, in one encoding.
fn in_one_encoding(segment: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(segment).collect();
    percent_encode(&bytes, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_however_it_is_written() {
        let book = BookPath::new("/ana@x/my%20book");
        assert_eq!(book.of(""), "/ana@x/my%20book/");
        let name = |href: &str| match book.place(href) {
            Place::In(name) => name,
            other => panic!("{href}: {other:?}"),
        };
        for href in [
            "/ana@x/my%20book/a%20b.vcf",
            "/ana%40x/my book/a b.vcf",
            "http://127.0.0.1:5232/ana@x/my%20book/%61%20b.vcf",
            "https://other.example//ana@x/my%20book/a%20b.vcf",
        ] {
            assert_eq!(name(href), "a%20b.vcf", "{href}");
        }
        for href in ["/ana@x/my%20book", "http://h/ana%40x/my%20book/"] {
            assert_eq!(book.place(href), Place::Book, "{href}");
        }
        for href in [
            "",
            "/",
            "http://h",
            "/ana@x/other/a.vcf",
            "/ana@x/my%20book/folder/a.vcf",
            "a.vcf",
        ] {
            assert_eq!(book.place(href), Place::Elsewhere, "{href}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        for name in ["a.vcf", "a%20b.vcf", "%FF%2F"] {
            assert!(is_name(name), "{name}");
        }
        for text in [
            "", ".", "..", "a/b", "../a.vcf", "a b", "a?b", "%2f", "a%2Evcf",
        ] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn a_name_of_no_unicode_and_a_slash_in_a_name_are_kept() {
        let book = BookPath::new("");
        assert_eq!(
            book.place("/%FF%2f.vcf"),
            Place::In("%FF%2F.vcf".to_owned())
        );
        assert_eq!(book.of("%FF%2F.vcf"), "/%FF%2F.vcf");
    }
}
