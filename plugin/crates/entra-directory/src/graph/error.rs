//! What a directory, the way to it, or what it says can do wrong.
//!
//! No error holds a name, an address, a token, a secret, a URL's path or query, or a message of the
//! service: only codes, hosts, statuses, request ids, and sentences written here.

use std::time::Duration;

use configuration_document::secret::Flaw;
use guest_kit::{HttpFailure, SecretError, SigningError};
use sign_in_codes::Remedy;
use sync_core::ports::{DirectoryError, DirectoryErrorKind};
use thiserror::Error;

use super::link::LinkRefusal;

pub use sync_core::ports::Failure;

/// Every way a question to the directory can fail.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GraphError {
    /// The tenant, the application or its credentials are refused. Trying again does not help.
    #[error("{0}")]
    Unauthorized(Box<Failure>),
    /// Signed in, but not allowed: consent is missing, or the application is unknown in the tenant.
    #[error("{0}")]
    Forbidden(Box<Failure>),
    /// The service asks for patience beyond what the call may wait.
    #[error("{failure}")]
    Throttled {
        /// The refusal.
        failure: Box<Failure>,
        /// Do not ask again earlier than this, from now.
        retry_after: Duration,
    },
    /// The service answered something that cannot be handled, or stayed unavailable.
    #[error("{0}")]
    Upstream(Box<Failure>),
    /// No usable answer.
    #[error("no answer from {host}: {cause}")]
    Network {
        /// The host asked.
        host: String,
        /// What happened on the way.
        cause: HttpFailure,
    },
    /// The cursor is lost: only a full round helps. It is no statement about anybody.
    #[error("{0}")]
    ResyncRequired(Box<Failure>),
    /// The list's page token is no longer good: the list has to be started anew.
    #[error("{0}")]
    PageTokenExpired(Box<Failure>),
    /// An answer that is no JSON, or breaks off.
    #[error("the answer of {host} is no complete JSON")]
    NotJson {
        /// The host asked.
        host: String,
    },
    /// JSON, but not of the documented shape.
    #[error("the answer of {host} does not have the documented shape: {detail}")]
    UnexpectedShape {
        /// The host asked.
        host: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A link that must not be followed with the connection's token.
    #[error("a link was refused: {0}")]
    ForeignLink(#[from] LinkRefusal),
    /// The host does not give a secret, or a token of another issuer.
    #[error("{credential} is not available: {cause}")]
    SecretMissing {
        /// What it is, and its name as configured.
        credential: String,
        /// Why.
        cause: SecretError,
    },
    /// What the host gives under the secret's name cannot be the value of one.
    #[error("{credential} cannot be used: {flaw}")]
    SecretUnusable {
        /// What it is, and its name as configured.
        credential: String,
        /// What it is instead.
        flaw: Flaw,
    },
    /// What the host gives as the token of another issuer is no token.
    #[error("{credential} cannot be used: it is no JSON web token")]
    TokenUnusable {
        /// What it is, and its name as configured.
        credential: String,
    },
    /// The host does not sign with a key.
    #[error("{credential} cannot be used: {cause}")]
    KeyUnusable {
        /// What it is, and its name as configured.
        credential: String,
        /// Why.
        cause: SigningError,
    },
    /// The host asked to stop while the client was waiting.
    #[error("the host asked to stop")]
    Stopped,
    /// An answer that would not fit into the connector's memory.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge {
        /// The host asked.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl GraphError {
    /// A stable code, for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unauthorized(failure)
            | Self::Forbidden(failure)
            | Self::Throttled { failure, .. }
            | Self::Upstream(failure)
            | Self::ResyncRequired(failure)
            | Self::PageTokenExpired(failure) => &failure.code,
            Self::Network { cause, .. } => network_code(cause),
            Self::NotJson { .. } => "not-json",
            Self::UnexpectedShape { .. } => "unexpected-shape",
            Self::ForeignLink(_) => "foreign-link",
            Self::SecretMissing { cause, .. } => match cause {
                SecretError::NotFound => "secret-not-found",
                SecretError::AccessDenied => "secret-denied",
                SecretError::Unavailable(_) => "secret-unavailable",
            },
            Self::SecretUnusable { flaw, .. } => flaw.code(),
            Self::TokenUnusable { .. } => "federated-token-unusable",
            Self::KeyUnusable { cause, .. } => match cause {
                SigningError::NotFound => "key-not-found",
                SigningError::AccessDenied => "key-denied",
                SigningError::NotUsable(_) => "key-not-usable",
                SigningError::Expired(_) => "certificate-expired",
                SigningError::Unavailable(_) => "key-unavailable",
            },
            Self::Stopped => "stopped",
            Self::TooLarge { .. } => "answer-too-large",
        }
    }

    /// What the administrator can do.
    #[must_use]
    pub fn advice(&self) -> &str {
        match self {
            Self::Unauthorized(failure)
            | Self::Forbidden(failure)
            | Self::Throttled { failure, .. }
            | Self::Upstream(failure)
            | Self::ResyncRequired(failure)
            | Self::PageTokenExpired(failure) => &failure.advice,
            Self::Network { cause, .. } => network_advice(cause),
            Self::NotJson { .. } | Self::UnexpectedShape { .. } => {
                "Check that the configured cloud is the tenant's and that no proxy answers in \
                 Microsoft's place; the next run starts where this one ended."
            }
            Self::ForeignLink(_) => {
                "Check that the configured cloud is the tenant's and that no proxy rewrites \
                 Microsoft's answers. The connection's token was not sent there."
            }
            Self::SecretMissing { cause, .. } => match cause {
                SecretError::NotFound => {
                    "Store it at the host under the name that the configuration gives in credentials."
                }
                SecretError::AccessDenied => "Allow the connector to use this secret at the host.",
                SecretError::Unavailable(_) => {
                    "Try again once the host's secret store is available."
                }
            },
            Self::SecretUnusable { .. } => {
                "Store the client secret's value at the host under this name: the value alone, as Entra \
                 showed it when the secret was made. Nobody was asked with what is there."
            }
            Self::TokenUnusable { .. } => {
                "Let the host give the token of the other issuer as it is, under this name. Nobody was asked with \
                 what is there."
            }
            Self::KeyUnusable { cause, .. } => match cause {
                SigningError::NotFound => {
                    "Store the certificate with its private key at the host under the name that the configuration \
                     gives in credentials.certificate.key."
                }
                SigningError::AccessDenied => {
                    "Allow the connector to sign with this key at the host."
                }
                SigningError::NotUsable(_) => {
                    "Store a certificate with the RSA key that belongs to it at the host, and upload the \
                     certificate to the app registration."
                }
                SigningError::Expired(_) => {
                    "Make a new certificate, upload it to the app registration, and store it with its key at the \
                     host."
                }
                SigningError::Unavailable(_) => "Try again once the host's keys are available.",
            },
            Self::Stopped => "Start the run again; it goes on after the last saved page.",
            Self::TooLarge { .. } => "Map fewer attributes, so that a page becomes smaller.",
        }
    }

    /// The error in the words of the contract.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Unauthorized(failure)
            | Self::Forbidden(failure)
            | Self::Throttled { failure, .. }
            | Self::Upstream(failure)
            | Self::ResyncRequired(failure)
            | Self::PageTokenExpired(failure) => (**failure).clone(),
            other => Failure {
                code: other.code().to_owned(),
                message: other.to_string(),
                advice: other.advice().to_owned(),
                status: None,
                request_id: None,
            },
        }
    }

    /// Whether it is the credential that is at fault, so that another one may do.
    pub(super) fn is_of_credential(&self) -> bool {
        match self {
            Self::SecretMissing { .. }
            | Self::SecretUnusable { .. }
            | Self::TokenUnusable { .. }
            | Self::KeyUnusable { .. } => true,
            Self::Unauthorized(failure) => {
                let number = failure.code.strip_prefix("AADSTS");
                let known = number.and_then(|number| sign_in_codes::known(number.parse().ok()?));
                match known {
                    Some(known) => matches!(known.remedy, Remedy::Secret | Remedy::Certificate),
                    None => failure.code == "invalid_client",
                }
            }
            _ => false,
        }
    }

    /// How a failed exchange with a host reads.
    pub(super) fn from_exchange(host: &str, cause: HttpFailure) -> Self {
        let host = host.to_owned();
        match cause {
            HttpFailure::ResponseTooLarge { limit } => Self::TooLarge { host, limit },
            cause => Self::Network { host, cause },
        }
    }
}

