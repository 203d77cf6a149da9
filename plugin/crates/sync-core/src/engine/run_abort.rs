//! Why a round goes no further.

use std::time::Duration;

use thiserror::Error;

use crate::ports::{DirectoryError, StoreError};

use super::proof::Flaw;

/// Why a round goes no further. Whatever was committed before stands.
#[derive(Debug, Error)]
pub enum RunAbort {
    /// The directory.
    #[error(transparent)]
    Directory(Box<DirectoryError>),
    /// The contact store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The round cannot be believed.
    #[error(transparent)]
    Incomplete(#[from] Flaw),
    /// The host said stop.
    #[error("the host stopped the run")]
    Stopped,
    /// The slice is used up; there is more to do.
    #[error("the slice is used up")]
    SliceEnd {
        /// Not to be continued earlier than this, from now.
        resume_after: Duration,
    },
    /// The saved state cannot be read.
    #[error(
        "the saved state entry {key} cannot be read: delete it, and the next sync reads everybody"
    )]
    Unreadable {
        /// The entry.
        key: String,
    },
    /// The saved state is of a newer connector. Nothing was changed.
    #[error(
        "the saved state was written by a newer version of this connector, in format {written}, and this \
         version knows formats up to {known}; nothing was changed"
    )]
    NewerState {
        /// The format that it is written in.
        written: u64,
        /// The highest that this version reads.
        known: u64,
    },
}

impl From<DirectoryError> for RunAbort {
    /// In a box: what hardly ever happens is handed on with every answer.
    fn from(error: DirectoryError) -> Self {
        Self::Directory(Box::new(error))
    }
}
