//! Everything that is given away, as files.

use std::fmt::Write as _;

use connector_contract::Description;
use inspection::Inspection;
use serde_json::Value;
use signatures::{NothingRandom, PrivateKey};

use crate::layout::{Layout, annotation};
use crate::linked::Linked;
use crate::manifest::{Limits, PermissionManifest, SCHEMA, SCHEMA_FILE};
use crate::metadata::Metadata;
use crate::oci::{self, ComponentConfig, Index, Manifest, WasmConfig};
use crate::sections::stamp;
use crate::{COMPONENT_FILE, LAYOUT_FOLDER, SIGNATURE_SUFFIX};
use crate::{provenance, sbom, wit};

/// What is packaged.
#[derive(Debug)]
pub struct Release<'r> {
    /// The component, as it was built.
    pub component: &'r [u8],
    /// What it is.
    pub inspection: &'r Inspection,
    /// What it says of itself.
    pub description: &'r Description,
    /// What is told about it; name and version are its own.
    pub metadata: Metadata,
    /// What one call of it may use.
    pub limits: Limits,
    /// What is linked into it.
    pub linked: &'r [Linked],
    /// Who packages it, as a URI.
    pub builder: Option<&'r str>,
    /// When, as RFC 3339; the same time gives the same bytes.
    pub created: &'r str,
    /// What signs it.
    pub key: Option<&'r PrivateKey>,
    /// The repository for which it is signed, with its registry; empty where that is not known.
    pub repository: &'r str,
}

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Below the package's folder, with `/`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The files of a package, in the order of a reader.
///
/// # Errors
///
/// Where something is to be signed, and the system gives no random numbers.
pub fn package(release: &Release<'_>) -> Result<Vec<File>, NothingRandom> {
    let metadata = Metadata {
        name: Some(release.description.name.clone()),
        version: Some(release.description.version.clone()),
        ..release.metadata.clone()
    };
    let manifest = PermissionManifest::of(release.inspection, release.description, release.limits);
    let component = stamp(release.component, &metadata, &manifest);
    let digest = oci::digest(&component);
    let hexadecimal = digest.trim_start_matches("sha256:");
    let sbom = pretty(&sbom::document(&metadata, hexadecimal, release.linked));
    let (builder, linked) = (release.builder, release.linked);
    let provenance = provenance::statement(COMPONENT_FILE, hexadecimal, &metadata, builder, linked);
    let provenance = pretty(&provenance);

    let mut files = Vec::new();
    let mut add = |path: &str, bytes: &[u8]| {
        files.push(File {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
        });
    };
    add(COMPONENT_FILE, &component);
    let of_file = release.key.map(|key| key.sign(&component)).transpose()?;
    if let Some(signature) = &of_file {
        let text = format!("{signature}\n");
        add(
            &format!("{COMPONENT_FILE}{SIGNATURE_SUFFIX}"),
            text.as_bytes(),
        );
    }
    add("permissions.json", &manifest.pretty());
    add(SCHEMA_FILE, SCHEMA.as_bytes());
    add(SBOM_FILE, &sbom);
    add(PROVENANCE_FILE, &provenance);
    for (path, text) in wit::FILES {
        add(&format!("wit/{path}"), text.as_bytes());
    }
    let mut layout = layout(release, &metadata, &component, &sbom, &provenance);
    if let (Some(key), Some(of_file)) = (release.key, &of_file) {
        layout.sign(key, release.repository, of_file)?;
    }
    for (path, bytes) in layout.finish() {
        add(&format!("{LAYOUT_FOLDER}/{path}"), &bytes);
    }
    let sums = sums(&files);
    files.push(File {
        path: "SHA256SUMS".to_owned(),
        bytes: sums.into_bytes(),
    });
    Ok(files)
}

/// The digest of the component's manifest, by which a registry knows it.
#[must_use]
pub fn manifest_digest(files: &[File]) -> Option<String> {
    let index = format!("{LAYOUT_FOLDER}/index.json");
    let index = files.iter().find(|file| file.path == index)?;
    let index: Index = serde_json::from_slice(&index.bytes).ok()?;
    let component = index.manifests.into_iter().next()?;
    Some(component.digest)
}

