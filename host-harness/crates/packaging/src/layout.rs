//! An OCI image layout: blobs by their digests, and a list of manifests.

use serde_json::json;
use signatures::{NothingRandom, PrivateKey, Signature, simple_signing};

use crate::oci::{self, Annotations, Descriptor, Index, Manifest};

/// An image layout (opencontainers/image-spec 1.1, `image-layout.md`) as it grows.
#[derive(Default)]
pub(crate) struct Layout {
    /// By path.
    blobs: Vec<(String, Vec<u8>)>,
    /// The list; the component comes first.
    manifests: Vec<Descriptor>,
}

impl Layout {
    /// Keeps bytes under their digest.
    pub(crate) fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Descriptor {
        let descriptor = Descriptor::of(media_type, bytes);
        let path = format!("blobs/{}", descriptor.digest.replace(':', "/"));
        if !self.blobs.iter().any(|(known, _)| *known == path) {
            self.blobs.push((path, bytes.to_vec()));
        }
        descriptor
    }

    /// Keeps a manifest, which the list does not have yet.
    pub(crate) fn manifest(&mut self, manifest: &Manifest) -> Descriptor {
        let descriptor = self.blob(oci::MANIFEST, &manifest.json());
        Descriptor {
            artifact_type: manifest.artifact_type.clone(),
            ..descriptor
        }
    }

    /// Lists a manifest under a tag.
    pub(crate) fn tag(&mut self, manifest: Descriptor, tag: &str) {
        self.manifests.push(manifest.annotated(oci::REFERENCE, tag));
    }

    /// A document that belongs to a manifest.
    pub(crate) fn referrer(
        &mut self,
        subject: &Descriptor,
        media_type: &str,
        file: &str,
        bytes: &[u8],
        created: &str,
    ) {
        let layer = self.blob(media_type, bytes).annotated(oci::TITLE, file);
        let config = self.blob(oci::EMPTY, b"{}");
        let mut manifest = Manifest::new(config, vec![layer]);
        manifest.artifact_type = Some(media_type.to_owned());
        manifest.subject = Some(subject.clone());
        manifest.annotations = annotation("created", created);
        let descriptor = self.manifest(&manifest);
        self.manifests.push(descriptor);
    }

    /// Signs the component's manifest, and keeps the signature as `cosign` does: as an image whose layer is the document
    /// that was signed. The signature of the file goes with it.
    pub(crate) fn sign(
        &mut self,
        key: &PrivateKey,
        repository: &str,
        of_file: &Signature,
    ) -> Result<(), NothingRandom> {
        let Some(component) = self.manifests.first() else {
            return Ok(());
        };
        let digest = component.digest.clone();
        let document = simple_signing::document(repository, &digest);
        let signature = key.sign(&document)?.to_string();
        let layer = self
            .blob(simple_signing::MEDIA_TYPE, &document)
            .annotated(simple_signing::ANNOTATION, &signature)
            .annotated(oci::FILE_SIGNATURE, &of_file.to_string());
        let config = json!({
            "architecture": "",
            "config": {},
            "os": "",
            "rootfs": { "type": "layers", "diff_ids": [layer.digest] },
        });
        let config = self.blob(oci::IMAGE_CONFIG, config.to_string().as_bytes());
        let manifest = self.manifest(&Manifest::new(config, vec![layer]));
        self.tag(manifest, &simple_signing::tag(&digest));
        Ok(())
    }

    /// The files of it, by their paths.
    pub(crate) fn finish(self) -> Vec<(String, Vec<u8>)> {
        let version = json!({ "imageLayoutVersion": "1.0.0" });
        let mut files = vec![
            ("oci-layout".to_owned(), version.to_string().into_bytes()),
            ("index.json".to_owned(), Index::new(self.manifests).json()),
        ];
        files.extend(self.blobs);
        files
    }
}

/// An annotation of the image specification.
pub(crate) fn annotation(name: &str, value: &str) -> Annotations {
    [(format!("org.opencontainers.image.{name}"), value.to_owned())].into()
}
