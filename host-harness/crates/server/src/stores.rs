//! The contact stores of the workspaces, of which those that were used last stay open.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use store_api::AdminStore;
use store_sqlite::{SqliteStore, StoreOptions};
use sync_runner::DataDirectory;

/// Stores that stay open after they were used: opening one takes longer than a run that finds nothing to do.
/// One that nobody works with keeps its statements, some hundred kilobytes, and no pages.
const MAX_OPEN: usize = 256;

/// Files that this process may have, for each of them: it has up to seven, and there are connections, too.
const FILES_PER_STORE: u64 = 32;

/// Why a store was not opened.
pub(crate) use store_sqlite::{DatabaseError, OpenError};

/// The stores of a server's workspaces.
pub(crate) struct OpenStores {
    workspaces: PathBuf,
    recent: Mutex<VecDeque<(String, Arc<dyn AdminStore>)>>,
    max_open: usize,
}

impl OpenStores {
    /// In the server's directory; `files`: how many this process may have open.
    pub(crate) fn new(data: &Path, files: u64) -> Self {
        Self {
            workspaces: data.join("workspaces"),
            recent: Mutex::default(),
            max_open: usize::try_from(files / FILES_PER_STORE)
                .map_or(MAX_OPEN, |stores| stores.min(MAX_OPEN)),
        }
    }

    /// The folder of a workspace.
    pub(crate) fn directory(&self, workspace: &str) -> DataDirectory {
        DataDirectory::new(Some(self.workspaces.join(workspace)))
    }

    /// The contacts of a workspace, opened where they are not. Blocks, and keeps no other workspace
    /// waiting while it does.
    pub(crate) fn get(&self, workspace: &str) -> anyhow::Result<Arc<dyn AdminStore>> {
        if let Some(open) = self.recent(workspace) {
            return Ok(open);
        }
        let store = self.directory(workspace).store()?;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(open, _)| open != workspace);
        recent.push_front((workspace.to_owned(), Arc::clone(&store)));
        recent.truncate(self.max_open);
        Ok(store)
    }

    /// One that is open, which is now the one that was used last.
    fn recent(&self, workspace: &str) -> Option<Arc<dyn AdminStore>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let at = recent.iter().position(|(open, _)| open == workspace)?;
        let entry = recent.remove(at)?;
        let store = Arc::clone(&entry.1);
        recent.push_front(entry);
        Some(store)
    }
}

/// An empty store that is thrown away.
pub(crate) fn open_aside(directory: &Path) -> Result<Arc<dyn AdminStore>, OpenError> {
    let options = StoreOptions {
        durable: false,
        ..StoreOptions::default()
    };
    Ok(Arc::new(SqliteStore::open(directory, &options)?))
}
