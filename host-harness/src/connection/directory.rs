//! The directory of a workspace: its contacts, where its secrets are, and who works in it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::store::{FILE_NAME, SqliteStore, StoreOptions};

/// Where it is when nobody says.
const DEFAULT: &str = ".connector";

/// Locked while a command calls the connector; says which one.
const LOCK: &str = "lock";

/// A report asks for a moment who holds the lock; that must not turn a sync away.
const PATIENCE: Duration = Duration::from_millis(300);
const PAUSE: Duration = Duration::from_millis(50);

/// The directory of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct DataDirectory(PathBuf);

/// While this lives, no other process calls the connector in the same directory. The system lets
/// go of it also when the process is killed.
#[derive(Debug)]
pub(crate) struct Working {
    _lock: File,
}

impl DataDirectory {
    /// The directory that the command line names, or the usual one.
    pub(crate) fn new(named: Option<PathBuf>) -> Self {
        Self(named.unwrap_or_else(|| PathBuf::from(DEFAULT)))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Opens the contacts; makes the directory and an empty store where there is none.
    pub(crate) fn store(&self) -> anyhow::Result<Arc<SqliteStore>> {
        let store = SqliteStore::open(&self.0, &StoreOptions::default())?;
        Ok(Arc::new(store))
    }

    /// Opens the contacts that are there. A directory that was misspelt is not made.
    pub(crate) fn existing_store(&self) -> anyhow::Result<Arc<SqliteStore>> {
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
    pub(crate) fn connected_store(&self) -> anyhow::Result<(Arc<SqliteStore>, String)> {
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
    pub(crate) fn work(&self, command: &str) -> anyhow::Result<Working> {
        if !self.0.join(FILE_NAME).exists() {
            bail!(self.nothing_connected());
        }
        let path = self.0.join(LOCK);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => {
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => bail!(
                    "{} is at work in {}; try again when it is done",
                    holder(&mut file).unwrap_or_else(|| "another process".to_owned()),
                    self.0.display()
                ),
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("{} cannot be locked", path.display()));
                }
            }
        }
        sign(&mut file, command)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Working { _lock: file })
    }

    /// Whether a sync is at work here now.
    pub(crate) fn is_syncing(&self) -> bool {
        let Ok(mut file) = File::open(self.0.join(LOCK)) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
            && holder(&mut file).is_some_and(|holder| holder.starts_with("`sync`"))
    }
}

fn sign(file: &mut File, command: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    write!(file, "`{command}` (process {})", std::process::id())
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_at_a_time_works_in_a_directory_and_the_other_hears_which() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDirectory::new(Some(directory.path().to_owned()));
        data.store().unwrap();
        let working = data.work("sync").unwrap();
        assert!(data.is_syncing());
        let refused = data.work("plan").unwrap_err().to_string();
        assert!(refused.contains("`sync`"), "{refused}");
        drop(working);
        assert!(!data.is_syncing());
        let _working = data.work("plan").unwrap();
        assert!(!data.is_syncing(), "a plan is no sync");
    }

    #[test]
    fn a_directory_that_is_only_looked_at_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("misspelt");
        let data = DataDirectory::new(Some(path.clone()));
        assert!(data.existing_store().is_err());
        assert!(data.connected_store().is_err());
        assert!(data.work("sync").is_err());
        assert!(!data.is_syncing());
        assert!(!path.exists());
    }
}
