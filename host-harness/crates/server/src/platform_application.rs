//! The platform's own application: registered once by whoever operates the server, for the tenants of all workspaces.

use std::sync::Arc;

use configuration_document::{names, secret};
use secrecy::{ExposeSecret as _, SecretString};
use signing_keys::SigningKey;

/// What the platform's application proves itself with.
#[derive(Clone, Debug)]
pub enum PlatformCredential {
    /// A client secret.
    Secret(SecretString),
    /// A certificate with its key.
    Certificate(Arc<SigningKey>),
}

/// An application that is registered for accounts in any organizational directory
/// (<https://learn.microsoft.com/entra/identity-platform/howto-convert-app-to-be-multi-tenant>): an administrator
/// connects a directory with it by signing in and accepting, and registers nothing.
#[derive(Clone, Debug)]
pub struct PlatformApplication {
    client_id: String,
    credential: PlatformCredential,
}

/// Why something cannot be the platform's application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlatformApplicationError {
    /// The id is none.
    #[error(
        "`{0}` is no application (client) id: write 32 hexadecimal digits with four hyphens, as the Entra admin \
         center shows them"
    )]
    ClientId(String),
    /// The secret is none.
    #[error("the secret of the platform's application cannot be one: {0}")]
    Secret(String),
}

impl PlatformApplication {
    /// The application of that client id, which proves itself so.
    ///
    /// # Errors
    ///
    /// Where the id or the secret can be none.
    pub fn new(
        client_id: &str,
        credential: PlatformCredential,
    ) -> Result<Self, PlatformApplicationError> {
        let client_id = client_id.trim();
        if !names::is_guid(client_id) {
            return Err(PlatformApplicationError::ClientId(client_id.to_owned()));
        }
        let credential = match credential {
            PlatformCredential::Secret(given) => {
                let value = secret::value(given.expose_secret());
                let value =
                    value.map_err(|flaw| PlatformApplicationError::Secret(flaw.to_string()))?;
                PlatformCredential::Secret(SecretString::from(value))
            }
            certificate @ PlatformCredential::Certificate(_) => certificate,
        };
        Ok(Self {
            client_id: client_id.to_ascii_lowercase(),
            credential,
        })
    }

    /// Its client id, in lower case.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn credential(&self) -> &PlatformCredential {
        &self.credential
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(client_id: &str, secret: &str) -> Result<PlatformApplication, PlatformApplicationError> {
        let secret = PlatformCredential::Secret(SecretString::from(secret));
        PlatformApplication::new(client_id, secret)
    }

    #[test]
    fn id_and_secret_are_looked_at_before_anybody_connects() {
        let id = "535FB089-9ff3-47b6-9bfb-4f1264799865";
        let application = of(&format!(" {id}\n"), "  value\r\n").unwrap();
        assert_eq!(application.client_id(), id.to_lowercase());
        let PlatformCredential::Secret(secret) = application.credential() else {
            panic!("a secret");
        };
        assert_eq!(secret.expose_secret(), "value");
        assert!(matches!(
            of("my app", "value"),
            Err(PlatformApplicationError::ClientId(_))
        ));
        let refused = of(id, "two words").unwrap_err().to_string();
        assert!(!refused.contains("two words"), "{refused}");
    }
}
