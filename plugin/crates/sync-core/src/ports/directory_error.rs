//! What can go wrong between a sync and its directory.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// What a failure tells its reader, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The service's own code where it gave one (`Authorization_RequestDenied`,
    /// `AADSTS7000215`), else one of the connector in kebab case.
    pub code: String,
    /// What happened, to what.
    pub message: String,
    /// What the administrator can do about it.
    pub advice: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        formatter.write_str(" (")?;
        formatter.write_str(&self.code)?;
        if let Some(status) = self.status {
            write!(formatter, ", HTTP {status}")?;
        }
        formatter.write_str(")")
    }
}

/// A question to the directory that was not answered as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{told}")]
pub struct DirectoryError {
    /// What it means for whoever asked.
    pub kind: DirectoryErrorKind,
    /// What happened, in a sentence without personal data.
    pub told: String,
    /// The same in its parts, for programs and for whoever has to mend it.
    pub failure: Box<Failure>,
}

/// What a failure of the directory means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryErrorKind {
    /// The tenant, the application or its credentials are refused. Trying again does not help.
    Unauthorized,
    /// Signed in, and not allowed to ask this.
    Forbidden,
    /// The directory asks for patience beyond what the call may wait.
    Throttled {
        /// Do not ask again earlier than this, from now.
        retry_after: Duration,
    },
    /// No usable answer.
    Network,
    /// The host does not give the credentials, or what it gives cannot be them.
    Secret,
    /// The position is lost: only reading everybody helps. It is no statement about anybody.
    PositionLost,
    /// The directory answered something that cannot be handled, or stayed unavailable.
    Upstream,
    /// The answer breaks off, or is not of the documented shape.
    Unintelligible,
    /// The answer is one that must not be followed, or does not fit into memory.
    Refused,
    /// The host asked to stop while the client was waiting.
    Stopped,
}

impl DirectoryError {
    /// A stable code, for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.failure.code
    }

    /// What the administrator can do.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.failure.advice
    }

    /// Whether the directory said nothing that can be used, and not that it wants to be asked later.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(
            self.kind,
            DirectoryErrorKind::Forbidden
                | DirectoryErrorKind::Upstream
                | DirectoryErrorKind::Unintelligible
        )
    }
}
