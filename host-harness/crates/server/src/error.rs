//! Why a server did not start, or an operator was not obeyed.

use std::net::SocketAddr;
use std::path::PathBuf;

use connector_runtime::RuntimeError;
use server_db::{RecordsError, ServerDbError, Tampered};
use vault::{KeyFileError, KeyTextError};

use crate::public_url::PublicUrlError;
use crate::stores::OpenError;

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
    Records(#[from] RecordsError),
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