const SBOM_FILE: &str = "sbom.cdx.json";
const PROVENANCE_FILE: &str = "provenance.json";

/// As `sha256sum --check` reads it.
fn sums(files: &[File]) -> String {
    files.iter().fold(String::new(), |mut sums, file| {
        let digest = oci::digest(&file.bytes);
        let digest = digest.trim_start_matches("sha256:");
        // Nothing goes wrong in writing to a text.
        let _ = writeln!(sums, "{digest}  {}", file.path);
        sums
    })
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).unwrap_or_default();
    json.push(b'\n');
    json
}

fn layout(
    release: &Release<'_>,
    metadata: &Metadata,
    component: &[u8],
    sbom: &[u8],
    provenance: &[u8],
) -> Layout {
    let mut layout = Layout::default();
    let layer = layout
        .blob(oci::WASM, component)
        .annotated(oci::TITLE, COMPONENT_FILE);
    let config = config(release, metadata, &layer.digest);
    let config = layout.blob(oci::WASM_CONFIG, &config);
    let mut manifest = Manifest::new(config, vec![layer]);
    manifest.annotations = annotation("created", release.created);
    if let Some(name) = &metadata.name {
        manifest.annotations.extend(annotation("title", name));
    }
    let told = metadata.told();
    let told = told.map(|(_, annotation, value)| (annotation.to_owned(), value.to_owned()));
    manifest.annotations.extend(told);
    let subject = layout.manifest(&manifest);
    let tag = metadata.version.clone().unwrap_or_default();
    layout.tag(subject.clone(), &tag);
    for (media_type, file, bytes) in [
        (sbom::MEDIA_TYPE, SBOM_FILE, sbom),
        (provenance::MEDIA_TYPE, PROVENANCE_FILE, provenance),
    ] {
        layout.referrer(&subject, media_type, file, bytes, release.created);
    }
    layout
}

