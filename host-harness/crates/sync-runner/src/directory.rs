//! The directory of a workspace: its contacts, where its secrets are, and who works in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use local_files::{Held, NotHeld, held_by, hold};
use store_api::AdminStore;
use store_sqlite::{FILE_NAME, MigrationProgress, SqliteStore, StoreOptions};

/// Where it is when nobody says.
const DEFAULT: &str = ".connector";

/// Locked while a command calls the connector; says which one.
const LOCK: &str = "lock";

/// A report asks for a moment who holds the lock; that must not turn a sync away.
const PATIENCE: Duration = Duration::from_millis(300);

/// The directory of a workspace.
#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

/// While this lives, no other process calls the connector in the same directory. The system lets
/// go of it also when the process is killed.
#[derive(Debug)]
pub struct DirectoryLock {
    _held: Held,
}

impl DataDirectory {
    /// The directory that the command line names, or the usual one.
    pub fn new(named: Option<PathBuf>) -> Self {
        Self(named.unwrap_or_else(|| PathBuf::from(DEFAULT)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Opens the contacts; makes the directory and an empty store where there is none. How far it is with
    /// rewriting those of an earlier version is logged.
    pub fn store(&self) -> anyhow::Result<Arc<dyn AdminStore>> {
        let mut next = 0;
        let mut tell = |progress: MigrationProgress| {
            if progress.done >= next || progress.done == progress.total {
                next = progress.done + progress.total / 20;
                let (done, total) = (progress.done, progress.total);
                tracing::info!(done, total, "rewriting the contacts of an earlier version");
            }
        };
        let store = SqliteStore::open_with_progress(&self.0, &StoreOptions::default(), &mut tell)?;
        Ok(Arc::new(store))
    }

    /// Opens the contacts that are there. A directory that was misspelt is not made.
    pub fn existing_store(&self) -> anyhow::Result<Arc<dyn AdminStore>> {
        if !self.0.join(FILE_NAME).exists() {
            bail!(
                "there are no contacts in {}: run `connect CONFIG.json` first, or name the directory \
                 with --data",
                self.0.display()
            );
        }
        self.store()
    }

    /// Opens the contacts, and the configuration that `connect` has saved with them.
    pub fn connected_store(&self) -> anyhow::Result<(Arc<dyn AdminStore>, String)> {
        if !self.0.join(FILE_NAME).exists() {
            bail!(self.nothing_connected());
        }
        let store = self.store()?;
        let document = store
            .document()?
            .with_context(|| self.nothing_connected())?;
        Ok((store, document))
    }

    fn nothing_connected(&self) -> String {
        format!(
            "nothing is connected in {}: run `connect CONFIG.json` first, or name the directory with \
             --data",
            self.0.display()
        )
    }

    /// Keeps other processes from calling the connector here until the result is dropped. There are
    /// contacts here already, or it is an error.
    ///
    /// # Errors
    ///
    /// [`DirectoryLocked`] where another process works here.
    pub fn lock(&self, command: &str) -> anyhow::Result<DirectoryLock> {
        if !self.0.join(FILE_NAME).exists() {
            bail!(self.nothing_connected());
        }
        let mut held = hold(&self.0.join(LOCK), PATIENCE).map_err(|error| match error {
            NotHeld::Other { signature, .. } => anyhow::Error::from(DirectoryLocked {
                holder: signature,
                directory: self.0.clone(),
            }),
            failed @ NotHeld::Failed { .. } => failed.into(),
        })?;
        held.sign(&format!("`{command}` (process {})", std::process::id()))
            .with_context(|| format!("{} cannot be written", self.0.join(LOCK).display()))?;
        Ok(DirectoryLock { _held: held })
    }

    /// Whether a run is at work here now: a sync, or an undo, or one person's.
    pub fn is_syncing(&self) -> bool {
        let runs = ["`sync`", "`undo`", "`retry`"];
        held_by(&self.0.join(LOCK))
            .is_some_and(|holder| runs.iter().any(|command| holder.starts_with(command)))
    }
}

/// Another process works in the directory. Its words are for whoever may see the machine: they name a path
/// and a process.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is at work in {}; try again when it is done",
    holder.as_deref().unwrap_or("another process"),
    directory.display()
)]
pub struct DirectoryLocked {
    holder: Option<String>,
    directory: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_at_a_time_works_in_a_directory_and_the_other_hears_which() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::new(Some(directory.path().to_owned()));
        data.store().unwrap();
        let lock = data.lock("sync").unwrap();
        assert!(data.is_syncing());
        let refused = data.lock("plan").unwrap_err().to_string();
        assert!(refused.contains("`sync`"), "{refused}");
        drop(lock);
        assert!(!data.is_syncing());
        let _lock = data.lock("plan").unwrap();
        assert!(!data.is_syncing(), "a plan is no sync");
    }

    #[test]
    fn a_directory_that_is_only_looked_at_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("misspelt");
        let data = DataDirectory::new(Some(path.clone()));
        assert!(data.existing_store().is_err());
        assert!(data.connected_store().is_err());
        assert!(data.lock("sync").is_err());
        assert!(!data.is_syncing());
        assert!(!path.exists());
    }
}
