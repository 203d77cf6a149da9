//! Secrets, by name: a component gets a handle, and the value only where it reveals it.

use crate::SecretError;
use std::collections::BTreeMap;
use std::fmt;

/// Gives out secrets: interface `secrets` of the contract. Both methods are called on the
/// executor, so they must not wait for long, and together at most
/// `Limits::secret_uses` times in a call.
pub trait Secrets: Send + Sync {
    /// A handle to the secret of this name.
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError>;
}

/// One secret, held for one call. Dropped when the component drops its handle, and at the latest
/// with the call; a platform wipes its memory there.
pub trait Secret: Send {
    /// The value. Called each time the component asks for it.
    ///
    /// # Errors
    ///
    /// Where it cannot be opened now.
    fn reveal(&self) -> Result<String, SecretError>;
}

/// Has no secret at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _name: &str) -> Result<Box<dyn Secret>, SecretError> {
        Err(SecretError::NotFound)
    }
}

/// Secrets in memory: for tests and local runs.
#[derive(Clone, Default)]
pub struct SecretsInMemory(BTreeMap<String, String>);

impl SecretsInMemory {
    /// Secrets by name.
    pub fn new<N, V>(secrets: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let secrets = secrets
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self(secrets.collect())
    }
}

/// Shows the names only.
impl fmt::Debug for SecretsInMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Secrets for SecretsInMemory {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        let value = self.0.get(name).ok_or(SecretError::NotFound)?;
        Ok(Box::new(InMemory(value.clone())))
    }
}

struct InMemory(String);

impl Secret for InMemory {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok(self.0.clone())
    }
}

/// What stands behind a component's `secret` handle.
pub struct SecretHandle(Box<dyn Secret>);

impl SecretHandle {
    /// A handle to a secret, for the runtime's table of resources.
    pub fn new(secret: Box<dyn Secret>) -> Self {
        Self(secret)
    }

    /// The value, as [`Secret::reveal`] gives it.
    ///
    /// # Errors
    ///
    /// Where it cannot be opened now.
    pub fn reveal(&self) -> Result<String, SecretError> {
        self.0.reveal()
    }
}
