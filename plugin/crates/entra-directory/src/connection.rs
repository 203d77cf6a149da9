//! How one tenant is reached.

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

/// How the directory is reached. Holds the *name* of a secret, never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Tenant id or a verified domain name, as written.
    pub tenant: String,
    /// The cloud the tenant lives in.
    pub cloud: Cloud,
    /// Application (client) id.
    pub client_id: String,
    /// The secret's name at the host.
    pub secret: String,
    /// Root of the token endpoint without a trailing slash; the cloud's own unless overridden.
    pub login: String,
    /// Root of Graph without a trailing slash and version; the cloud's own unless overridden.
    pub graph: String,
}

impl Connection {
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
