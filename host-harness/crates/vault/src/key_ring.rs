//! The keys: one that seals, and those before it that still open.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use configuration_document::text;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::key::{Key, KeyLineProblem};
use super::scope::SecretScope;
use super::sealed::{NONCE_LENGTH, Sealed};

/// The key that seals, and the former ones that only open.
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: Key,
    /// Newest first.
    former: Vec<Key>,
}

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system gives no random bytes ({0}); nothing was sealed and no key was made")]
pub struct RandomnessError(#[from] getrandom::Error);

/// Why a text is no key ring. The text itself is never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// There is no key in it.
    #[error(
        "it holds no key; write one key a line, newest first: a key id, a space, and 32 bytes in base64"
    )]
    Empty,
    /// A line is no key.
    #[error(
        "line {line}: {problem}; write one key a line, newest first: a key id, a space, and 32 bytes in base64"
    )]
    Line {
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        problem: KeyLineProblem,
    },
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum SealError {
    /// The system gave no random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The cipher takes less than 256 GiB.
    #[error("the secret is too long to be sealed")]
    TooLong,
}

/// Why a sealed value does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The ring has no key of this id.
    #[error(
        "the stored secret needs the key `{key_id}`, which is not among the keys; put that key's line back into the key file, or set the secret again"
    )]
    UnknownKey {
        /// The id that the sealed value names.
        key_id: String,
    },
    /// The key is there, but the value was changed, or belongs to another place.
    #[error(
        "the stored secret does not open: it was damaged, or moved here from another place; set it again"
    )]
    DoesNotOpen,
}

/// Why a value was not sealed anew; the old one is as it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResealError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It opens, and was not sealed again.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl KeyRing {
    /// A ring with one new key.
    ///
    /// # Errors
    ///
    /// Where the system gives no random bytes.
    pub fn generate() -> Result<Self, RandomnessError> {
        Ok(Self {
            current: Key::generate()?,
            former: Vec::new(),
        })
    }

    /// Reads the lines of a key file, from wherever they are kept. Empty lines mean nothing.
    ///
    /// # Errors
    ///
    /// Where a line is no key, or there is none.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let mut keys: Vec<Key> = Vec::new();
        let lines = text::without_mark(text).lines().enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let fails = |problem| KeyTextError::Line {
                line: index + 1,
                problem,
            };
            let key = Key::from_line(line).map_err(fails)?;
            if keys.iter().any(|other| other.id() == key.id()) {
                return Err(fails(KeyLineProblem::Repeated));
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        Ok(Self {
            current: keys.next().ok_or(KeyTextError::Empty)?,
            former: keys.collect(),
        })
    }

    /// The lines that [`Self::from_text`] reads.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        /// Longer than any line, so that the text is never moved and leaves no copy behind.
        const LINE: usize = 128;
        let mut text = Zeroizing::new(String::with_capacity(LINE * (1 + self.former.len())));
        for key in self.keys() {
            key.write_line(&mut text);
        }
        SecretString::from(text.as_str())
    }

    /// This ring with a new key in front, which seals from now on. The key that did so opens on.
    ///
    /// # Errors
    ///
    /// Where the system gives no random bytes.
    pub fn rotated(&self) -> Result<Self, RandomnessError> {
        Ok(Self {
            current: Key::generate()?,
            former: self.keys().cloned().collect(),
        })
    }

    /// This ring with its current key alone. What the former ones sealed is lost: everything has to
    /// be [resealed](Self::reseal) first.
    #[must_use]
    pub fn without_former(&self) -> Self {
        Self {
            current: self.current.clone(),
            former: Vec::new(),
        }
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current_id(&self) -> &str {
        self.current.id()
    }

    /// The ids of the keys that only open, newest first.
    pub fn former_ids(&self) -> impl Iterator<Item = &str> {
        self.former.iter().map(Key::id)
    }

    /// Whether the current key sealed it.
    #[must_use]
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.key_id == self.current.id()
    }

    /// Seals a secret for a place, with the current key.
    ///
    /// # Errors
    ///
    /// See [`SealError`].
    pub fn seal(&self, scope: SecretScope<'_>, secret: &SecretString) -> Result<Sealed, SealError> {
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(RandomnessError)?;
        // Encrypted where it lies, so that this copy of the secret is gone once it is sealed.
        let mut buffer = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
        let associated_data = scope.associated_data(self.current.id());
        cipher(&self.current)
            .encrypt_in_place(&nonce.into(), &associated_data, &mut *buffer)
            .map_err(|_| SealError::TooLong)?;
        Ok(Sealed {
            key_id: self.current.id().to_owned(),
            nonce,
            ciphertext: std::mem::take(&mut *buffer),
        })
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(&self, scope: SecretScope<'_>, sealed: &Sealed) -> Result<SecretString, OpenError> {
        let key = self
            .keys()
            .find(|key| key.id() == sealed.key_id)
            .ok_or_else(|| OpenError::UnknownKey {
                key_id: sealed.key_id.clone(),
            })?;
        let mut buffer = Zeroizing::new(sealed.ciphertext.clone());
        let associated_data = scope.associated_data(key.id());
        cipher(key)
            .decrypt_in_place(&sealed.nonce.into(), &associated_data, &mut *buffer)
            .map_err(|_| OpenError::DoesNotOpen)?;
        let secret = std::str::from_utf8(&buffer).map_err(|_| OpenError::DoesNotOpen)?;
        Ok(SecretString::from(secret))
    }

    /// Opens a value and seals it again, with the current key.
    ///
    /// # Errors
    ///
    /// See [`ResealError`].
    pub fn reseal(&self, scope: SecretScope<'_>, sealed: &Sealed) -> Result<Sealed, ResealError> {
        Ok(self.seal(scope, &self.open(scope, sealed)?)?)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.former)
    }
}

/// The cipher forgets its copy of the key when it is dropped.
fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}
