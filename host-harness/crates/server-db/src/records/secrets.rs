//! Secrets as they are kept: sealed, with their age.

use super::RecordsError;
use vault::SecretScope;

use super::audit::AuditEvent;

/// A sealed secret.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// As the vault made it.
    pub sealed: Vec<u8>,
    /// Which of the secrets of that name it is, counted from one.
    pub version: i64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub set_at_ms: i64,
    /// When it expires, where the administrator said.
    pub expires_at_ms: Option<i64>,
}

/// What becomes of a secret when the settings are saved.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretChange {
    /// This one takes its place.
    Set(StoredSecret),
    /// It stays, and this is when it expires.
    Expires(Option<i64>),
    /// It goes.
    Forget,
}

/// Seals a secret anew, or says in a sentence why it does not open.
pub type Reseal<'a> = dyn FnMut(SecretScope<'_>, &[u8]) -> Result<Vec<u8>, String> + 'a;

/// Why secrets were not sealed anew. All are as they were.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// One does not open.
    #[error("{0}")]
    Unopened(String),
    /// The database did not do what was asked.
    #[error(transparent)]
    Database(#[from] RecordsError),
}

/// The sealed secrets of the workspaces. A secret is set with the settings that name it:
/// [`Workspaces::save_with_secrets`](super::Workspaces::save_with_secrets).
pub trait Secrets: Send + Sync {
    /// The secret of that name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn secret(&self, workspace: &str, name: &str) -> Result<Option<StoredSecret>, RecordsError>;

    /// The version of the newest secret of that name that was ever set, as the audit log has it; 0 where none
    /// was, or before they were counted.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn newest_secret(&self, workspace: &str, name: &str) -> Result<i64, RecordsError>;

    /// Whether any secret is kept.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn has_secrets(&self) -> Result<bool, RecordsError>;

    /// Seals every secret anew, all of them or none; how many there were.
    ///
    /// # Errors
    ///
    /// Where one does not open, or the database cannot be written; then all are as they were.
    fn reseal(&self, event: AuditEvent<'_>, reseal: &mut Reseal<'_>) -> Result<u64, ResealError>;
}
