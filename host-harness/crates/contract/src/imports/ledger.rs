//! The durable memory of a destination.

use crate::{Committed, Expectation, LedgerRow, LedgerWrite, StoreError};

/// Keeps keys and values for a destination, in one account of its service: interface `ledger` of the contract, which
/// says what each method promises.
pub trait Ledger: Send + Sync {
    /// Those of the entries that are there, in any order.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn get(&self, keys: &[String]) -> Result<Vec<LedgerRow>, StoreError>;

    /// Entries whose key starts with `prefix`, in byte order of the key, after the key `after`, at most `limit`.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError>;

    /// Writes where all expectations are met: everything or nothing, and durable when it gives back.
    ///
    /// # Errors
    ///
    /// Where nothing was written; [`StoreError::LeaseLost`] for whoever has lost the lease of the workspace.
    fn commit(
        &self,
        expect: &[Expectation],
        writes: &[LedgerWrite],
    ) -> Result<Committed, StoreError>;
}

/// Keeps nothing: for a workspace without a destination.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLedger;

impl NoLedger {
    fn refused<T>() -> Result<T, StoreError> {
        Err(StoreError::Other(
            "the host keeps no ledger in this workspace".to_owned(),
        ))
    }
}

impl Ledger for NoLedger {
    fn get(&self, _keys: &[String]) -> Result<Vec<LedgerRow>, StoreError> {
        Self::refused()
    }

    fn scan(
        &self,
        _prefix: &str,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        Self::refused()
    }

    fn commit(
        &self,
        _expect: &[Expectation],
        _writes: &[LedgerWrite],
    ) -> Result<Committed, StoreError> {
        Self::refused()
    }
}
