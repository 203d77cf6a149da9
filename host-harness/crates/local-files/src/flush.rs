//! Many who write to one file, and few flushes.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Flushes what several threads write to one file. One flush serves everybody who wrote before it began, so
/// that ten who wait for the disk wait about as long as one.
///
/// ```
/// # let file = tempfile::tempfile()?;
/// let flush = local_files::SharedFlush::new(file);
/// // ... a write ...
/// let write = flush.wrote();
/// flush.flush(write)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SharedFlush {
    file: File,
    written: AtomicU64,
    flushed: Mutex<u64>,
    flushes: AtomicU64,
}

/// A write that was done, in the order of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use = "it is not on the disk before it is flushed"]
pub struct Write(u64);

impl SharedFlush {
    /// Flushes that file, whoever writes to it and through whichever handle.
    pub fn new(file: File) -> Self {
        Self {
            file,
            written: AtomicU64::new(0),
            flushed: Mutex::new(0),
            flushes: AtomicU64::new(0),
        }
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
        self.flushes.fetch_add(1, Ordering::Relaxed);
        *flushed = all;
        Ok(())
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
        SharedFlush::new(tempfile::tempfile().unwrap())
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
    fn what_others_wrote_is_flushed_too() {
        let shared = shared();
        shared.flush_all().unwrap();
        assert_eq!(shared.flushes(), 1);
    }
}
