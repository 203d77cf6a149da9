//! Secrets, revealed by the host.

use crate::ports::{SecretError, SecretValue, Secrets};

use super::bindings::imports::secrets as wit;

/// The host's secrets.
pub(super) struct HostSecrets;

impl Secrets for HostSecrets {
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError> {
        match wit::get(name) {
            Ok(secret) => Ok(SecretValue::new(secret.reveal())),
            Err(wit::SecretError::NotFound) => Err(SecretError::NotFound),
            Err(wit::SecretError::AccessDenied) => Err(SecretError::AccessDenied),
            Err(wit::SecretError::Unavailable(why) | wit::SecretError::Other(why)) => {
                Err(SecretError::Unavailable(why))
            }
        }
    }
}
