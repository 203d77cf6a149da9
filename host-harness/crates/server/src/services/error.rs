//! Why a service did not do what it was asked.

use api_types::views::Task;
use connector_contract::Error as GuestError;
use connector_runtime::CallError;
use server_db::{RecordsError, SaveError};
use store_api::{BackendError, LeaseError};
use sync_runner::DirectoryLocked;

use crate::destinations::NoDestination;
use crate::stores::{DatabaseError, OpenError};

/// Why a service did not do what it was asked. Nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    /// Something else goes on.
    #[error("a {} is going on in this workspace; try again when it is done", .0.name())]
    Busy(Task),
    /// The workspace is not in a state for it.
    #[error("{0}")]
    NotNow(String),
    /// What was asked for by a name is not there.
    #[error("{0}")]
    Unknown(String),
    /// Something would be deleted, and its number was not given, or is another one.
    #[error("{}", unconfirmed(.deletions, .given))]
    Unconfirmed {
        /// How many contacts would be deleted.
        deletions: u64,
        /// What was given.
        given: Option<u64>,
    },
    /// The settings have changed since, or are being let go of.
    #[error(transparent)]
    Unsaved(#[from] SaveError),
    /// The records did not do what was asked.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The contacts did not do what was asked.
    #[error(transparent)]
    Store(#[from] BackendError),
    /// The settings that are kept are no document.
    #[error("the settings of this workspace cannot be read: {0}")]
    Malformed(#[from] configuration_document::Malformed),
    /// The connector's error.
    #[error("{}", sync_runner::in_words(.0))]
    Call(#[from] CallError),
    /// The destination that the settings choose.
    #[error("{}", without_destination(.0))]
    Destination(#[from] NoDestination),
    /// The workspace cannot be opened. Members read this, so it holds no path and no process.
    #[error("{0}")]
    Closed(String),
}

fn without_destination(error: &NoDestination) -> String {
    match error {
        NoDestination::Unknown(error) => sync_runner::in_words(error),
        other => other.to_string(),
    }
}

fn unconfirmed(deletions: &u64, given: &Option<u64>) -> String {
    let contacts = if *deletions == 1 {
        "1 contact".to_owned()
    } else {
        format!("{deletions} contacts")
    };
    match given {
        None => format!(
            "this deletes {contacts}, and nothing was done: to approve it, give the number of contacts that \
             are deleted"
        ),
        Some(given) => {
            format!("this deletes {contacts}, and not {given} as was given; nothing was done")
        }
    }
}

impl ServiceError {
    /// The workspace cannot be opened: the operator's log has why, whoever uses the workspace reads what
    /// concerns them.
    pub(crate) fn closed(error: anyhow::Error) -> Self {
        tracing::warn!(error = format!("{error:#}"), "opening a workspace failed");
        let is_at_work = error.is::<DirectoryLocked>()
            || matches!(error.downcast_ref(), Some(LeaseError::Held(_)));
        let words = if is_at_work {
            "another program is at work in this workspace; try again when it is done"
        } else if let Some(words) = what_is_unavailable(&error) {
            words
        } else {
            match error.downcast_ref() {
                Some(OpenError::Foreign { .. }) => {
                    "what is kept in the place of its contacts is not a contact database; whoever operates \
                     this server has to look"
                }
                Some(OpenError::TooNew { .. }) => {
                    "its contacts were kept by a newer version of this server; whoever operates it has to look"
                }
                _ => {
                    "the workspace cannot be opened; whoever operates this server finds the reason in its log"
                }
            }
        };
        let words = words.to_owned();
        Self::Closed(words)
    }

    pub(crate) fn disconnecting() -> Self {
        Self::NotNow("this workspace is being disconnected; try again when that is done".to_owned())
    }
}

/// The words of a database that may answer later.
fn what_is_unavailable(error: &anyhow::Error) -> Option<&str> {
    if let Some(BackendError::Unavailable(words)) = error.downcast_ref() {
        return Some(words);
    }
    if let Some(RecordsError::Unavailable(words)) = error.downcast_ref() {
        return Some(words);
    }
    match error.downcast_ref() {
        Some(OpenError::Database {
            source: DatabaseError::Unavailable(words),
            ..
        }) => Some(words),
        _ => None,
    }
}

/// Whether the connector refuses the settings themselves, which no other try changes.
pub(crate) fn refuses_settings(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Guest {
            error: GuestError::InvalidConfiguration(_),
            ..
        }
    )
}
