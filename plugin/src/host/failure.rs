//! A call that failed, as the contract's error: what happened, and what to do.

use sync_core::engine::call::CallError;
use sync_core::engine::run_abort::RunAbort;
use sync_core::ports::{DirectoryError, DirectoryErrorKind, Failure, StoreError};

use super::bindings::imports::types;

impl From<CallError> for types::Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::InvalidConfiguration(problems) => Self::InvalidConfiguration(
                problems
                    .into_iter()
                    .map(|problem| types::Problem {
                        pointer: problem.pointer,
                        message: problem.message,
                    })
                    .collect(),
            ),
            CallError::UnknownPlan => Self::Other(refusal(
                "plan-unknown",
                &error,
                "Plan again, look at it, and approve its digest.",
            )),
            CallError::InvalidUser(_) => Self::Other(refusal(
                "invalid-object-id",
                &error,
                "Copy the object id from the directory's own page of the user.",
            )),
            CallError::RoundOpen => Self::Store(refusal(
                "round-open",
                &error,
                "Run the sync to its end, then try again.",
            )),
            CallError::NoConflict => Self::Other(refusal(
                "no-conflict",
                &error,
                "Look at the conflicts again, and decide about what is shown then.",
            )),
            CallError::DirectoryAlone => Self::Other(refusal(
                "mastered-elsewhere",
                &error,
                "Decide for the directory, or change the person on premises: once both sides agree, nothing is to be \
                 decided.",
            )),
            CallError::NothingToUndo { .. } => Self::Other(refusal(
                "nothing-to-undo",
                &error,
                "Choose a run of the history that changed contacts.",
            )),
            CallError::Aborted(RunAbort::Incomplete(flaw)) => Self::Upstream(refusal(
                flaw.code(),
                &flaw,
                "Try again; if it happens again, ask Microsoft's service health.",
            )),
            CallError::Aborted(RunAbort::Directory(error)) => directory_error(*error),
            CallError::Aborted(RunAbort::Store(error)) => Self::Store(store_failure(&error)),
            CallError::Aborted(RunAbort::Stopped | RunAbort::SliceEnd { .. }) => Self::Stopped,
            CallError::Aborted(abort @ RunAbort::NewerState { .. }) => Self::Store(refusal(
                "state-newer",
                &abort,
                "Use the newer version of the connector again.",
            )),
            CallError::Aborted(abort @ RunAbort::Unreadable { .. }) => {
                Self::Store(types::Failure {
                    code: "state-unreadable".to_owned(),
                    message: abort.to_string(),
                    advice: "Run a full sync; it does not need the saved state.".to_owned(),
                    status: None,
                    request_id: None,
                })
            }
        }
    }
}

fn refusal(code: &str, what: &impl std::fmt::Display, advice: &str) -> types::Failure {
    types::Failure {
        code: code.to_owned(),
        message: what.to_string(),
        advice: advice.to_owned(),
        status: None,
        request_id: None,
    }
}

fn store_failure(error: &StoreError) -> types::Failure {
    let (code, advice) = match error {
        StoreError::Unavailable(_) => ("store-unavailable", "Try again; nothing was lost."),
        StoreError::AccessDenied => (
            "store-access-denied",
            "Allow this connector to use the contact store.",
        ),
        StoreError::BatchTooLarge(_) => (
            "store-batch-too-large",
            "This is a defect of the connector or of the store's description; report it.",
        ),
        StoreError::Damaged(_) => (
            "store-damaged",
            "Restore the contact store from a backup; the connector wrote nothing.",
        ),
        StoreError::LeaseLost(_) => (
            "lease-lost",
            "Nothing is to be done: the other run goes on with the work.",
        ),
        StoreError::Other(_) => ("store-refused", "See the host's log for the reason."),
    };
    types::Failure {
        code: code.to_owned(),
        message: error.to_string(),
        advice: advice.to_owned(),
        status: None,
        request_id: None,
    }
}

/// A failure of the directory, or of the way to it, in the contract's words.
fn directory_error(DirectoryError { kind, failure, .. }: DirectoryError) -> types::Error {
    let Failure {
        code,
        message,
        advice,
        status,
        request_id,
    } = *failure;
    let failure = types::Failure {
        code,
        message,
        advice,
        status,
        request_id,
    };
    match kind {
        DirectoryErrorKind::Unauthorized => types::Error::Unauthorized(failure),
        DirectoryErrorKind::Forbidden => types::Error::Forbidden(failure),
        DirectoryErrorKind::Throttled { retry_after } => {
            types::Error::Throttled(types::Throttled {
                failure,
                retry_after_ms: u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX),
            })
        }
        DirectoryErrorKind::Network => types::Error::Network(failure),
        DirectoryErrorKind::Secret => types::Error::Secret(failure),
        DirectoryErrorKind::Stopped => types::Error::Stopped,
        DirectoryErrorKind::Upstream
        | DirectoryErrorKind::PositionLost
        | DirectoryErrorKind::Unintelligible
        | DirectoryErrorKind::Refused => types::Error::Upstream(failure),
    }
}
