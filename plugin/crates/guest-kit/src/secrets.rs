//! Secrets by name.

use thiserror::Error;

/// A secret's value. It has no `Debug` and no `Display`, so that it cannot reach a log by accident.
pub struct SecretValue(String);

impl SecretValue {
    /// Takes a value as the host revealed it.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one request that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a secret is not given. Says nothing about its value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// No secret of that name.
    #[error("the host has no secret of this name")]
    NotFound,
    /// The host does not give it to this connector.
    #[error("the host does not give this secret to the connector")]
    AccessDenied,
    /// The host cannot give it now.
    #[error("the host cannot give this secret now: {0}")]
    Unavailable(String),
}

/// Secrets by name.
pub trait Secrets {
    /// The value of a secret.
    ///
    /// # Errors
    ///
    /// Where the host does not give it.
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError>;
}
