//! What can go wrong behind a store, in four kinds that a caller can act on.

use connector_contract::StoreError;
use thiserror::Error;

/// The database behind a store did not do what was asked; nothing of it was done.
///
/// The sentences say what to do, and hold no value of a contact.
#[derive(Debug, Error)]
pub enum BackendError {
    /// Locked, full, or out of reach: the same call may work later.
    #[error("{0}")]
    Unavailable(String),
    /// The contents are not what the store wrote.
    #[error("{0}")]
    Damaged(String),
    /// The write was to be done under a lease that another one holds by now; says who, since when.
    #[error("the right to write was lost: {0}")]
    LeaseLost(String),
    /// Neither of these.
    #[error("{0}")]
    Other(String),
}

impl From<BackendError> for StoreError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable(message) => Self::Unavailable(message),
            BackendError::Damaged(message) => Self::Damaged(message),
            BackendError::LeaseLost(held) => Self::LeaseLost(held),
            BackendError::Other(message) => Self::Other(message),
        }
    }
}
