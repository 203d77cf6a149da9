//! How a command ends, as a script sees it.

use super::secrets;
use super::wrong_usage::WrongUsage;
use std::process::ExitCode;

use connector_contract::Error;
use connector_runtime::{CallError, HttpAccess};
use sync_runner::{in_words, remark};

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
    let is_unknown_plan = |error: &Error| match error {
        Error::Other(failure) => failure.code == "plan-unknown",
        _ => false,
    };
    match &error {
        // However it is found out, the digest is one that cannot be meant.
        CallError::Guest { error: said, .. } if is_unknown_plan(said) => {
            WrongUsage(in_words(&error)).into()
        }
        CallError::Guest {
            error: Error::Secret(failure),
            ..
        } if failure.code == secrets::NOT_FOUND => {
            anyhow::anyhow!("{} {}", in_words(&error), secrets::say_where("NAME"))
        }
        CallError::Guest { .. } => anyhow::anyhow!(in_words(&error)),
        _ => error.into(),
    }
}

/// As [`explain`], with what this host knows of the way to the directory.
pub(super) fn explain_way(error: CallError, access: &HttpAccess) -> anyhow::Error {
    let told = explain(error);
    match remark(access) {
        // The way to the directory has nothing to do with what was asked wrongly.
        Some(remark) if !told.is::<WrongUsage>() => anyhow::anyhow!("{told} {remark}"),
        _ => told,
    }
}
