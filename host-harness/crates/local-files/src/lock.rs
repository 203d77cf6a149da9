//! Files that one holder has at a time. The system lets go of them also when a process is killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two looks at a file that somebody else holds.
const PAUSE: Duration = Duration::from_millis(20);

/// While this lives, nobody else has the same file.
#[derive(Debug)]
pub struct Held {
    file: File,
}

/// Why a file is not held.
#[derive(Debug, thiserror::Error)]
pub enum NotHeld {
    /// Somebody else has it, and kept it for longer than was waited.
    #[error("{} is held by {}", path.display(), signature.as_deref().unwrap_or("another process"))]
    Other {
        /// The file.
        path: PathBuf,
        /// What the holder has [signed](Held::sign) it with.
        signature: Option<String>,
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
pub fn hold(path: &Path, patience: Duration) -> Result<Held, NotHeld> {
    let failed = |source| NotHeld::Failed {
        path: path.to_owned(),
        source,
    };
    let mut file = open_for_its_owner_alone(path).map_err(failed)?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held { file }),
            Err(TryLockError::WouldBlock) if since.elapsed() < patience => {
                std::thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(NotHeld::Other {
                    path: path.to_owned(),
                    signature: signature(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// What the holder of a file has signed it with, where somebody has it now. Makes no file.
pub fn held_by(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => signature(&mut file),
        _ => None,
    }
}

impl Held {
    /// Leaves a line for whoever finds the file held.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn sign(&mut self, line: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(line.as_bytes())
    }
}

/// Whoever can open a file can hold it (flock(2) asks for no right to write), so nobody else may open it,
/// also where an earlier version made it readable by all.
fn open_for_its_owner_alone(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        let permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

fn signature(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    Some(text).filter(|text| !text.is_empty())
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

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_could_open_and_hold_is_closed_to_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.lock");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _held = hold(&path, Duration::ZERO).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_holder_is_told_by_what_it_signed_with_and_by_nothing_when_it_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.lock");
        assert_eq!(held_by(&path), None);
        assert!(!path.exists());
        let mut held = hold(&path, Duration::ZERO).unwrap();
        held.sign("`a long line`").unwrap();
        held.sign("`plan`").unwrap();
        assert_eq!(held_by(&path).as_deref(), Some("`plan`"));
        let refused = hold(&path, Duration::ZERO).unwrap_err().to_string();
        assert!(refused.contains("held by `plan`"), "{refused}");
        drop(held);
        assert_eq!(held_by(&path), None);
    }
}
