//! The list of what refers to a manifest, for registries that keep none.
//!
//! They are told by their answer: one that keeps it says so by `OCI-Subject` when it is given a manifest with a subject
//! (distribution-spec 1.1, "Pushing Manifests with Subject"). For the others whoever gives a manifest keeps the list,
//! at a tag. Distribution 2.8 is one of them.

use packaging::oci::{self, Descriptor, Index, Manifest, referrers_tag};

use crate::client::Client;
use crate::error::RegistryError;
use crate::reference::Target;
use crate::transport::Transport;

impl<T: Transport> Client<T> {
    /// Notes that `manifest`, with this descriptor, refers to `subject`.
    pub(crate) async fn refer(
        &self,
        subject: &str,
        descriptor: &Descriptor,
        manifest: &Manifest,
    ) -> Result<(), RegistryError> {
        let tag = Target::Tag(referrers_tag(subject));
        let mut index = match self.manifest(&tag, oci::INDEX).await? {
            Some(found) => serde_json::from_slice(&found.bytes)
                .map_err(|_| RegistryError::Form("list of referrers"))?,
            None => Index::new(Vec::new()),
        };
        let mut known = index.manifests.iter();
        if known.any(|known| known.digest == descriptor.digest) {
            return Ok(());
        }
        index.manifests.push(Descriptor {
            artifact_type: manifest.artifact_type.clone(),
            annotations: manifest.annotations.clone(),
            ..descriptor.clone()
        });
        self.push_manifest(&tag, oci::INDEX, index.json()).await?;
        Ok(())
    }
}
