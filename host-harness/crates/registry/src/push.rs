//! A package is given to a registry.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, StatusCode};
use packaging::oci::{self, Descriptor, Index, Manifest, REFERENCE};

use crate::client::{Asked, Client, expect};
use crate::error::RegistryError;
use crate::reference::{Target, is_digest, is_tag};
use crate::transport::Transport;

/// The most bytes of an answer to what is given; there is nothing in it that is wanted.
const LARGEST_ANSWER: u64 = 1 << 20;

/// The image layout of a package, wherever it is.
pub trait Layout {
    /// A file of it, by its path: `index.json`, `blobs/sha256/…`. The failure is a sentence.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    fn file(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// What was given to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of the component's manifest.
    pub digest: String,
    /// Its tag.
    pub tag: String,
    /// How many manifests there are with it.
    pub manifests: usize,
}

impl<T: Transport> Client<T> {
    /// Gives a layout to the repository: each manifest with what it names, byte for byte. The component gets `tag`, or
    /// the one that it has in the layout.
    ///
    /// # Errors
    ///
    /// Where the layout is none, and where the registry does not take it.
    pub async fn push(
        &self,
        layout: &impl Layout,
        tag: Option<&str>,
    ) -> Result<Pushed, RegistryError> {
        let read = |path: &str| layout.file(path).map_err(RegistryError::Layout);
        let index: Index = serde_json::from_slice(&read("index.json")?)
            .map_err(|error| RegistryError::Layout(error.to_string()))?;
        let mut pushed = None;
        let mut given = BTreeSet::new();
        for descriptor in &index.manifests {
            let bytes = blob(layout, descriptor)?;
            let manifest: Manifest = serde_json::from_slice(&bytes)
                .map_err(|error| RegistryError::Layout(error.to_string()))?;
            for part in manifest.layers.iter().chain([&manifest.config]) {
                if given.insert(part.digest.clone()) {
                    self.push_blob(part, blob(layout, part)?).await?;
                }
            }
            let named = descriptor.annotations.get(REFERENCE).map(String::as_str);
            let named = match manifest.component() {
                Some(_) => tag.or(named),
                None => named,
            };
            if manifest.component().is_some() && pushed.is_none() {
                pushed = Some(Pushed {
                    digest: descriptor.digest.clone(),
                    tag: named.unwrap_or_default().to_owned(),
                    manifests: index.manifests.len(),
                });
            }
            let target = match named {
                Some(tag) if !is_tag(tag) => {
                    return Err(RegistryError::Layout(format!("{tag:?} is no tag")));
                }
                Some(tag) => Target::Tag(tag.to_owned()),
                None => Target::Digest(descriptor.digest.clone()),
            };
            let subject = manifest.subject.as_ref();
            if let Some(subject) = subject.filter(|subject| !is_digest(&subject.digest)) {
                let digest = &subject.digest;
                return Err(RegistryError::Layout(format!("{digest:?} is no digest")));
            }
            let lists = self.push_manifest(&target, oci::MANIFEST, bytes).await?;
            if let (Some(subject), false) = (&manifest.subject, lists) {
                self.refer(&subject.digest, descriptor, &manifest).await?;
            }
        }
        pushed.ok_or_else(|| RegistryError::Layout("there is no component in it".to_owned()))
    }

    async fn push_blob(&self, part: &Descriptor, bytes: Vec<u8>) -> Result<(), RegistryError> {
        let asked = |method, url, body| Asked {
            method,
            url,
            accept: None,
            content_type: Some("application/octet-stream"),
            body,
            most_bytes: LARGEST_ANSWER,
        };
        let url = self.url(&format!("blobs/{}", part.digest))?;
        let there = self.send(asked(Method::HEAD, url, Bytes::new())).await?;
        if there.status() == StatusCode::OK {
            return Ok(());
        }
        let url = self.url("blobs/uploads/")?;
        let begun = self
            .send(asked(Method::POST, url.clone(), Bytes::new()))
            .await?;
        expect(&begun, StatusCode::ACCEPTED, "the beginning of an upload")?;
        let mut place = self.location(&url, &begun)?;
        place.query_pairs_mut().append_pair("digest", &part.digest);
        let done = self.send(asked(Method::PUT, place, bytes.into())).await?;
        expect(&done, StatusCode::CREATED, "an upload")
    }

    /// Whether the registry lists by itself what refers to another manifest.
    pub(crate) async fn push_manifest(
        &self,
        target: &Target,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> Result<bool, RegistryError> {
        let answer = self.send(Asked {
            method: Method::PUT,
            url: self.url(&format!("manifests/{}", target.path()))?,
            accept: None,
            content_type: Some(media_type),
            body: bytes.into(),
            most_bytes: LARGEST_ANSWER,
        });
        let answer = answer.await?;
        expect(&answer, StatusCode::CREATED, "a manifest")?;
        Ok(answer.headers().contains_key("oci-subject"))
    }
}

/// A blob of the layout, which is what its name says.
fn blob(layout: &impl Layout, descriptor: &Descriptor) -> Result<Vec<u8>, RegistryError> {
    // What becomes a path is a digest and nothing else.
    if !is_digest(&descriptor.digest) {
        return Err(RegistryError::Layout("a digest in it is none".to_owned()));
    }
    let path = format!("blobs/{}", descriptor.digest.replace(':', "/"));
    let bytes = layout.file(&path).map_err(RegistryError::Layout)?;
    if oci::digest(&bytes) != descriptor.digest {
        return Err(RegistryError::Layout(format!(
            "{path} is not what its name says"
        )));
    }
    Ok(bytes)
}