fn config(release: &Release<'_>, metadata: &Metadata, layer: &str) -> Vec<u8> {
    let imports = release.inspection.imports.values().flatten();
    let config = WasmConfig {
        created: release.created,
        author: metadata.authors.as_deref(),
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [layer],
        component: ComponentConfig {
            exports: release
                .inspection
                .exports
                .iter()
                .map(String::as_str)
                .collect(),
            imports: imports.map(String::as_str).collect(),
            target: None,
        },
    };
    serde_json::to_vec(&config).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connector_contract::{Endpoint, Permission};
    use serde_json::json;
    use signatures::{PublicKey, Signature, simple_signing, testing};

    use super::*;
    use crate::linked::tests::list;
    use crate::manifest::tests::manifest;
    use crate::read;

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn description() -> Description {
        Description {
            name: "A connector".to_owned(),
            version: "0.1.0".to_owned(),
            configuration_schema: "{}".to_owned(),
            attributes: Vec::new(),
            permissions: vec![Permission {
                name: "User.Read.All".to_owned(),
                why: "reads people".to_owned(),
                optional: false,
            }],
            endpoints: vec![Endpoint {
                cloud: "global".to_owned(),
                host: "graph.microsoft.com".to_owned(),
                why: "reads people".to_owned(),
            }],
            codes: Vec::new(),
        }
    }

    fn files(key: Option<&PrivateKey>) -> BTreeMap<String, Vec<u8>> {
        let export = "contact-sync:connector/connector@0.2.0".to_owned();
        let import = "wasi:io/poll@0.2.6".to_owned();
        let packaged = package(&Release {
            component: EMPTY,
            inspection: &Inspection::of(EMPTY, &[import], &[export]),
            description: &description(),
            metadata: Metadata {
                licenses: Some("MIT".to_owned()),
                ..Metadata::default()
            },
            limits: manifest().limits,
            linked: &list(),
            builder: None,
            created: "1970-01-01T00:00:00Z",
            key,
            repository: "registry.example/connector",
        });
        let packaged = packaged.unwrap().into_iter();
        packaged.map(|file| (file.path, file.bytes)).collect()
    }

    fn json(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    /// A blob of the layout, which is what its name says.
    fn blob<'f>(files: &'f BTreeMap<String, Vec<u8>>, descriptor: &Value) -> &'f [u8] {
        let digest = descriptor["digest"].as_str().unwrap();
        let bytes = &files[&format!("oci/blobs/{}", digest.replace(':', "/"))];
        assert_eq!(oci::digest(bytes), digest);
        assert_eq!(descriptor["size"], bytes.len());
        bytes
    }

    #[test]
    fn the_same_release_is_the_same_bytes() {
        assert_eq!(files(None), files(None));
    }

    #[test]
    fn the_layout_has_the_component_and_what_refers_to_it() {
        let files = files(None);
        let index = json(&files["oci/index.json"]);
        let manifests = index["manifests"].as_array().unwrap();
        assert_eq!(manifests.len(), 3);
        assert_eq!(manifests[0]["annotations"][oci::REFERENCE], "0.1.0");
        let manifest = json(blob(&files, &manifests[0]));
        assert_eq!(manifest.get("artifactType"), None);
        assert_eq!(
            manifest["annotations"]["org.opencontainers.image.licenses"],
            "MIT"
        );
        let config = json(blob(&files, &manifest["config"]));
        assert_eq!(config["layerDigests"][0], manifest["layers"][0]["digest"]);
        assert_eq!(
            config["component"]["imports"],
            json!(["wasi:io/poll@0.2.6"])
        );
        assert_eq!(blob(&files, &manifest["layers"][0]), files[COMPONENT_FILE]);
        for (place, file) in [(1, SBOM_FILE), (2, PROVENANCE_FILE)] {
            let referrer = json(blob(&files, &manifests[place]));
            assert_eq!(referrer["subject"]["digest"], manifests[0]["digest"]);
            assert_eq!(referrer["artifactType"], manifests[place]["artifactType"]);
            assert_eq!(blob(&files, &referrer["config"]), b"{}");
            assert_eq!(blob(&files, &referrer["layers"][0]), files[file]);
        }
    }

    #[test]
    fn the_file_says_itself_what_lies_beside_it() {
        let files = files(None);
        let told = read(&files[COMPONENT_FILE]).unwrap();
        let beside = PermissionManifest::read(&files["permissions.json"]).unwrap();
        assert_eq!(told.manifest, Some(beside));
        assert_eq!(told.metadata.version.as_deref(), Some("0.1.0"));
        let sbom = json(&files[SBOM_FILE]);
        let digest = oci::digest(&files[COMPONENT_FILE]);
        let hash = &sbom["metadata"]["component"]["hashes"][0]["content"];
        assert_eq!(format!("sha256:{}", hash.as_str().unwrap()), digest);
        let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        assert_eq!(sums.lines().count(), files.len() - 1);
    }

    #[test]
    fn a_key_signs_the_file_and_the_manifest() {
        let (private, public) = testing::pair();
        let files = files(Some(&PrivateKey::read(&private).unwrap()));
        let public = PublicKey::read(&public).unwrap();
        let verify = |signed: &[u8], text: &str| {
            let signature: Signature = text.parse().unwrap();
            public.verify(signed, &signature).unwrap();
        };
        let beside = &files["entra_connector.wasm.sig"];
        verify(&files[COMPONENT_FILE], std::str::from_utf8(beside).unwrap());
        let index = json(&files["oci/index.json"]);
        let digest = index["manifests"][0]["digest"].as_str().unwrap();
        let signed = &index["manifests"][3];
        assert_eq!(
            signed["annotations"][oci::REFERENCE],
            simple_signing::tag(digest)
        );
        let layer = &json(blob(&files, signed))["layers"][0];
        let document = blob(&files, layer);
        verify(
            document,
            layer["annotations"][simple_signing::ANNOTATION]
                .as_str()
                .unwrap(),
        );
        simple_signing::check(document, digest).unwrap();
    }
}
