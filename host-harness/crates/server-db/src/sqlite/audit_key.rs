//! The key that seals the entries of the audit log, in a file of its own beside the records.
//!
//! Whoever can alter the records but not read this file cannot make a chain anew. The file is one line:
//! the number of the first entry that is sealed with the key, the key, and the seal of the entry before
//! that one (`-` where there is none), so that what an earlier version sealed without a key cannot be
//! made anew either.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;

use crate::records::Head;

/// The file in the server's directory.
const FILE: &str = "audit.key";

/// What the file holds where the key is lost for good, and another is to be made.
const NEW: &str = "new";

/// Longer than any line of ours.
const LONGEST: usize = 512;

/// Why entries cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum AuditKeyError {
    /// It cannot be read or made.
    #[error("the audit log's key {} cannot be used: {source}; check its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There has been one.
    #[error(
        "the audit log's key {} is missing; put it back from a backup. Where it is lost for good, write a file of \
         that name with the word new in it: then a new key seals what comes, and `audit --verify` says which entries it \
         cannot check",
        path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else.
    #[error(
        "the audit log's key {} is damaged; put it back from a backup. Where it is lost for good, write a file of \
         that name with the word new in it: then a new key seals what comes, and `audit --verify` says which entries it \
         cannot check",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The machine gives no random bytes.
    #[error("this machine gives no random bytes: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// What seals entries, and since when.
pub(super) struct AuditKey {
    /// The first entry that is sealed with the key.
    pub(super) first: i64,
    /// The seal of the entry before; empty where there is none.
    pub(super) before: Vec<u8>,
    key: Zeroizing<[u8; 32]>,
}

impl AuditKey {
    /// Reads the key of a server's directory, and makes one where there never was one, or where somebody wrote
    /// [`NEW`] in its place: for the entries that come after `head`. Nobody else may do the same
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// See [`AuditKeyError`].
    pub(super) fn open_or_create(
        directory: &Path,
        head: Option<&Head>,
        has_known_one: bool,
    ) -> Result<Self, AuditKeyError> {
        let path = directory.join(FILE);
        let make = |path: PathBuf| {
            let key = Self::generate(head)?;
            key.write(directory, &path)
                .map_err(|source| AuditKeyError::File { path, source })?;
            Ok(key)
        };
        match std::fs::read_to_string(&path) {
            Ok(text) if text.trim() == NEW => {
                std::fs::remove_file(&path).map_err(|source| AuditKeyError::File {
                    path: path.clone(),
                    source,
                })?;
                make(path)
            }
            Ok(text) => Self::read(&text).ok_or(AuditKeyError::Damaged { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && has_known_one => {
                Err(AuditKeyError::Missing { path })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
            Err(source) => Err(AuditKeyError::File { path, source }),
        }
    }

    /// The seal of an entry's bytes.
    pub(super) fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        // RFC 2104 takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.key) else {
            return Vec::new();
        };
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }

    fn generate(head: Option<&Head>) -> Result<Self, AuditKeyError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key)?;
        Ok(Self {
            first: head.map_or(1, |head| head.number + 1),
            before: head.map(|head| head.seal.clone()).unwrap_or_default(),
            key,
        })
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut parts = text.split_ascii_whitespace();
        let (first, key, before) = (parts.next()?, parts.next()?, parts.next()?);
        let key = Zeroizing::new(STANDARD.decode(key).ok()?);
        Some(Self {
            first: first.parse().ok().filter(|first| *first >= 1)?,
            before: match before {
                "-" => Vec::new(),
                seal => STANDARD.decode(seal).ok()?,
            },
            key: Zeroizing::new(key.as_slice().try_into().ok()?),
        })
    }

    /// Whole or not at all. `tempfile` gives the file the mode 0600.
    fn write(&self, directory: &Path, path: &Path) -> io::Result<()> {
        let before = match self.before.as_slice() {
            [] => "-".to_owned(),
            seal => STANDARD.encode(seal),
        };
        let key = Zeroizing::new(STANDARD.encode(*self.key));
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        writeln!(file, "{} {} {before}", self.first, *key)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_read_again_seals_alike_and_another_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let head = Head {
            number: 7,
            seal: vec![1, 2, 3],
        };
        let made = AuditKey::open_or_create(directory.path(), Some(&head), false).unwrap();
        let read = AuditKey::open_or_create(directory.path(), None, false).unwrap();
        assert_eq!((read.first, read.before.as_slice()), (8, &[1, 2, 3][..]));
        assert_eq!(made.seal(b"entry"), read.seal(b"entry"));
        let other = AuditKey::generate(None).unwrap();
        assert_eq!(other.first, 1);
        assert_ne!(other.seal(b"entry"), read.seal(b"entry"));
    }

    #[test]
    fn a_key_that_was_there_is_not_replaced_in_silence() {
        let directory = tempfile::tempdir().unwrap();
        let missing = AuditKey::open_or_create(directory.path(), None, true);
        assert!(matches!(missing, Err(AuditKeyError::Missing { .. })));
        let path = directory.path().join(FILE);
        assert!(!path.exists());
        std::fs::write(&path, "new\n").unwrap();
        let made = AuditKey::open_or_create(directory.path(), None, true).unwrap();
        let read = AuditKey::open_or_create(directory.path(), None, true).unwrap();
        assert_eq!(made.seal(b"entry"), read.seal(b"entry"));
    }

    #[test]
    fn what_is_no_key_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        let short = STANDARD.encode([0; 31]);
        let key = STANDARD.encode([0; 32]);
        for text in [
            String::new(),
            "1".to_owned(),
            format!("0 {key} -"),
            format!("1 {short} -"),
            format!("1 {key} ?"),
            format!("1 {key}"),
        ] {
            std::fs::write(&path, &text).unwrap();
            let refused = AuditKey::open_or_create(directory.path(), None, false);
            assert!(
                matches!(refused, Err(AuditKeyError::Damaged { .. })),
                "{text}"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
