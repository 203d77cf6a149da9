//! How one tenant is reached.

use std::fmt;

use guest_kit::Timestamp;
use serde::Serialize;

/// A national cloud of Microsoft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Worldwide, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovL4,
    /// US Government L5 (DoD).
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// As a document names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGovL4 => "us-gov-l4",
            Self::UsGovL5 => "us-gov-l5",
            Self::China => "china",
        }
    }

    /// Root of the token endpoint, without a trailing slash. L4 and L5 share theirs; of China's two
    /// it is the current one.
    #[must_use]
    pub const fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovL4 | Self::UsGovL5 => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Root of Microsoft Graph, without a trailing slash and without a version.
    #[must_use]
    pub const fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovL4 => "https://graph.microsoft.us",
            Self::UsGovL5 => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }
}

/// What the application signs in with
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>). Holds the *name*
/// of a secret or a key, never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A client secret.
    Secret {
        /// Its name at the host.
        name: String,
        /// The first moment of the day on which it expires, in UTC, where the document tells it.
        expires: Option<Timestamp>,
    },
    /// A certificate: a key that signs at the host.
    Certificate {
        /// The key's name at the host.
        key: String,
        /// Whether the certificates go along with each signature.
        send_chain: bool,
    },
    /// A token of another issuer that the application trusts.
    Federated {
        /// The token's name at the host, which gives the newest.
        token: String,
    },
}

impl Credential {
    /// What it is, and its name at the host, in one word: the same for the same credential, and for no other.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Secret { name, .. } => name.clone(),
            // No name of a secret has a colon.
            Self::Certificate { key, .. } => format!("certificate:{key}"),
            Self::Federated { token } => format!("federated:{token}"),
        }
    }
}

/// For the middle of a sentence.
impl fmt::Display for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret { name, .. } => write!(formatter, "the client secret {name:?}"),
            Self::Certificate { key, .. } => {
                write!(formatter, "the certificate of the key {key:?}")
            }
            Self::Federated { token } => write!(formatter, "the federated token {token:?}"),
        }
    }
}

/// How the directory is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Tenant id or a verified domain name, as written.
    pub tenant: String,
    /// The cloud the tenant lives in.
    pub cloud: Cloud,
    /// Application (client) id.
    pub client_id: String,
    /// What the application signs in with.
    pub credential: Credential,
    /// What it signs in with where the other one is refused for its own sake: while one takes the other's place,
    /// both are there.
    pub fallback: Option<Credential>,
    /// Root of the token endpoint without a trailing slash; the cloud's own unless overridden.
    pub login: String,
    /// Root of Graph without a trailing slash and version; the cloud's own unless overridden.
    pub graph: String,
}

impl Connection {
    /// The credentials, in the order in which they are tried.
    pub fn credentials(&self) -> impl Iterator<Item = &Credential> {
        std::iter::once(&self.credential).chain(&self.fallback)
    }

    /// Roots that the document names in the place of the cloud's, with where it does.
    pub fn own_roots(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("/endpoints/login", &self.login, self.cloud.login()),
            ("/endpoints/graph", &self.graph, self.cloud.graph()),
        ]
        .into_iter()
        .filter(|(_, root, usual)| root.as_str() != *usual)
        .map(|(pointer, root, _)| (pointer, root.as_str()))
    }
}
