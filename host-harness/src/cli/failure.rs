//! How a command ends, as a script sees it.

use std::process::ExitCode;

use crate::contract::{Error as GuestError, Failure};
use crate::runtime::CallError;

/// How a command ended; its number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It did what was asked.
    Done = 0,
    /// It did not.
    Failed = 1,
    /// The arguments, or what they name, make no sense. (`clap` ends so by itself.)
    WrongUsage = 2,
    /// A limit stopped it before harm.
    Blocked = 3,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

/// The command cannot be meant like this.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(pub(super) String);

impl Ending {
    /// The ending that an error means.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        if error.is::<WrongUsage>() {
            Self::WrongUsage
        } else {
            Self::Failed
        }
    }
}

/// A connector's error as an error of this program, with everything it says.
pub(super) fn explain(error: CallError) -> anyhow::Error {
    match error {
        CallError::Guest {
            error: GuestError::InvalidConfiguration(problems),
            ..
        } => {
            let mut text = String::from("the configuration has problems:");
            for problem in problems {
                let place = if problem.pointer.is_empty() {
                    "(document)"
                } else {
                    &problem.pointer
                };
                text.push_str(&format!("\n  {place}: {}", problem.message));
            }
            anyhow::anyhow!(text)
        }
        CallError::Guest { error, .. } => anyhow::anyhow!(guest_error(&error)),
        other => other.into(),
    }
}

fn guest_error(error: &GuestError) -> String {
    match error {
        GuestError::Unauthorized(failure)
        | GuestError::Forbidden(failure)
        | GuestError::Upstream(failure)
        | GuestError::Network(failure)
        | GuestError::Store(failure)
        | GuestError::Secret(failure)
        | GuestError::Internal(failure)
        | GuestError::Other(failure) => sentence(failure),
        GuestError::Throttled(throttled) => format!(
            "{} It may be called again in {} seconds.",
            sentence(&throttled.failure),
            throttled.retry_after_ms.div_ceil(1000)
        ),
        GuestError::Stopped => "stopped; everything up to the last page is saved".to_owned(),
        GuestError::InvalidConfiguration(_) => "the configuration has problems".to_owned(),
    }
}

fn sentence(failure: &Failure) -> String {
    let mut text = format!("{} [{}]. {}", failure.message, failure.code, failure.advice);
    if let Some(request) = &failure.request_id {
        text.push_str(&format!(" (request-id {request})"));
    }
    text
}
