//! What is measured of the server.

use std::path::PathBuf;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct ServerBench {
    /// The program that has the command `graph-emulator`.
    pub program: PathBuf,
    /// Workspaces that are due at once; 0 leaves this out.
    pub workspaces: u64,
    /// People of each of them.
    pub people: u64,
    /// Workspaces that may work at the same time.
    pub parallel: usize,
    /// How often all of them are due again, with nothing to do.
    pub rounds: u32,
    /// How often somebody changes of whom all workspaces are told; 0 leaves this out.
    pub changes: u32,
    /// Contacts of the large workspace; 0 leaves this out.
    pub contacts: u64,
    /// How often its overview is asked for.
    pub requests: u32,
}
