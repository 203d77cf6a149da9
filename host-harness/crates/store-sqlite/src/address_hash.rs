//! The hash by which an address is found. It is 8 bytes in place of the address, in every index row; what it
//! finds is compared with the address afterwards, so that a collision costs a look and mixes up nobody.

use sha2::{Digest as _, Sha256};

use super::fields::email_key;

/// Bits of a hash. A test takes fewer, so that all addresses collide.
#[cfg(not(test))]
fn width() -> u32 {
    64
}

#[cfg(test)]
pub(super) use self::seam::{width, with_width};

/// The hash of an address in the form in which addresses are compared. It stands in files, so it is one
/// that does not change with the compiler.
pub(super) fn hash(key: &str) -> i64 {
    let digest = Sha256::digest(key.as_bytes());
    let (first, _) = digest.split_at(8);
    let hash = first
        .iter()
        .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    (hash >> (64 - width())).cast_signed()
}

/// The hash of an address as it is written.
pub(super) fn hash_of(address: &str) -> i64 {
    hash(&email_key(address))
}

#[cfg(test)]
mod seam {
    use std::cell::Cell;

    thread_local! {
        static WIDTH: Cell<u32> = const { Cell::new(64) };
    }

    pub(crate) fn width() -> u32 {
        WIDTH.get()
    }

    /// Does something with hashes of so many bits.
    pub(crate) fn with_width(bits: u32, work: impl FnOnce()) {
        WIDTH.set(bits);
        work();
        WIDTH.set(64);
    }
}
