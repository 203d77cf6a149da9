//! How a component was made: an in-toto statement with SLSA provenance, version 1.
//!
//! It says what whoever packages says. It is worth as much as the signature that goes with it.

use serde_json::{Value, json};

use crate::linked::Linked;
use crate::metadata::Metadata;

/// The media type of the statement.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.in-toto+json";

/// How it is built: `host-harness package` of this repository, of the component that its build made.
const BUILD_TYPE: &str = "urn:contact-sync:build:connector-artifacts:1";

/// Who built it, where nobody says.
const BUILDER: &str = "urn:contact-sync:builder:unnamed";

/// The statement about the component of this name and digest (SHA-256, in hexadecimal), built by `builder` (a URI).
pub(crate) fn statement(
    file: &str,
    digest: &str,
    metadata: &Metadata,
    builder: Option<&str>,
    linked: &[Linked],
) -> Value {
    let compiler = linked.iter().find(|linked| linked.name == "std");
    let from_registry = linked.iter().filter_map(|linked| {
        let uri = linked.purl()?;
        Some(json!({ "uri": uri, "digest": { "sha256": linked.checksum } }))
    });
    let sources = metadata.revision.as_ref().map(|revision| {
        let mut sources = json!({ "digest": { "gitCommit": revision } });
        if let Some(uri) = &metadata.source {
            sources["uri"] = json!(format!("git+{uri}"));
        }
        sources
    });
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": file, "digest": { "sha256": digest } }],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "source": metadata.source,
                    "revision": metadata.revision,
                },
                "internalParameters": {
                    "profile": "plugin",
                    "target": "wasm32-wasip2",
                    "rust": compiler.map(|compiler| &compiler.version),
                },
                "resolvedDependencies": sources.into_iter().chain(from_registry).collect::<Vec<_>>(),
            },
            "runDetails": { "builder": { "id": builder.unwrap_or(BUILDER) } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linked::tests::list;

    #[test]
    fn it_names_the_file_its_sources_and_the_compiler() {
        let metadata = Metadata {
            source: Some("https://git.example/connector".to_owned()),
            revision: Some("0123abcd".to_owned()),
            ..Metadata::default()
        };
        let statement = statement(
            "connector.wasm",
            "00ff",
            &metadata,
            Some("https://ci.example"),
            &list(),
        );
        assert_eq!(statement["subject"][0]["digest"]["sha256"], "00ff");
        let definition = &statement["predicate"]["buildDefinition"];
        assert_eq!(definition["internalParameters"]["rust"], "1.95.0");
        assert_eq!(
            definition["resolvedDependencies"],
            json!([
                { "uri": "git+https://git.example/connector", "digest": { "gitCommit": "0123abcd" } },
                { "uri": "pkg:cargo/itoa@1.0.0%2Bx", "digest": { "sha256": "ab12" } },
            ])
        );
        let builder = &statement["predicate"]["runDetails"]["builder"]["id"];
        assert_eq!(builder, "https://ci.example");
    }

    #[test]
    fn what_nobody_said_is_not_made_up() {
        let statement = statement("connector.wasm", "00ff", &Metadata::default(), None, &[]);
        let predicate = &statement["predicate"];
        let definition = &predicate["buildDefinition"];
        assert_eq!(definition["resolvedDependencies"], json!([]));
        assert_eq!(definition["externalParameters"]["revision"], Value::Null);
        assert_eq!(predicate["runDetails"]["builder"]["id"], BUILDER);
    }
}
