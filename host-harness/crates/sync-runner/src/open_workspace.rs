//! An open workspace, and the right to write in it.

use std::sync::Arc;
use std::time::Duration;

use connector_runtime::{Connector, Workspace};
use store_api::{AdminStore, Holder, LeaseError, TakeOver};

/// A workspace that is open, with a connector loaded for it.
pub struct OpenWorkspace {
    /// The contacts, as whoever looks at them reads them.
    pub store: Arc<dyn AdminStore>,
    /// What is called.
    pub connector: Connector,
    /// What the connector is given in a call. It writes to the store under the lease, once there is one.
    pub workspace: Workspace,
}

/// How long a holder may be silent before another machine may take over.
const LEASE: Duration = Duration::from_secs(5 * 60);

impl OpenWorkspace {
    /// Lets nobody but this process write from now on. It holds the data directory's lock, so a holder
    /// of this machine is a process that died.
    ///
    /// # Errors
    ///
    /// Where another machine holds the lease, or the database cannot be written.
    pub fn hold(&mut self, task: &str) -> Result<(), LeaseError> {
        let holder = Holder {
            task: task.to_owned(),
            process: std::process::id(),
            machine: machine(),
        };
        let store = Arc::clone(&self.store);
        let leased = store.acquire_lease(&holder, LEASE, TakeOver::SameMachine)?;
        self.workspace.store = leased.clone();
        self.workspace.state = leased.clone();
        if let Some(target) = &mut self.workspace.target {
            target.ledger = leased.clone().ledger(&target.account);
        }
        self.workspace.plan = leased;
        Ok(())
    }
}

/// What this machine calls itself.
fn machine() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map_or_else(|| "this machine".to_owned(), |name| name.trim().to_owned())
}
