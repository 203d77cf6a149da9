//! The document that `cosign` signs for a manifest in a registry.
//!
//! Red Hat's "simple signing" format, as sigstore/cosign describes it in `specs/SIGNATURE_SPEC.md`. The document
//! and the signature are a layer and its annotation of a manifest of their own, at a tag that is made of the digest
//! ([`tag`]).

use serde::{Deserialize, Serialize};

/// The media type of the document, as a layer.
pub const MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// The annotation of the layer in which the signature is.
pub const ANNOTATION: &str = "dev.cosignproject.cosign/signature";

const TYPE: &str = "cosign container image signature";

/// Why a document does not speak of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAbout {
    /// No such document.
    #[error("what was signed is not a document of simple signing")]
    NotSimpleSigning,
    /// Of another manifest.
    #[error("the signature is of {signed}, and the manifest is {found}")]
    Another {
        /// The digest that was signed.
        signed: String,
        /// The digest that is there.
        found: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Document {
    critical: Critical,
    /// Nothing here; others put what they like in it.
    #[serde(default)]
    optional: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    r#type: String,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference")]
    reference: String,
}

#[derive(Serialize, Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// The document that says that `digest` (`sha256:` and hexadecimal) is what is meant by `reference`, a repository
/// with its registry; empty where that is not known yet.
#[must_use]
pub fn document(reference: &str, digest: &str) -> Vec<u8> {
    let document = Document {
        critical: Critical {
            identity: Identity {
                reference: reference.to_owned(),
            },
            image: Image {
                digest: digest.to_owned(),
            },
            r#type: TYPE.to_owned(),
        },
        optional: None,
    };
    serde_json::to_vec(&document).unwrap_or_default()
}

/// That a document, whose signature was checked, speaks of this manifest. The reference is not compared: a mirror
/// has what was signed elsewhere, and the digest says which it is.
///
/// # Errors
///
/// Where it is no such document, or one of another manifest.
pub fn check(document: &[u8], digest: &str) -> Result<(), NotAbout> {
    let document: Document =
        serde_json::from_slice(document).map_err(|_| NotAbout::NotSimpleSigning)?;
    if document.critical.r#type != TYPE {
        return Err(NotAbout::NotSimpleSigning);
    }
    let signed = document.critical.image.digest;
    if signed != digest {
        return Err(NotAbout::Another {
            signed,
            found: digest.to_owned(),
        });
    }
    Ok(())
}

/// The tag at which the signatures of a manifest are.
#[must_use]
pub fn tag(digest: &str) -> String {
    format!("{}.sig", digest.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_as_cosign_writes_it() {
        // The keys and their order are those of the specification's example; reference and digest are not.
        assert_eq!(
            String::from_utf8(document("registry.example/connector", "sha256:00")).unwrap(),
            r#"{"critical":{"identity":{"docker-reference":"registry.example/connector"},"image":{"docker-manifest-digest":"sha256:00"},"type":"cosign container image signature"},"optional":null}"#
        );
        assert_eq!(tag("sha256:00"), "sha256-00.sig");
    }

    #[test]
    fn a_document_speaks_of_one_manifest() {
        let document = document("", "sha256:00");
        assert_eq!(check(&document, "sha256:00"), Ok(()));
        let error = check(&document, "sha256:01").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the signature is of sha256:00, and the manifest is sha256:01"
        );
        let other = String::from_utf8(document).unwrap();
        let other = other.replace("container image", "something else");
        for text in [&*other, "{}", ""] {
            assert_eq!(
                check(text.as_bytes(), "sha256:00"),
                Err(NotAbout::NotSimpleSigning)
            );
        }
    }
}
