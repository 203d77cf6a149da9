//! Signatures with keys that the host keeps.

use thiserror::Error;

use crate::Timestamp;

/// The certificate of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 over its DER.
    pub thumbprint_sha256: Vec<u8>,
    /// SHA-1 over its DER, for people.
    pub thumbprint_sha1: Vec<u8>,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ceases to be.
    pub not_after: Timestamp,
}

/// Why there is no key, or no signature. Holds nothing of a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SigningError {
    /// No key of that name.
    #[error("the host has no key of this name")]
    NotFound,
    /// The host does not sign for this connector.
    #[error("the host does not sign with this key for the connector")]
    AccessDenied,
    /// What the host has cannot be used for that, and why.
    #[error("{0}")]
    NotUsable(String),
    /// The certificate has expired.
    #[error("its certificate has expired")]
    Expired(Timestamp),
    /// The host cannot sign now.
    #[error("the host cannot sign now: {0}")]
    Unavailable(String),
}

/// One key with its certificate; both stay what they are while it is held.
pub trait Signer {
    /// The key's certificate.
    fn certificate(&self) -> Certificate;

    /// The certificate and those that issued it, in DER, the certificate first.
    fn chain(&self) -> Vec<Vec<u8>>;

    /// The signature of a message by PS256 (RFC 7518, section 3.5).
    ///
    /// # Errors
    ///
    /// Where the host does not sign.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// Keys by name.
pub trait Signing {
    /// The key of that name.
    ///
    /// # Errors
    ///
    /// Where the host has none, or does not give it.
    fn get(&self, name: &str) -> Result<Box<dyn Signer + '_>, SigningError>;
}

/// Has no key.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSigning;

impl Signing for NoSigning {
    fn get(&self, _: &str) -> Result<Box<dyn Signer + '_>, SigningError> {
        Err(SigningError::NotFound)
    }
}
