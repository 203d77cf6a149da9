//! A platform's face to the connector: pages, an HTTP API, a scheduler and secrets kept safe.
//!
//! Everything turns around the `desk` of a workspace: what it is asked (by a page, a program or the
//! scheduler), it does one thing at a time; what is to be seen there, it tells as [`api_types::views`],
//! which the API answers as JSON and [`server_pages`] draws as HTML. What must survive is in two places:
//! contacts and the connector's state in the workspace's own store, everything else in the records, which
//! are [`server_db`].
//!
//! | room | its one idea |
//! |---|---|
//! | `host` | what the workspaces share: connector, keys, the right to work |
//! | `desk` | one workspace: jobs, progress, the four steps, the overview |
//! | `settings`, `choices` | a document as a form, and the form as a document |
//! | `words` | codes in words |
//! | `scheduler` | starts what is due |
//! | `turns` | whose turn it is to work |
//! | `front_door`, `open_files` | connections, and how many there may be |
//! | `web` | addresses, sessions, forms, the API |
//! | `operator`, `running`, `public_url` | for whoever runs the server |

mod choices;
mod desk;
mod front_door;
mod host;
mod metrics;
mod open_files;
mod operator;
mod public_url;
mod running;
mod scheduler;
mod settings;
mod token;
mod turns;
mod web;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use connector_runtime::{Proxy, RuntimeError, WallClock};
use store_sqlite::{DatabaseError, OpenError};
use vault::{KeyFileError, KeyTextError};

pub use self::host::{KeySource, SystemTime};
pub use self::operator::{AuditLine, Invited, Operator, WorkspaceSummary};
pub use self::public_url::{PublicUrlError, public_url};
pub use self::running::{Server, Standing};
pub use api_types::views::Role;
pub use server_db::{
    AuditKeyError, Head, ParseHeadError, Revoked, ServerDbError, Tampered, Verified,
};

/// Roots of a directory of one's own, for demonstrations and tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Of the token endpoint, and of the consent page.
    pub login: String,
    /// Of Microsoft Graph.
    pub graph: String,
}

/// How a server is run.
#[derive(Clone)]
pub struct ServerOptions {
    /// The connector: a component of the contract in `wit/`, as WebAssembly binary.
    pub component: Bytes,
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
    /// This host is only for looking around, and says so.
    pub demo: bool,
    /// Certificates to be trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// The forward proxy through which every directory is reached.
    pub proxy: Option<Proxy>,
    /// The time of day.
    pub clock: Arc<dyn WallClock>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The records cannot be opened.
    #[error(transparent)]
    Database(#[from] ServerDbError),
    /// The audit log is not what was written.
    #[error(transparent)]
    Tampered(#[from] Tampered),
    /// The address cannot be.
    #[error(transparent)]
    PublicUrl(#[from] PublicUrlError),
    /// The key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The keys in the environment cannot be used.
    #[error(transparent)]
    KeyText(#[from] KeyTextError),
    /// The component cannot be loaded.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] DatabaseError),
    /// Another server runs in the same directory.
    #[error(
        "a server runs in {} already; end that one first, or choose another --data for this one",
        data.display()
    )]
    Running {
        /// The directory.
        data: PathBuf,
    },
    /// The directory cannot be made or locked.
    #[error("{} cannot be used: {source}; choose another --data, or check its permissions", path.display())]
    Directory {
        /// What cannot be used.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Secrets cannot be sealed.
    #[error("secrets cannot be sealed anew: {0}")]
    Seal(String),
    /// What an operator asked for makes no sense.
    #[error("{0}")]
    WrongUsage(String),
    /// No temporary directory can be made.
    #[error("no temporary directory can be made: {0}")]
    Temporary(std::io::Error),
    /// The connector does not answer.
    #[error("the connector does not describe itself: {0}")]
    Connector(String),
}
