//! An error of whoever typed the command.

/// The command cannot be meant like this.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(pub(super) String);
