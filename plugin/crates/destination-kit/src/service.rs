//! What a destination is, and how it begins, apart from the store that is made of it.

use guest_kit::SecretError;
use thiserror::Error;

use crate::contract::{Problem, ServiceFailure, StoreError, TargetDescription};
use crate::destination::{Capabilities, Destination, DestinationError};
use crate::drive;

/// A destination as whoever plugs it into a connector sees it.
///
/// `settings` is the object at `/sync/target` of a configuration document, as JSON text; it may be anything.
pub trait Service {
    /// The destination itself.
    type Destination: Destination;

    /// What it is, with these settings: pure, without network and secrets.
    fn describe(settings: &str) -> TargetDescription;

    /// Begins with these settings. Nothing is asked of the service yet.
    ///
    /// # Errors
    ///
    /// Where the settings are wrong, or the secret that they name is not given.
    fn open(settings: &str) -> Result<Self::Destination, Opening>;
}

/// Why a destination does not begin. Says nothing of a secret's value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Opening {
    /// Something is wrong with the settings.
    #[error("{}", first(.0))]
    Settings(Vec<Problem>),
    /// The host does not give the secret of this name.
    #[error("the secret `{name}` of the destination is not given: {error}")]
    Secret {
        /// As the settings name it.
        name: String,
        /// Why.
        error: SecretError,
    },
}

/// The first problem, with its place; the others are told where the document is checked.
fn first(problems: &[Problem]) -> String {
    let mut problems = problems.iter();
    problems.next().map_or_else(String::new, |problem| {
        format!("{}: {}", problem.pointer, problem.message)
    })
}

impl From<Opening> for StoreError {
    fn from(opening: Opening) -> Self {
        Self::Other(opening.to_string())
    }
}

impl From<&Opening> for ServiceFailure {
    fn from(opening: &Opening) -> Self {
        let (code, advice) = match opening {
            Opening::Settings(_) => ("destination-settings", "Correct the settings."),
            Opening::Secret {
                error: SecretError::NotFound,
                ..
            } => (
                "secret-not-found",
                "Give the host the secret under the name that the settings have.",
            ),
            Opening::Secret {
                error: SecretError::AccessDenied,
                ..
            } => ("secret-denied", "Allow the connector to use this secret."),
            Opening::Secret {
                error: SecretError::Unavailable(_),
                ..
            } => ("secret-unavailable", "Try again."),
        };
        failure(code, opening, advice)
    }
}

impl From<&DestinationError> for ServiceFailure {
    fn from(error: &DestinationError) -> Self {
        let (code, advice) = match error {
            DestinationError::Unavailable(_) => ("destination-unavailable", "Try again."),
            DestinationError::AccessDenied(_) => (
                "destination-denied-access",
                "Check the credentials in the settings of the destination, and what they may do there.",
            ),
            DestinationError::NeedsAttention(_) => (
                "destination-needs-attention",
                "Put it right there, and try again; nothing is written until then.",
            ),
            DestinationError::Unexpected(_) => (
                "destination-unexpected",
                "Check whether the settings name the right server.",
            ),
        };
        failure(code, error, advice)
    }
}

fn failure(code: &str, what: &impl ToString, advice: &str) -> ServiceFailure {
    ServiceFailure {
        code: code.to_owned(),
        message: what.to_string(),
        advice: advice.to_owned(),
        status: None,
        request_id: None,
    }
}

/// Tries the service, by reading alone, and says what was found.
///
/// # Errors
///
/// Where it cannot be used, with what helps.
pub fn check<S: Service>(settings: &str) -> Result<String, ServiceFailure> {
    let destination = S::open(settings).map_err(|opening| ServiceFailure::from(&opening))?;
    let probed = drive::one(&destination, destination.probe());
    let capabilities = probed
        .and_then(|probed| probed)
        .map_err(|error| ServiceFailure::from(&error))?;
    Ok(found(&S::describe(settings).label, &capabilities))
}

fn found(label: &str, capabilities: &Capabilities) -> String {
    let mandatory: Vec<_> = capabilities
        .fields
        .iter()
        .filter(|field| field.mandatory)
        .map(|field| field.label.as_str())
        .collect();
    match mandatory.as_slice() {
        [] => format!("{label} answers."),
        _ => format!(
            "{label} answers. A contact there needs: {}.",
            mandatory.join(", ")
        ),
    }
}
