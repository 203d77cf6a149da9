//! What a host tells the component by way of the configuration document.
//!
//! Secret, key and server stand where the connector's document has them, so that a host reads the two in the same
//! way. What only this component knows stands under `conformance`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use host_promises::promises::by_name;

/// What is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scenario {
    /// Everything that needs nobody outside of the component.
    #[default]
    Everything,
    /// That the host says `stop`: somebody has to want it while the sync goes on.
    Stop,
    /// That a lost lease is told: somebody has to take it while the sync goes on.
    LeaseLost,
}

/// A document that can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// `/credentials/secret`: the name of a secret.
    pub secret: Option<String>,
    /// `/conformance/secretSha256`: SHA-256 of its value, in hexadecimal.
    pub secret_sha256: Option<String>,
    /// `/credentials/certificate/key`: the name of a key.
    pub key: Option<String>,
    /// `/endpoints/graph`: the root of the server that plays the directory.
    pub server: Option<String>,
    /// `/conformance/forbidden`: the root of a server that is there, and that the host does not allow.
    pub forbidden: Option<String>,
    /// `/conformance/scenario`.
    pub scenario: Scenario,
    /// `/conformance/waives`: promises that this host does without, and why.
    pub waives: BTreeMap<String, String>,
}

/// A problem of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// RFC 6901 JSON pointer.
    pub pointer: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// All problems at once.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::default();
        let document = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Object(members)) => reader.document(&members),
            Ok(_) | Err(_) => {
                reader.problem("", "This is no JSON object; write at least {}.");
                Self::default()
            }
        };
        if reader.problems.is_empty() {
            Ok(document)
        } else {
            Err(reader.problems)
        }
    }
}

/// Reads what it can, and notes what it cannot.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, pointer: &str, message: &str) {
        self.problems.push(Problem {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
        });
    }

    fn document(&mut self, document: &Map<String, Value>) -> Document {
        let credentials = self.object(document, "", "credentials");
        let certificate = self.object(&credentials, "/credentials", "certificate");
        let endpoints = self.object(document, "", "endpoints");
        let own = self.object(document, "", "conformance");
        self.known(
            &own,
            "/conformance",
            &["secretSha256", "forbidden", "scenario", "waives"],
        );
        Document {
            secret: self.text(&credentials, "/credentials", "secret"),
            secret_sha256: self.digest(&own),
            key: self.text(&certificate, "/credentials/certificate", "key"),
            server: self.root(&endpoints, "/endpoints", "graph"),
            forbidden: self.root(&own, "/conformance", "forbidden"),
            scenario: self.scenario(&own),
            waives: self.waives(&own),
        }
    }

    fn object(
        &mut self,
        parent: &Map<String, Value>,
        pointer: &str,
        name: &str,
    ) -> Map<String, Value> {
        match parent.get(name) {
            None => Map::new(),
            Some(Value::Object(members)) => members.clone(),
            Some(_) => {
                self.problem(&format!("{pointer}/{name}"), "Write an object.");
                Map::new()
            }
        }
    }

    fn text(&mut self, parent: &Map<String, Value>, pointer: &str, name: &str) -> Option<String> {
        match parent.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            _ => {
                self.problem(&format!("{pointer}/{name}"), "Write a text.");
                None
            }
        }
    }

    fn root(&mut self, parent: &Map<String, Value>, pointer: &str, name: &str) -> Option<String> {
        let root = self.text(parent, pointer, name)?;
        let root = root.strip_suffix('/').unwrap_or(&root);
        let authority = root
            .strip_prefix("http://")
            .or_else(|| root.strip_prefix("https://"));
        if authority.is_some_and(|it| !it.is_empty() && !it.contains('/')) {
            return Some(root.to_owned());
        }
        self.problem(
            &format!("{pointer}/{name}"),
            "Write scheme, host and port, such as http://127.0.0.1:8080.",
        );
        None
    }

    fn digest(&mut self, own: &Map<String, Value>) -> Option<String> {
        let digest = self.text(own, "/conformance", "secretSha256")?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest {
            return Some(digest.to_ascii_lowercase());
        }
        self.problem(
            "/conformance/secretSha256",
            "Write the SHA-256 of the secret's value: 64 hexadecimal digits.",
        );
        None
    }

    fn scenario(&mut self, own: &Map<String, Value>) -> Scenario {
        match own.get("scenario").map(Value::as_str) {
            None | Some(Some("everything")) => Scenario::Everything,
            Some(Some("stop")) => Scenario::Stop,
            Some(Some("lease-lost")) => Scenario::LeaseLost,
            Some(_) => {
                self.problem(
                    "/conformance/scenario",
                    "Write \"everything\", \"stop\" or \"lease-lost\".",
                );
                Scenario::Everything
            }
        }
    }

    fn waives(&mut self, own: &Map<String, Value>) -> BTreeMap<String, String> {
        let waives = self.object(own, "/conformance", "waives");
        let mut read = BTreeMap::new();
        for (name, why) in waives {
            let pointer = format!("/conformance/waives/{name}");
            if by_name(&name).is_none() {
                self.problem(&pointer, "There is no promise of this name.");
            }
            match why.as_str() {
                Some(why) if !why.trim().is_empty() => {
                    read.insert(name, why.to_owned());
                }
                _ => self.problem(&pointer, "Write why this host does without, in a sentence."),
            }
        }
        read
    }

    fn known(&mut self, object: &Map<String, Value>, pointer: &str, names: &[&str]) {
        for name in object.keys().filter(|name| !names.contains(&name.as_str())) {
            self.problem(
                &format!("{pointer}/{name}"),
                &format!("This is not known; write one of {}.", names.join(", ")),
            );
        }
    }
}

