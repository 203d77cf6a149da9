//! Files that one holder has at a time. The system lets go of them also when a process is killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two looks at a file that somebody else holds.
const PAUSE: Duration = Duration::from_millis(20);

/// While this lives, nobody else has the same file.
#[derive(Debug)]
pub(super) struct Held {
    _file: File,
}

/// Why a file is not held.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotHeld {
    /// Somebody else has it, and kept it for longer than was waited.
    #[error("{} is held by another process", path.display())]
    Other {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be made or locked.
    #[error("{} cannot be locked: {source}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Takes a file, which is made where it is missing. Blocks for at most `patience` while somebody else
/// has it.
///
/// # Errors
///
/// See [`NotHeld`].
pub(super) fn hold(path: &Path, patience: Duration) -> Result<Held, NotHeld> {
    let failed = |source| NotHeld::Failed {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // Whoever else could open it could hold it, too.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held { _file: file }),
            Err(TryLockError::WouldBlock) if since.elapsed() < patience => {
                std::thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(NotHeld::Other {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_holder_and_is_free_when_that_one_lets_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.lock");
        let held = hold(&path, Duration::ZERO).unwrap();
        let refused = hold(&path, Duration::ZERO).unwrap_err();
        assert!(matches!(refused, NotHeld::Other { .. }), "{refused}");
        std::thread::scope(|scope| {
            let patient = scope.spawn(|| hold(&path, Duration::from_secs(60)));
            drop(held);
            assert!(patient.join().unwrap().is_ok());
        });
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let refused = hold(&directory.path().join("none/file.lock"), Duration::ZERO).unwrap_err();
        assert!(refused.to_string().contains("file.lock"), "{refused}");
    }
}
