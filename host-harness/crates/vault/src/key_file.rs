//! The key file: readable by its owner alone, and never half written.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use configuration_document::text::{self, NotText};
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use super::key_ring::{KeyRing, KeyTextError, RandomnessError};

/// The longest key file, in bytes: some hundreds of keys.
const LONGEST: u64 = 64 * 1024;

/// Why there is no key ring in a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not there, or cannot be read.
    #[error("the key file {} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than its owner can read or change it.
    #[error(
        "the key file {} can be read or changed by others (mode {mode:04o}); run `chmod 600 {}`, and rotate the keys if somebody may have read it",
        path.display(),
        path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A directory, a device, or longer than any key file.
    #[error("{} is no key file; name the file that holds the keys", path.display())]
    NoKeyFile {
        /// What is there.
        path: PathBuf,
    },
    /// It is in another encoding than UTF-8.
    #[error("the key file {} cannot be used: {source}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        source: NotText,
    },
    /// Its text is no key ring.
    #[error("the key file {} cannot be used: {source}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with the text.
        source: KeyTextError,
    },
    /// It cannot be written. A file that was there is as it was.
    #[error("the key file {} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A first key was needed, and could not be made.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// Whether a file that is already there may be lost.
#[derive(Clone, Copy)]
enum Existing {
    Replace,
    Keep,
}

impl KeyRing {
    /// Reads a key file. Where the name is a link, what it leads to has to be the owner's alone.
    ///
    /// # Errors
    ///
    /// Where it is not there, is open to others (on Unix), or holds no key ring.
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let text = read(path)?;
        Self::from_text(&text).map_err(|source| KeyFileError::Text {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a key file, and makes one with a new key where there is none. Of two processes that do
    /// this at once one makes it, and both have its key.
    ///
    /// A new key opens nothing that was sealed before: where sealed values are kept already, a
    /// missing file is a loss to be told of, and [`Self::from_file`] tells of it.
    ///
    /// # Errors
    ///
    /// As [`Self::from_file`], and where the file cannot be made.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyFileError> {
        match Self::from_file(path) {
            Err(KeyFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            result => return result,
        }
        let ring = Self::generate()?;
        match write(path, &ring, Existing::Keep) {
            Ok(()) => Ok(ring),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::from_file(path),
            Err(source) => Err(unwritable(path, source)),
        }
    }

    /// Removes the files beside `path` that hold keys because a process was killed before it could give them
    /// their name; how many there were. Nobody may be writing keys meanwhile: hold the same lock as for
    /// [`Self::save`].
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read, or a file not be removed.
    pub fn remove_unfinished(path: &Path) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(directory_of(path))? {
            let entry = entry?;
            let is_temporary = entry.file_name().to_str().is_some_and(is_temporary_name);
            // Others may have files of such a name here: it goes where it holds keys.
            if is_temporary && entry.file_type()?.is_file() && holds_keys(&entry.path()) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Writes the keys to a file that its owner alone can read; a file that is there is replaced as
    /// a whole, with its keys, or left as it is. Two processes that rotate the keys of one file at
    /// once would lose each other's: hold a lock from reading the file to saving it.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyFileError> {
        write(path, self, Existing::Replace).map_err(|source| unwritable(path, source))
    }
}

fn unwritable(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::Write {
        path: path.to_owned(),
        source,
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = |source| KeyFileError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    // Asked of the open file: what is read is what was looked at, whatever the name means by now.
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(KeyFileError::NoKeyFile {
            path: path.to_owned(),
        });
    }
    refuse_others(path, &metadata)?;
    // Long enough from the start, so that the text is never moved and leaves no copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    let text = text::decode(&bytes).map_err(|source| KeyFileError::NotText {
        path: path.to_owned(),
        source,
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(unix)]
fn refuse_others(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(KeyFileError::OpenToOthers {
        path: path.to_owned(),
        mode,
    })
}

/// Elsewhere a user's files are private unless they were opened on purpose.
#[cfg(not(unix))]
fn refuse_others(_path: &Path, _metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// As `tempfile` makes names.
fn is_temporary_name(name: &str) -> bool {
    let rest = name.strip_prefix(".tmp").unwrap_or_default();
    rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a file begins as a key file does, also where it was cut off.
fn holds_keys(path: &Path) -> bool {
    let text = read(path).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    super::key::Key::from_line(first).is_ok()
}

/// Writes under another name in the same directory first, so that a file of this name is complete
/// and on the disk. `tempfile` gives it the mode 0600.
fn write(path: &Path, ring: &KeyRing, existing: Existing) -> io::Result<()> {
    let directory = directory_of(path);
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(ring.to_text().expose_secret().as_bytes())?;
    file.as_file().sync_all()?;
    match existing {
        Existing::Replace => file.persist(path)?,
        Existing::Keep => file.persist_noclobber(path)?,
    };
    sync_directory(directory)
}

/// The name is on the disk only once its directory is.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}
