//! How a server is run.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use connector_runtime::{Proxy, WallClock};
use secrecy::SecretString;

use crate::platform_application::PlatformApplication;

/// Roots of a directory of one's own, for demonstrations and tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Of the token endpoint, and of the consent page.
    pub login: String,
    /// Of Microsoft Graph.
    pub graph: String,
}

/// Where the vault's keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file that its owner alone can read; made where it is missing.
    File(PathBuf),
    /// The text of such a file, from the environment.
    Text(SecretString),
}

/// How a server is run.
#[derive(Clone)]
pub struct ServerOptions {
    /// The connector: a component of the contract in `wit/`, as WebAssembly binary.
    pub component: Bytes,
    /// The destinations that documents may choose, by name: components that are plugged into the connector.
    pub destinations: Vec<(String, Bytes)>,
    /// Where everything is kept: the records, and a folder for each workspace.
    pub data: PathBuf,
    /// The vault's keys.
    pub keys: KeySource,
    /// Where the compiled connector is kept; none: in `data`.
    pub compiled: Option<PathBuf>,
    /// Workspaces that may sync at the same time; half as many, and at least one, may plan beside them.
    pub parallel: usize,
    /// Instead of Microsoft's own; the only way in which anything but https is spoken, and only to this
    /// machine.
    pub endpoints: Option<Endpoints>,
    /// The address at which browsers find the server: `https://sync.example`. Empty, for an operator: where
    /// the server was found when it ran last.
    pub public_url: String,
    /// The platform's own application, with which administrators connect by signing in; without one, each registers
    /// their own.
    pub application: Option<PlatformApplication>,
    /// Whether directories are asked to tell of changes at the public address. Microsoft tells nobody without
    /// https; an emulator may.
    pub notifications: bool,
    /// This host is only for looking around, and says so.
    pub demo: bool,
    /// Certificates to be trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// The forward proxy through which every directory is reached.
    pub proxy: Option<Proxy>,
    /// The time of day.
    pub clock: Arc<dyn WallClock>,
}
