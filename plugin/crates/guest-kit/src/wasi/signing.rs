//! Keys, kept by the host.

use crate::{Certificate, Signer, Signing, SigningError, Timestamp};

use super::bindings::contact_sync::connector::signing as wit;

/// The host's keys.
pub struct HostSigning;

impl Signing for HostSigning {
    fn get(&self, name: &str) -> Result<Box<dyn Signer + '_>, SigningError> {
        let signer = wit::get(name).map_err(failed)?;
        Ok(Box::new(HostSigner(signer)))
    }
}

struct HostSigner(wit::Signer);

impl Signer for HostSigner {
    fn certificate(&self) -> Certificate {
        let certificate = self.0.certificate();
        Certificate {
            thumbprint_sha256: certificate.thumbprint_sha256,
            thumbprint_sha1: certificate.thumbprint_sha1,
            not_before: Timestamp(certificate.not_before_ms),
            not_after: Timestamp(certificate.not_after_ms),
        }
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        self.0.chain()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.0.sign(message).map_err(failed)
    }
}

fn failed(error: wit::SigningError) -> SigningError {
    match error {
        wit::SigningError::NotFound => SigningError::NotFound,
        wit::SigningError::AccessDenied => SigningError::AccessDenied,
        wit::SigningError::NotUsable(why) => SigningError::NotUsable(why),
        wit::SigningError::Expired(at_ms) => SigningError::Expired(Timestamp(at_ms)),
        wit::SigningError::Unavailable(why) | wit::SigningError::Other(why) => {
            SigningError::Unavailable(why)
        }
    }
}
