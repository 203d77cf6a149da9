//! Many who write to one file, and few flushes.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Flushes what several threads write to one file. One flush serves everybody who wrote before it began, so
/// that ten who wait for the disk wait about as long as one.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("log");
/// # std::fs::write(&path, "")?;
/// let flush = local_files::SharedFlush::open(&path)?;
/// // ... a write ...
/// let write = flush.wrote();
/// flush.flush(write)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SharedFlush {
    file: File,
    directory: Option<PathBuf>,
    written: AtomicU64,
    flushed: Mutex<u64>,
    flushes: AtomicU64,
}

/// A write that was done, in the order of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "it is not on the disk before it is flushed"]
pub struct Write(u64);

impl SharedFlush {
    /// Flushes that file, whoever writes to it and through whichever handle; the first time also that it is
    /// in its directory, where directories can be flushed.
    ///
    /// # Errors
    ///
    /// Where there is no such file, or it may not be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: OpenOptions::new().read(true).write(true).open(path)?,
            directory: path.parent().map(Path::to_owned),
            written: AtomicU64::new(0),
            flushed: Mutex::new(0),
            flushes: AtomicU64::new(0),
        })
    }

    /// To be called after each write.
    pub fn wrote(&self) -> Write {
        Write(self.written.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Gives back when that write, and all before it, are on the disk.
    ///
    /// # Errors
    ///
    /// Where the system cannot flush: what was written may be lost with the power.
    pub fn flush(&self, write: Write) -> io::Result<()> {
        let mut flushed = self.flushed.lock().unwrap_or_else(PoisonError::into_inner);
        if *flushed >= write.0 {
            return Ok(());
        }
        let all = self.written.load(Ordering::SeqCst);
        self.file.sync_data()?;
        if let Some(directory) = self.directory.as_ref().filter(|_| *flushed == 0)
            && cfg!(unix)
        {
            File::open(directory)?.sync_all()?;
        }
        self.flushes.fetch_add(1, Ordering::Relaxed);
        *flushed = all;
        Ok(())
    }

    /// Gives back when everything is on the disk that this process has noted as written; at once, where it is.
    ///
    /// # Errors
    ///
    /// As [`Self::flush`].
    pub fn flush_noted(&self) -> io::Result<()> {
        self.flush(Write(self.written.load(Ordering::SeqCst)))
    }

    /// Gives back when everything is on the disk, what other processes wrote, too.
    ///
    /// # Errors
    ///
    /// As [`Self::flush`].
    pub fn flush_all(&self) -> io::Result<()> {
        let write = self.wrote();
        self.flush(write)
    }

    /// How often the disk was waited for.
    pub fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> SharedFlush {
        let file = tempfile::NamedTempFile::new().unwrap();
        SharedFlush::open(file.path()).unwrap()
    }

    #[test]
    fn one_flush_serves_all_who_wrote_before_it() {
        let shared = shared();
        let writes: Vec<_> = (0..10).map(|_| shared.wrote()).collect();
        for write in writes {
            shared.flush(write).unwrap();
        }
        assert_eq!(shared.flushes(), 1);
    }

    #[test]
    fn who_writes_after_a_flush_waits_for_one_of_its_own() {
        let shared = shared();
        for flushes in 1..=3 {
            let write = shared.wrote();
            shared.flush(write).unwrap();
            assert_eq!(shared.flushes(), flushes);
        }
    }

    #[test]
    fn where_nothing_was_noted_nothing_is_flushed() {
        let shared = shared();
        shared.flush_noted().unwrap();
        assert_eq!(shared.flushes(), 0);
        let _ = shared.wrote();
        shared.flush_noted().unwrap();
        shared.flush_noted().unwrap();
        assert_eq!(shared.flushes(), 1);
    }

    #[test]
    fn what_others_wrote_is_flushed_too() {
        let shared = shared();
        shared.flush_all().unwrap();
        assert_eq!(shared.flushes(), 1);
    }
}
