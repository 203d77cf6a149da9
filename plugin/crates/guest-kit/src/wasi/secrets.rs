//! Secrets, revealed by the host.

use crate::{SecretError, SecretValue, Secrets};

use super::bindings::contact_sync::connector::secrets as wit;

/// The host's secrets.
pub struct HostSecrets;

impl Secrets for HostSecrets {
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError> {
        let revealed = wit::get(name).and_then(|secret| secret.reveal());
        match revealed {
            Ok(value) => Ok(SecretValue::new(value)),
            Err(wit::SecretError::NotFound) => Err(SecretError::NotFound),
            Err(wit::SecretError::AccessDenied) => Err(SecretError::AccessDenied),
            Err(wit::SecretError::Unavailable(why) | wit::SecretError::Other(why)) => {
                Err(SecretError::Unavailable(why))
            }
        }
    }
}
