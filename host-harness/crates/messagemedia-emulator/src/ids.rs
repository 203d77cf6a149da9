//! Identifiers: UUIDs that follow from what they are of, so that the same requests lead to the same ones.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The id of the so-manieth of a kind.
pub(crate) fn made(kind: &str, number: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash.update(number.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    for (byte, digested) in bytes.iter_mut().zip(digest) {
        *byte = digested;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// An id as a request states it, in the one form in which ids are kept; `None` where it is none.
pub(crate) fn canonical(text: &str) -> Option<String> {
    Some(Uuid::parse_str(text).ok()?.to_string())
}
