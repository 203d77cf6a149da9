//! A component is taken from a registry.

use packaging::oci::{self, Manifest};
use signatures::{PublicKey, Signature, simple_signing};

use crate::client::{Client, Found};
use crate::error::RegistryError;
use crate::reference::Target;
use crate::transport::Transport;

/// The most bytes of a document that was signed; those of `cosign` have some hundred.
const LARGEST_DOCUMENT: u64 = 1 << 20;

/// A component that came from a registry, and is what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The file.
    pub component: Vec<u8>,
    /// The digest of its manifest, by which it is had again.
    pub digest: String,
    /// The signature of the file, where it came with that of the manifest and is right.
    pub signature: Option<Signature>,
}

impl<T: Transport> Client<T> {
    /// Takes the component of `target`, of at most so many bytes. With `key`, only one whose manifest its owner
    /// signed; the signature is checked before the component is asked for.
    ///
    /// # Errors
    ///
    /// See [`RegistryError`]; one that came with another digest is none of what is given back.
    pub async fn pull(
        &self,
        target: &Target,
        most_bytes: u64,
        key: Option<&PublicKey>,
    ) -> Result<Pulled, RegistryError> {
        let Found { bytes, digest } = self.found(target).await?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|_| RegistryError::Form("manifest"))?;
        let named = || format!("{}@{digest}", self.place().place());
        let layer = manifest
            .component()
            .ok_or_else(|| RegistryError::NotAComponent(named()))?;
        if layer.size > most_bytes {
            return Err(RegistryError::TooLarge {
                found: layer.size,
                most: most_bytes,
            });
        }
        let told = match key {
            Some(key) => self.signature(&digest, key).await?,
            None => None,
        };
        let component = self.blob(layer).await?.to_vec();
        if let (Some(key), Some(signature)) = (key, &told) {
            key.verify(&component, signature)?;
        }
        Ok(Pulled {
            component,
            digest,
            signature: told,
        })
    }

    async fn found(&self, target: &Target) -> Result<Found, RegistryError> {
        let found = self.manifest(target, oci::MANIFEST).await?;
        found.ok_or_else(|| RegistryError::NotFound(format!("manifest {}", target.path())))
    }

    /// That the owner of `key` signed the manifest with this digest. Gives the signature of the file that lies with it.
    async fn signature(
        &self,
        digest: &str,
        key: &PublicKey,
    ) -> Result<Option<Signature>, RegistryError> {
        let tag = Target::Tag(simple_signing::tag(digest));
        let found = self.manifest(&tag, oci::MANIFEST).await?;
        let found = found.ok_or_else(|| RegistryError::Unsigned(digest.to_owned()))?;
        let signed: Manifest =
            serde_json::from_slice(&found.bytes).map_err(|_| RegistryError::Form("signature"))?;
        // There may be several, of several people: one has to be of the key.
        for layer in &signed.layers {
            let text = layer.annotations.get(simple_signing::ANNOTATION);
            let signature = text.and_then(|text| text.parse::<Signature>().ok());
            let (Some(signature), true) = (signature, layer.size <= LARGEST_DOCUMENT) else {
                continue;
            };
            let document = self.blob(layer).await?;
            if key.verify(&document, &signature).is_ok() {
                simple_signing::check(&document, digest)?;
                let of_file = layer.annotations.get(oci::FILE_SIGNATURE);
                return Ok(of_file.and_then(|text| text.parse().ok()));
            }
        }
        Err(RegistryError::Foreign {
            digest: digest.to_owned(),
            key: key.fingerprint(),
        })
    }
}
