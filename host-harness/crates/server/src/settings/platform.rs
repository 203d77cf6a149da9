//! The connection of a workspace that uses the platform's application.
//!
//! The document that is kept only says that it does. What the application is and proves itself with is whoever
//! operates the server's to change, so it is written in when the document is used.

use serde_json::{Value, json};

use super::Settings;
use crate::platform_application::{PlatformApplication, PlatformCredential};

/// The name under which the connector asks for the secret, or the key, of the platform's application.
pub(crate) const PLATFORM: &str = "platform-application";

impl Settings {
    /// Whether the connection is with the platform's application.
    pub(crate) fn is_of_platform(&self) -> bool {
        self.secret_name() == PLATFORM
    }

    /// The document with a connection of the platform's application to a tenant. The application is registered in the
    /// global cloud, and known there alone.
    #[must_use]
    pub(crate) fn with_platform(self, tenant_id: &str) -> Self {
        self.with_section("tenant", json!({ "id": tenant_id, "cloud": "global" }))
            .with_section("credentials", json!({ "secret": PLATFORM }))
    }

    /// The document without the right to use the platform's application; any other connection stays.
    #[must_use]
    pub(crate) fn without_platform(self) -> Self {
        match self.is_of_platform() {
            true => self.without_section("credentials"),
            false => self,
        }
    }

    /// The document as the connector is given it, where the connection is with the platform's application.
    #[must_use]
    pub(crate) fn with_credentials_of(self, application: &PlatformApplication) -> Self {
        if !self.is_of_platform() {
            return self;
        }
        let client_id = application.client_id();
        let credentials: Value = match application.credential() {
            PlatformCredential::Secret(_) => json!({ "clientId": client_id, "secret": PLATFORM }),
            PlatformCredential::Certificate(_) => {
                json!({ "clientId": client_id, "certificate": { "key": PLATFORM } })
            }
        };
        self.with_section("credentials", credentials)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::settings::{CLIENT_SECRET, Held};

    const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
    const CLIENT: &str = "535fb089-9ff3-47b6-9bfb-4f1264799865";

    fn application() -> PlatformApplication {
        let secret = PlatformCredential::Secret(SecretString::from("value"));
        PlatformApplication::new(CLIENT, secret).unwrap()
    }

    #[test]
    fn what_is_kept_names_the_tenant_and_no_application() {
        let kept = Settings::new("mirror").with_platform(TENANT);
        assert!(kept.is_of_platform());
        assert_eq!(
            (kept.tenant().as_str(), kept.client_id().as_str()),
            (TENANT, "")
        );
        let used = kept.clone().with_credentials_of(&application());
        assert_eq!(used.client_id(), CLIENT);
        assert_eq!(used.preset(), "mirror");
        let disconnected = kept.without_platform();
        assert!(!disconnected.is_of_platform());
        assert_eq!(disconnected.tenant(), TENANT);
    }

    #[test]
    fn a_registration_of_ones_own_is_left_alone() {
        let held = Held {
            secret: true,
            certificate: false,
        };
        let own = Settings::new("mirror").with_connection(TENANT, CLIENT, "global", held);
        assert!(!own.is_of_platform());
        assert_eq!(own.secret_name(), CLIENT_SECRET);
        assert_eq!(own.clone().with_credentials_of(&application()), own);
        assert_eq!(own.clone().without_platform(), own);
    }
}
