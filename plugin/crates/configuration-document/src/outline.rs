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

    /// The names under which the host keeps client secrets, gives tokens of other issuers, and keeps the secret of a
    /// destination.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let credentials = self.credentials().filter_map(|credential| {
            let token = || credential.get("federated")?.get("token");
            credential.get("secret").or_else(token)?.as_text()
        });
        credentials.chain(self.target().and_then(|target| target.secret()))
    }

    /// The destination that the document chooses; `None` where the contacts are the host's own, also where they
    /// only have a name.
    #[must_use]
    pub fn target(&self) -> Option<Target<'_>> {
        let node = self.at("sync", "target")?;
        matches!(node, Node::Object(_)).then_some(Target { node })
    }

    /// What the document calls the contacts that it is about, where it chooses no destination.
    #[must_use]
    pub fn target_name(&self) -> Option<&str> {
        self.at("sync", "target")?.as_text()
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

/// The destination that a document chooses: the object at `/sync/target`.
#[derive(Clone, Copy, Debug)]
pub struct Target<'d> {
    node: &'d Node,
}

impl<'d> Target<'d> {
    /// Which destination it is.
    #[must_use]
    pub fn name(&self) -> Option<&'d str> {
        self.node.get("name")?.as_text()
    }

    /// The name under which the host keeps its secret.
    #[must_use]
    pub fn secret(&self) -> Option<&'d str> {
        self.node.get("secret")?.as_text()
    }

    /// The object as JSON text, as `target-settings` of the contract gives it.
    #[must_use]
    pub fn settings(&self) -> String {
        self.node.to_value().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_chooses_a_destination_and_a_name_alone_does_not() {
        let document = r#"{"credentials": {"secret": "one"}, "sync": {"target":
            {"name": "somewhere", "secret": "two", "deep": [{"n": 5, "n": 6}, null, true], "name": "else"}}}"#;
        let read = outline(document);
        let target = read.target().unwrap();
        assert_eq!(target.name(), Some("somewhere"), "of two the first counts");
        let settings = r#"{"deep":[{"n":5},null,true],"name":"somewhere","secret":"two"}"#;
        assert_eq!(target.settings(), settings);
        assert_eq!(read.secrets().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(read.target_name(), None);
        for target in [r#""messagemedia""#, "5", "[]", "null"] {
            let text = format!(r#"{{"sync": {{"target": {target}}}}}"#);
            assert!(outline(&text).target().is_none(), "{target}");
        }
    }

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
