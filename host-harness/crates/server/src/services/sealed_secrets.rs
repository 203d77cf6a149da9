//! The secrets of a workspace, as the connector gets them: opened for one use, and each use noted first.

use std::sync::Arc;

use connector_contract::SecretError;
use connector_contract::imports::{Secret, Secrets};
use secrecy::{ExposeSecret as _, SecretString};
use vault::{OpenError, SecretScope};

use crate::app::App;
use crate::secret_keys::UnsealError;

/// Opens the secrets of one workspace.
pub(crate) struct SealedSecrets {
    pub(crate) app: Arc<App>,
    pub(crate) workspace: String,
}

impl SealedSecrets {
    /// As it is stored now. Where it was sealed anew between being read and being opened, with keys of
    /// which the former are gone by now, it is read once more.
    fn open(&self, name: &str) -> Result<SecretString, SecretError> {
        let opened = match self.unseal(name)? {
            Err(UnsealError::Closed(OpenError::UnknownKey { .. })) => self.unseal(name)?,
            opened => opened,
        };
        opened.map_err(|error| match error {
            UnsealError::Keys(error) => {
                tracing::error!(%error, "opening a secret failed");
                SecretError::Unavailable(
                    "the server's keys cannot be used; whoever operates the server finds the reason in its log"
                        .to_owned(),
                )
            }
            other => unavailable(&other),
        })
    }

    fn unseal(&self, name: &str) -> Result<Result<SecretString, UnsealError>, SecretError> {
        let db = &self.app.db;
        // First, so that one that is set meanwhile is no older one.
        let newest = db.newest_secret(&self.workspace, name);
        let newest = newest.map_err(|error| unavailable(&error))?;
        let stored = db.secret(&self.workspace, name);
        let stored = stored.map_err(|error| unavailable(&error))?;
        let stored = stored.ok_or(SecretError::NotFound)?;
        if stored.version < newest {
            tracing::error!(workspace = self.workspace, name, "secret rolled back");
            return Err(SecretError::Unavailable(
                "the stored secret is not the one that was set last: set it again".to_owned(),
            ));
        }
        let scope = SecretScope {
            workspace: &self.workspace,
            name,
            version: stored.version,
        };
        Ok(self.app.keys.unseal(scope, &stored.sealed))
    }
}

fn unavailable(error: &dyn std::fmt::Display) -> SecretError {
    SecretError::Unavailable(error.to_string())
}

impl Secrets for SealedSecrets {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        let value = self.open(name)?;
        let event = self.app.event("connector", "secret-used", Some(name));
        self.app
            .db
            .note(Some(&self.workspace), event)
            .map_err(|error| unavailable(&error))?;
        Ok(Box::new(OpenSecret(value)))
    }
}

/// Wiped from memory when the connector drops its handle.
struct OpenSecret(SecretString);

impl Secret for OpenSecret {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok(self.0.expose_secret().to_owned())
    }
}