impl From<GraphError> for DirectoryError {
    fn from(error: GraphError) -> Self {
        let kind = match &error {
            GraphError::Unauthorized(_) => DirectoryErrorKind::Unauthorized,
            GraphError::Forbidden(_) => DirectoryErrorKind::Forbidden,
            GraphError::Throttled { retry_after, .. } => DirectoryErrorKind::Throttled {
                retry_after: *retry_after,
            },
            GraphError::Network { .. } => DirectoryErrorKind::Network,
            GraphError::SecretMissing { .. }
            | GraphError::SecretUnusable { .. }
            | GraphError::TokenUnusable { .. }
            | GraphError::KeyUnusable { .. } => DirectoryErrorKind::Secret,
            GraphError::Stopped => DirectoryErrorKind::Stopped,
            GraphError::ResyncRequired(_) | GraphError::PageTokenExpired(_) => {
                DirectoryErrorKind::PositionLost
            }
            GraphError::Upstream(_) => DirectoryErrorKind::Upstream,
            GraphError::NotJson { .. } | GraphError::UnexpectedShape { .. } => {
                DirectoryErrorKind::Unintelligible
            }
            GraphError::ForeignLink(_) | GraphError::TooLarge { .. } => DirectoryErrorKind::Refused,
        };
        Self {
            kind,
            told: error.to_string(),
            failure: Box::new(error.failure()),
        }
    }
}

fn network_code(cause: &HttpFailure) -> &'static str {
    match cause {
        HttpFailure::Denied => "destination-denied",
        HttpFailure::Name => "name-not-resolved",
        HttpFailure::Connect => "no-connection",
        HttpFailure::Tls => "tls-failed",
        HttpFailure::TimedOut => "timed-out",
        HttpFailure::Interrupted => "connection-interrupted",
        HttpFailure::ResponseTooLarge { .. } => "answer-too-large",
        HttpFailure::Other(_) => "exchange-failed",
    }
}

fn network_advice(cause: &HttpFailure) -> &'static str {
    match cause {
        HttpFailure::Denied => {
            "Allow this host in the platform's list of hosts that the connector may reach."
        }
        HttpFailure::Name => {
            "Check the platform's name resolution, and that the configured cloud is the tenant's."
        }
        HttpFailure::Tls => {
            "Check the platform's trusted certificates and whether a proxy terminates TLS on the \
             way."
        }
        HttpFailure::Connect
        | HttpFailure::TimedOut
        | HttpFailure::Interrupted
        | HttpFailure::ResponseTooLarge { .. }
        | HttpFailure::Other(_) => {
            "Check that the platform can reach this host; the next run starts where this one ended."
        }
    }
}
