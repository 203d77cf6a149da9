//! Manifests and blobs as registries keep them (opencontainers/image-spec 1.1), and the media types of components.
//!
//! A component is an image manifest whose config says what it imports and exports and whose one layer is the file:
//! the CNCF's guidance for WebAssembly in OCI, which `wkg`, `wasmtime` and Spin follow. It has no `artifactType`; what
//! goes with it (an SBOM, provenance) has one and refers to it as its subject.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// An image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A list of manifests.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The config of a component.
pub const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The layer of a component.
pub const WASM: &str = "application/wasm";

/// The config of what needs none, and its two bytes.
pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The config of an image, which signatures have.
pub(crate) const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The annotation of a layer that says how its file is called.
pub const TITLE: &str = "org.opencontainers.image.title";

/// The annotation of a manifest in a layout that is its tag.
pub const REFERENCE: &str = "org.opencontainers.image.ref.name";

/// The annotation of a signature's layer in which the signature of the file itself is, for hosts that have the file
/// and no registry.
pub const FILE_SIGNATURE: &str = "contact-sync.file-signature";

/// Annotations, by name.
pub type Annotations = BTreeMap<String, String>;

/// The digest of bytes: `sha256:` and hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digest}")
}

/// Bytes, as a manifest names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What they are.
    pub media_type: String,
    /// `sha256:` and hexadecimal.
    pub digest: String,
    /// In bytes.
    pub size: u64,
    /// What the manifest is of, where they are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// What is told about them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
}

impl Descriptor {
    /// Of these bytes.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: digest(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: Annotations::new(),
        }
    }

    /// With an annotation.
    #[must_use]
    pub fn annotated(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// An image manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
    media_type: String,
    /// What it is of; nothing for a component, whose config says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// About the layers.
    pub config: Descriptor,
    /// The files.
    pub layers: Vec<Descriptor>,
    /// To which manifest it belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// What is told about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Annotations,
}

impl Manifest {
    /// With this config and these layers.
    #[must_use]
    pub fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: None,
            config,
            layers,
            subject: None,
            annotations: Annotations::new(),
        }
    }

    /// The bytes of it, of which its digest is.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The component that it is of; nothing where it is of something else.
    #[must_use]
    pub fn component(&self) -> Option<&Descriptor> {
        let layer = self.layers.first()?;
        let is_component = self.config.media_type == WASM_CONFIG && layer.media_type == WASM;
        is_component.then_some(layer)
    }
}

/// A list of manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    schema_version: u32,
    media_type: String,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
}

impl Index {
    /// Of these manifests.
    #[must_use]
    pub fn new(manifests: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: INDEX.to_owned(),
            manifests,
        }
    }

    /// The bytes of it.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The config of a component.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WasmConfig<'c> {
    /// RFC 3339.
    pub(crate) created: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<&'c str>,
    pub(crate) architecture: &'static str,
    pub(crate) os: &'static str,
    pub(crate) layer_digests: [&'c str; 1],
    pub(crate) component: ComponentConfig<'c>,
}

#[derive(Serialize)]
pub(crate) struct ComponentConfig<'c> {
    pub(crate) exports: Vec<&'c str>,
    pub(crate) imports: Vec<&'c str>,
    pub(crate) target: Option<()>,
}

/// The tag under which those that refer to a manifest are listed in a registry that has no such list of its own
/// (opencontainers/distribution-spec 1.1, "Referrers Tag Schema").
#[must_use]
pub fn referrers_tag(digest: &str) -> String {
    digest.replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_written_in_one_form_and_read_again() {
        let config = Descriptor::of(WASM_CONFIG, b"{}");
        let layer = Descriptor::of(WASM, b"\0asm").annotated(TITLE, "a.wasm");
        let manifest = Manifest::new(config, vec![layer]);
        assert_eq!(
            String::from_utf8(manifest.json()).unwrap(),
            concat!(
                r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
                r#""config":{"mediaType":"application/vnd.wasm.config.v0+json","#,
                r#""digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"#,
                r#""layers":[{"mediaType":"application/wasm","#,
                r#""digest":"sha256:cd5d4935a48c0672cb06407bb443bc0087aff947c6b864bac886982c73b3027f","size":4,"#,
                r#""annotations":{"org.opencontainers.image.title":"a.wasm"}}]}"#,
            )
        );
        let read: Manifest = serde_json::from_slice(&manifest.json()).unwrap();
        assert_eq!(read, manifest);
        assert_eq!(read.component(), Some(&manifest.layers[0]));
    }

    #[test]
    fn what_is_not_of_a_component_has_none() {
        let other = Manifest::new(
            Descriptor::of(IMAGE_CONFIG, b"{}"),
            vec![Descriptor::of(WASM, b"\0asm")],
        );
        assert_eq!(other.component(), None);
        let empty = Manifest::new(Descriptor::of(WASM_CONFIG, b"{}"), Vec::new());
        assert_eq!(empty.component(), None);
    }
}
