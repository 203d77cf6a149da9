//! What a host needs of a document before the connector has looked at it.

use crate::endpoint::{self, Root};
use crate::node::{Malformed, Node};

/// The cloud of a document that names none.
const CLOUD: &str = "global";

/// What a host needs of a document: whom it may let the connector ask, with which secret, and when.
///
/// It is read from the same nodes as the connector's settings, so both see the same member where one
/// stands twice (the first; the connector refuses the document). Nothing is validated here beyond what
/// a host acts upon: a document with problems has an outline too, and the connector tells the problems.
#[derive(Debug)]
pub struct Outline {
    root: Node,
}

impl Outline {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Where it is no JSON text.
    pub fn read(document: &str) -> Result<Self, Malformed> {
        let root = Node::parse(document)?;
        Ok(Self { root })
    }

    fn at(&self, section: &str, key: &str) -> Option<&Node> {
        self.root.get(section)?.get(key)
    }

    /// The cloud's name; `global` where the document says nothing of it, nothing where what it says
    /// is no text.
    #[must_use]
    pub fn cloud(&self) -> Option<&str> {
        match self.at("tenant", "cloud") {
            Some(cloud) => cloud.as_text(),
            None => Some(CLOUD),
        }
    }

    /// What the application signs in with: the first credential, and the second one.
    fn credentials(&self) -> impl Iterator<Item = &Node> {
        let first = self.root.get("credentials");
        let second = first.and_then(|first| first.get("fallback"));
        first.into_iter().chain(second)
    }

    /// The names under which the host keeps client secrets, and gives tokens of other issuers.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.credentials().filter_map(|credential| {
            let token = || credential.get("federated")?.get("token");
            credential.get("secret").or_else(token)?.as_text()
        })
    }

    /// The names of keys with which the host signs.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.credentials()
            .filter_map(|credential| credential.get("certificate")?.get("key")?.as_text())
    }

    /// The schedule as written in the document; a preset may have one where this says nothing.
    #[must_use]
    pub fn schedule(&self) -> Option<&str> {
        self.at("sync", "schedule")?.as_text()
    }

    /// Whether the document chooses where secrets and tokens are sent.
    #[must_use]
    pub fn names_endpoints(&self) -> bool {
        ["login", "graph"]
            .iter()
            .any(|key| self.at("endpoints", key).is_some())
    }

    /// The endpoints that the document names, where they can be used.
    pub fn endpoints(&self) -> impl Iterator<Item = Root<'_>> {
        ["login", "graph"]
            .into_iter()
            .filter_map(|key| self.at("endpoints", key)?.as_text())
            .filter_map(|url| endpoint::root(url).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(document: &str) -> Outline {
        Outline::read(document).expect(document)
    }

    #[test]
    fn a_document_that_says_nothing_means_the_global_cloud() {
        for document in ["{}", r#"{"tenant": {"id": "x"}}"#, "[]", "5"] {
            assert_eq!(outline(document).cloud(), Some("global"), "{document}");
            assert!(!outline(document).names_endpoints(), "{document}");
        }
        assert_eq!(outline(r#"{"tenant": {"cloud": 5}}"#).cloud(), None);
    }

    #[test]
    fn a_byte_order_mark_changes_nothing() {
        let text = r#"{"tenant": {"cloud": "china"}, "credentials": {"secret": "s"},
            "sync": {"schedule": "every 1 h"}, "endpoints": {"graph": "http://127.0.0.1:9000/"}}"#;
        for document in [text.to_owned(), format!("\u{feff}{text}")] {
            let outline = outline(&document);
            assert_eq!(outline.cloud(), Some("china"));
            assert_eq!(outline.secrets().collect::<Vec<_>>(), ["s"]);
            assert_eq!(outline.schedule(), Some("every 1 h"));
            let authorities: Vec<_> = outline.endpoints().map(|root| root.authority).collect();
            assert_eq!(authorities, ["127.0.0.1:9000"]);
        }
    }

    #[test]
    fn endpoints_that_cannot_be_used_are_named_all_the_same() {
        for url in ["\"ftp://x\"", "5", "\"HTTP://127.0.0.1:1\"", "null"] {
            let outline = outline(&format!(r#"{{"endpoints": {{"login": {url}}}}}"#));
            assert!(outline.names_endpoints(), "{url}");
            assert_eq!(outline.endpoints().count(), 0, "{url}");
        }
    }

    #[test]
    fn of_a_member_that_stands_twice_the_first_counts() {
        let outline = outline(r#"{"tenant": {"cloud": "china", "cloud": "global"}}"#);
        assert_eq!(outline.cloud(), Some("china"));
    }
}