/// JSON Schema (2020-12) of the document.
pub const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "What the conformance component is told of a host",
  "type": "object",
  "properties": {
    "credentials": {
      "type": "object",
      "properties": {
        "secret": { "type": "string", "description": "The name of a secret that this host gives." },
        "certificate": { "type": "object", "properties": { "key": { "type": "string", "description": "The name of a key with which this host signs." } } }
      }
    },
    "endpoints": {
      "type": "object",
      "properties": { "graph": { "type": "string", "description": "The root of the server that plays the directory." } }
    },
    "conformance": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "secretSha256": { "type": "string", "pattern": "^[0-9A-Fa-f]{64}$", "description": "SHA-256 of the secret's value." },
        "forbidden": { "type": "string", "description": "The root of a server that is there and that this host does not allow." },
        "scenario": { "enum": ["everything", "stop", "lease-lost"] },
        "waives": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Promises that this host does without, and why." }
      }
    }
  }
}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_document_is_enough() {
        assert_eq!(Document::read("{}"), Ok(Document::default()));
    }

    #[test]
    fn everything_is_read_from_where_the_connector_has_it() {
        let digest = "0f".repeat(32);
        let text = format!(
            r#"{{ "tenant": {{ "id": "whatever" }},
                 "credentials": {{ "secret": "s", "certificate": {{ "key": "k" }} }},
                 "endpoints": {{ "login": "http://127.0.0.1:1", "graph": "http://127.0.0.1:1/" }},
                 "conformance": {{ "secretSha256": "{digest}", "forbidden": "http://127.0.0.1:2",
                                   "scenario": "stop", "waives": {{ "atomic": "No transactions." }} }} }}"#
        );
        let document = Document::read(&text).unwrap();
        assert_eq!(document.secret.as_deref(), Some("s"));
        assert_eq!(document.key.as_deref(), Some("k"));
        assert_eq!(document.server.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(document.forbidden.as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(document.secret_sha256, Some(digest));
        assert_eq!(document.scenario, Scenario::Stop);
        assert_eq!(document.waives["atomic"], "No transactions.");
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text = r#"{ "credentials": { "secret": 5 }, "endpoints": { "graph": "127.0.0.1" },
            "conformance": { "secretSha256": "abc", "scenario": "some", "more": 1,
                             "waives": { "atomik": "typo", "atomic": "" } } }"#;
        let problems = Document::read(text).unwrap_err();
        let mut pointers: Vec<_> = problems.iter().map(|it| it.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "/conformance/more",
                "/conformance/scenario",
                "/conformance/secretSha256",
                "/conformance/waives/atomic",
                "/conformance/waives/atomik",
                "/credentials/secret",
                "/endpoints/graph",
            ]
        );
        assert_eq!(Document::read("[]").unwrap_err()[0].pointer, "");
    }

    #[test]
    fn the_schema_is_json() {
        assert!(serde_json::from_str::<Value>(SCHEMA).is_ok());
    }
}
