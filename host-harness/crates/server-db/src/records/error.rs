//! Why the records could not be read or written.

use thiserror::Error;

/// The records did not do what was asked; nothing of it was done, but where [`Self::NotFlushed`] says so. No
/// error carries a value of them.
#[derive(Debug, Error)]
pub enum RecordsError {
    /// Locked, full, or out of reach: the same call may work later.
    #[error("{0}")]
    Unavailable(String),
    /// Their contents are not what was written.
    #[error("{0}")]
    Damaged(String),
    /// It was done, and may be lost with the power: the disk does not say that it has it.
    #[error("the server's records could not be flushed to the disk; check the disk")]
    NotFlushed,
    /// None of these.
    #[error("{0}")]
    Other(String),
}
