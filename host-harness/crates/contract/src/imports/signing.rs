//! Signatures, by the name of a key: a component gets a handle, and never the key.

use std::sync::Arc;

use crate::{Certificate, SigningError};

/// Gives out keys that sign: interface `signing` of the contract. What keeps the keys may be far away, as a
/// hardware security module is: all methods may block, and are called where that is right. `get` and `sign`
/// together are called at most `Limits::secret_uses` times in a call.
pub trait Signing: Send + Sync {
    /// The key of this name.
    ///
    /// # Errors
    ///
    /// Where there is none, or it is not for this connector.
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError>;
}

/// One key with its certificate, held for one call.
pub trait Signer: Send + Sync {
    /// The key's certificate.
    fn certificate(&self) -> Certificate;

    /// The certificate and those that issued it, in DER, the certificate first.
    fn chain(&self) -> Vec<Vec<u8>>;

    /// The signature of a message by PS256 (RFC 7518, section 3.5); noted, where uses are noted, before it is made.
    ///
    /// # Errors
    ///
    /// Where it is not made.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// Has no key at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSigning;

impl Signing for NoSigning {
    fn get(&self, _name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        Err(SigningError::NotFound)
    }
}

/// What stands behind a component's `signer` handle.
pub struct SignerHandle(pub Arc<dyn Signer>);
