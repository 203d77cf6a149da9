//! The durable memory of a store over a service: keys and values, kept all or nothing.

use crate::contract::{Entry, StateWrite, StoreError};

/// What a key must still hold for a commit to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Which.
    pub key: String,
    /// `None`: nothing.
    pub value: Option<Vec<u8>>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is kept, and outlives the end of this process.
    Kept,
    /// An expectation was not met, and nothing was written: somebody else has written since.
    Unexpected,
}

/// Keys and values of one workspace, as `ledger` of the contract says. Any table that knows transactions gives it.
pub trait Ledger {
    /// Those of the entries that are there, in any order. At most 1,000 keys.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn get(&self, keys: &[String]) -> Result<Vec<Entry>, StoreError>;

    /// Entries whose key starts with `prefix`, in byte order of the key, after the key `after`, at most `limit`.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: u32)
    -> Result<Vec<Entry>, StoreError>;

    /// Writes entries, and deletes those without a value, where all expectations are met: everything or nothing.
    ///
    /// # Errors
    ///
    /// Where nothing was written.
    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[StateWrite],
    ) -> Result<Committed, StoreError>;
}

impl<L: Ledger + ?Sized> Ledger for &L {
    fn get(&self, keys: &[String]) -> Result<Vec<Entry>, StoreError> {
        (**self).get(keys)
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        (**self).scan(prefix, after, limit)
    }

    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[StateWrite],
    ) -> Result<Committed, StoreError> {
        (**self).commit(expect, writes)
    }
}
