//! A sealed value, and the bytes in which it is stored.
//!
//! ```text
//! version   1 byte    1
//! id length 1 byte    1 to 32
//! key id    so many   letters, digits, - and _
//! nonce     24 bytes
//! rest                the secret, encrypted, and 16 bytes that authenticate it
//! ```

use std::fmt;

use super::key::is_key_id;

/// Bytes of a nonce of XChaCha20-Poly1305.
pub(super) const NONCE_LENGTH: usize = 24;

/// Bytes that authenticate, at the end of every ciphertext.
const TAG_LENGTH: usize = 16;

const VERSION: u8 = 1;

/// A secret that opens only with its key and in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(super) key_id: String,
    pub(super) nonce: [u8; NONCE_LENGTH],
    pub(super) ciphertext: Vec<u8>,
}

/// Bytes that no vault has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedSealed {
    /// Written by a newer version of the vault, or not by a vault at all.
    #[error(
        "the stored secret has a format that this version does not know; use the newer version, or set the secret again"
    )]
    Version,
    /// Cut off, or changed where it says how it is to be read.
    #[error("the stored secret is damaged; set it again")]
    Damaged,
}

impl Sealed {
    /// The id of the key that opens it.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What to store, in one column.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A key's id has at most 32 bytes: nothing is cut off here.
        let id_length = self.key_id.len() as u8;
        let mut bytes = vec![VERSION, id_length];
        bytes.extend_from_slice(self.key_id.as_bytes());
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    /// Reads what [`Self::to_bytes`] gave. Whether it opens is another question.
    ///
    /// # Errors
    ///
    /// See [`MalformedSealed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MalformedSealed> {
        let (&version, rest) = bytes.split_first().ok_or(MalformedSealed::Damaged)?;
        if version != VERSION {
            return Err(MalformedSealed::Version);
        }
        let parts = || {
            let (&id_length, rest) = rest.split_first()?;
            let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
            let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>()?;
            let key_id = std::str::from_utf8(id).ok().filter(|id| is_key_id(id))?;
            (ciphertext.len() >= TAG_LENGTH).then(|| Self {
                key_id: key_id.to_owned(),
                nonce: *nonce,
                ciphertext: ciphertext.to_vec(),
            })
        };
        parts().ok_or(MalformedSealed::Damaged)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sealed")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_version_and_damage_are_told_apart() {
        assert_eq!(Sealed::from_bytes(&[]), Err(MalformedSealed::Damaged));
        assert_eq!(
            Sealed::from_bytes(&[2, 1, b'k']),
            Err(MalformedSealed::Version)
        );
        assert_eq!(
            Sealed::from_bytes(&[VERSION, 1, b'k']),
            Err(MalformedSealed::Damaged)
        );
    }

    #[test]
    fn a_value_too_short_to_be_authentic_is_damaged() {
        let sealed = Sealed {
            key_id: "k".to_owned(),
            nonce: [0; NONCE_LENGTH],
            ciphertext: vec![0; TAG_LENGTH],
        };
        let bytes = sealed.to_bytes();
        assert_eq!(Sealed::from_bytes(&bytes), Ok(sealed));
        for length in 1..bytes.len() {
            assert_eq!(
                Sealed::from_bytes(&bytes[..length]),
                Err(MalformedSealed::Damaged)
            );
        }
    }

    proptest! {
        #[test]
        fn bytes_are_refused_or_read_as_exactly_themselves(
            bytes in proptest::collection::vec(any::<u8>(), 0..120),
            id_length in 0_u8..40,
            looks_right in any::<bool>(),
        ) {
            let mut bytes = bytes;
            if looks_right {
                let id = vec![b'k'; usize::from(id_length)];
                bytes.splice(0..0, [VERSION, id_length].into_iter().chain(id));
            }
            if let Ok(sealed) = Sealed::from_bytes(&bytes) {
                prop_assert_eq!(sealed.to_bytes(), bytes);
            }
        }
    }
}
