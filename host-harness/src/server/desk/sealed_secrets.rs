//! The secrets of a workspace, as the connector gets them: opened for one use, and each use noted first.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::contract::SecretError;
use crate::runtime::imports::{Secret, Secrets};
use crate::server::books::Act;
use crate::server::host::Host;
use crate::vault::Place;

/// Opens the secrets of one workspace.
pub(super) struct SealedSecrets {
    pub(super) host: Arc<Host>,
    pub(super) workspace: String,
}

impl Secrets for SealedSecrets {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        let unavailable =
            |error: &dyn std::fmt::Display| SecretError::Unavailable(error.to_string());
        let stored = self
            .host
            .books
            .secret(&self.workspace, name)
            .map_err(|error| unavailable(&error))?
            .ok_or(SecretError::NotFound)?;
        let place = Place {
            workspace: &self.workspace,
            name,
        };
        let value = self
            .host
            .unseal(place, &stored.sealed)
            .map_err(|error| unavailable(&error))?;
        let act = Act {
            at_ms: self.host.now_ms(),
            who: "connector",
            action: "secret-used",
            subject: Some(name),
        };
        self.host
            .books
            .note(Some(&self.workspace), act)
            .map_err(|error| unavailable(&error))?;
        Ok(Box::new(Opened(value)))
    }
}

/// Wiped from memory when the connector drops its handle.
struct Opened(SecretString);

impl Secret for Opened {
    fn reveal(&self) -> String {
        self.0.expose_secret().to_owned()
    }
}
