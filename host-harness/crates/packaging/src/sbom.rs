//! What is linked into a component, for those who look for weaknesses in it: CycloneDX 1.5, as JSON.
//!
//! It has what is linked and nothing else. Tools that read the lock file or the build's own notes list what is only
//! there while building as if it ran (of this component, more than half of what they list).

use serde_json::{Map, Value, json};

use crate::linked::Linked;
use crate::metadata::Metadata;

/// The media type of the document.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json";

/// The document for the component with this digest (SHA-256, in hexadecimal). It has neither a number of its own nor
/// a time, so that it is the same for the same component.
pub(crate) fn document(metadata: &Metadata, digest: &str, linked: &[Linked]) -> Value {
    let root = "component";
    let mut component = json!({
        "type": "library",
        "bom-ref": root,
        "name": metadata.name,
        "version": metadata.version,
        "hashes": [{ "alg": "SHA-256", "content": digest }],
    });
    if let Some(licenses) = &metadata.licenses {
        component["licenses"] = licence(licenses);
    }
    let references: Vec<_> = linked.iter().map(reference).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component },
        "components": linked.iter().map(row).collect::<Vec<_>>(),
        "dependencies": [{ "ref": root, "dependsOn": references }],
    })
}

fn row(linked: &Linked) -> Value {
    let mut row = Map::new();
    row.insert("type".to_owned(), json!("library"));
    row.insert("bom-ref".to_owned(), json!(reference(linked)));
    row.insert("name".to_owned(), json!(linked.name));
    row.insert("version".to_owned(), json!(linked.version));
    row.insert("scope".to_owned(), json!("required"));
    if linked.is_from_registry() {
        let hash = json!([{ "alg": "SHA-256", "content": linked.checksum }]);
        row.insert("hashes".to_owned(), hash);
    }
    if !linked.licenses.is_empty() {
        row.insert("licenses".to_owned(), licence(&linked.licenses));
    }
    if let Some(purl) = linked.purl() {
        row.insert("purl".to_owned(), json!(purl));
    }
    if !linked.repository.is_empty() {
        let reference = json!([{ "type": "vcs", "url": linked.repository }]);
        row.insert("externalReferences".to_owned(), reference);
    }
    Value::Object(row)
}

/// What is not in a registry is called by name and version, and never by the folder in which it was built.
fn reference(linked: &Linked) -> String {
    let named = || format!("{}@{}", linked.name, linked.version);
    linked.purl().unwrap_or_else(named)
}

/// `/` is how crates wrote `OR` before expressions of SPDX had a form for it.
fn licence(expression: &str) -> Value {
    json!([{ "expression": expression.replace('/', " OR ") }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linked::tests::list;

    #[test]
    fn it_has_what_is_linked_with_licence_hash_and_package_url() {
        let metadata = Metadata {
            name: Some("A connector".to_owned()),
            version: Some("0.1.0".to_owned()),
            licenses: Some("MIT/Apache-2.0".to_owned()),
            ..Metadata::default()
        };
        let sbom = document(&metadata, "00ff", &list());
        let root = &sbom["metadata"]["component"];
        assert_eq!(root["hashes"][0]["content"], "00ff");
        assert_eq!(root["licenses"][0]["expression"], "MIT OR Apache-2.0");
        let itoa = &sbom["components"][0];
        assert_eq!(itoa["purl"], "pkg:cargo/itoa@1.0.0%2Bx");
        assert_eq!(itoa["hashes"][0]["content"], "ab12");
        assert_eq!(itoa["externalReferences"][0]["type"], "vcs");
        let ours = &sbom["components"][2];
        assert_eq!(ours["bom-ref"], "sync-core@0.1.0");
        assert_eq!(ours.get("purl"), None);
        assert_eq!(
            sbom["dependencies"][0]["dependsOn"],
            json!(["pkg:cargo/itoa@1.0.0%2Bx", "std@1.95.0", "sync-core@0.1.0"])
        );
        assert_eq!(sbom.get("serialNumber"), None);
    }
}
