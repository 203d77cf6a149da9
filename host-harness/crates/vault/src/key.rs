//! One key, and the line of text that holds it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretBox};

/// Bytes of a key of XChaCha20-Poly1305.
pub(super) const KEY_LENGTH: usize = 32;

/// The longest id of a key, in bytes; it has to fit the one byte that a sealed value has for it.
pub(super) const LONGEST_KEY_ID: usize = 32;

/// Random bytes of the id of a new key: it need not be secret, only unlike the others.
const KEY_ID_BYTES: usize = 6;

/// A key and the id by which sealed values name it.
pub(super) struct Key {
    id: String,
    bytes: SecretBox<[u8; KEY_LENGTH]>,
}

/// What is wrong with a line that should hold a key. The line itself is never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyLineProblem {
    /// Not two words.
    #[error("it is not a key id, a space and a key")]
    Form,
    /// The id has other characters than a sealed value can name, or too many.
    #[error("the key id has to be 1 to 32 letters, digits, `-` and `_`")]
    Id,
    /// The key is no base64, or not of 32 bytes.
    #[error("the key is not 32 bytes in base64")]
    Key,
    /// A line above has the same id.
    #[error("another line has the same key id")]
    Repeated,
}

impl Key {
    /// A new key from the system's source of randomness.
    pub(super) fn generate() -> Result<Self, getrandom::Error> {
        let mut id = [0; KEY_ID_BYTES];
        getrandom::fill(&mut id)?;
        let mut bytes = Box::new([0; KEY_LENGTH]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            bytes: SecretBox::new(bytes),
        })
    }

    /// Reads `<key id> <base64 of 32 bytes>`.
    pub(super) fn from_line(line: &str) -> Result<Self, KeyLineProblem> {
        let mut words = line.split_ascii_whitespace();
        let (Some(id), Some(encoded), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyLineProblem::Form);
        };
        if !is_key_id(id) {
            return Err(KeyLineProblem::Id);
        }
        let decoded = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| KeyLineProblem::Key)?);
        let mut bytes = Box::new([0; KEY_LENGTH]);
        if decoded.len() != KEY_LENGTH {
            return Err(KeyLineProblem::Key);
        }
        bytes.copy_from_slice(&decoded);
        Ok(Self {
            id: id.to_owned(),
            bytes: SecretBox::new(bytes),
        })
    }

    /// Appends the line that [`Self::from_line`] reads.
    pub(super) fn write_line(&self, text: &mut String) {
        let encoded = Zeroizing::new(STANDARD.encode(self.bytes()));
        for part in [&self.id, " ", &encoded, "\n"] {
            text.push_str(part);
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        self.bytes.expose_secret()
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            bytes: SecretBox::new(Box::new(*self.bytes())),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Whether a key can have this id.
pub(super) fn is_key_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST_KEY_ID).contains(&id.len()) && id.bytes().all(plain)
}
