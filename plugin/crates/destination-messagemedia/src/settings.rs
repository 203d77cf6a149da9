//! Where an account is.

use std::fmt;

use destination_kit::Address;
use thiserror::Error;

/// The region of an account, which has a host of its own (`servers` of `spec/openapi.yaml`; that of the United
/// States is in `docs/guides/hmac-authentication.md` alone).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Europe.
    Europe,
    /// Asia and Pacific.
    Australia,
    /// The United States.
    UnitedStates,
}

impl Region {
    /// Its name in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Europe => "eu",
            Self::Australia => "au",
            Self::UnitedStates => "us",
        }
    }

    /// The region of a name; `None` for any other text.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Europe, Self::Australia, Self::UnitedStates];
        all.into_iter().find(|region| region.name() == name)
    }

    /// The host that its accounts are at.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Europe => "eu.app.api.sinch.com",
            Self::Australia => "au.app.api.sinch.com",
            Self::UnitedStates => "us.app.api.sinch.com",
        }
    }
}

/// Why an address is no server of this destination.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "only an address of this machine can stand in the place of a region, such as http://127.0.0.1:8090"
)]
pub struct ServerError;

/// The server that requests go to: the one of a region, or one on this machine, for tests.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    root: String,
}

impl Server {
    /// The server of a region.
    #[must_use]
    pub fn of(region: Region) -> Self {
        Self {
            root: format!("https://{}", region.host()),
        }
    }

    /// A server on this machine: scheme, an address of the loopback interface, and a port where it has one.
    ///
    /// # Errors
    ///
    /// For anything else: a secret would go there.
    pub fn local(root: &str) -> Result<Self, ServerError> {
        let address = Address::read(root).map_err(|_| ServerError)?;
        if !address.is_local() || !address.path().is_empty() {
            return Err(ServerError);
        }
        Ok(Self {
            root: address.root().to_owned(),
        })
    }

    /// Scheme, host and port.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The beginning of every address of the API.
    pub(crate) fn api(&self) -> String {
        format!("{}/api/v1/contacts", self.root)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_its_name_and_its_host() {
        for (name, host) in [
            ("eu", "eu.app.api.sinch.com"),
            ("au", "au.app.api.sinch.com"),
            ("us", "us.app.api.sinch.com"),
        ] {
            assert_eq!(Region::named(name).map(Region::host), Some(host));
        }
        assert_eq!(Region::named("EU"), None);
        let api = Server::of(Region::Europe).api();
        assert_eq!(api, "https://eu.app.api.sinch.com/api/v1/contacts");
    }

    #[test]
    fn another_server_is_on_this_machine_or_none() {
        for root in [
            "http://127.0.0.1:8090",
            "http://127.0.0.1:8090/",
            "http://localhost",
            "https://[::1]:8443",
            "http://[::1]",
        ] {
            assert!(Server::local(root).is_ok(), "{root}");
        }
        for root in [
            "",
            "127.0.0.1:8090",
            "ftp://127.0.0.1",
            "http://127.0.0.1.example:80",
            "http://127.0.0.1:80@example",
            "http://localhost.example",
            "http://127.0.0.1:80/path",
            "http://127.0.0.1:x",
        ] {
            assert_eq!(Server::local(root), Err(ServerError), "{root}");
        }
    }
}
