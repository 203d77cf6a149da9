//! The credentials of a workspace for one last call: the records forget them at once, and here they are until the
//! directory was told that nobody wants to hear of changes any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_contract::imports::{Secret, Secrets, SecretsInMemory, Signer, Signing};
use connector_contract::{SecretError, SigningError};

use super::sealed_secrets::SealedSecrets;
use crate::settings::Settings;

/// Secrets and keys that were taken before they were forgotten.
pub(crate) struct LastUse {
    secrets: SecretsInMemory,
    keys: BTreeMap<String, Arc<dyn Signer>>,
}

impl LastUse {
    /// What a connection signs in with, as far as it is there; nothing where none of it is.
    pub(crate) fn of(connection: &Settings, sealed: &SealedSecrets) -> Option<Self> {
        let names = connection.credential_names();
        let secrets = names.secrets.into_iter().filter_map(|name| {
            let secret = Secrets::get(sealed, &name).ok()?;
            Some((name, secret.reveal().ok()?))
        });
        let secrets: BTreeMap<_, _> = secrets.collect();
        let keys = names.keys.into_iter().filter_map(|name| {
            let key = Signing::get(sealed, &name).ok()?;
            Some((name, key))
        });
        let keys: BTreeMap<_, _> = keys.collect();
        (!secrets.is_empty() || !keys.is_empty()).then(|| Self {
            secrets: SecretsInMemory::new(secrets),
            keys,
        })
    }
}

impl Secrets for LastUse {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        self.secrets.get(name)
    }
}

impl Signing for LastUse {
    fn get(&self, name: &str) -> Result<Arc<dyn Signer>, SigningError> {
        self.keys.get(name).cloned().ok_or(SigningError::NotFound)
    }
}
