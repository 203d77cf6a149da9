//! A store in the hands of the one who may write.

use std::fmt;
use std::sync::Arc;

use super::SqliteStore;
use super::access::Access;
use super::errors::DatabaseError;
use super::lease::{self, Lease};
use super::plan::{self, PlanRecord};

/// A store, and the lease under which it is written.
///
/// Each write checks in its own transaction that the lease is still the newest, and renews it; after
/// another has taken over, every write is refused with
/// [`StoreError::LeaseLost`](connector_contract::StoreError::LeaseLost). The lease is given up when this
/// is dropped; where that cannot be written, it expires.
pub struct LeasedStore {
    store: Arc<SqliteStore>,
    lease: Lease,
}

impl LeasedStore {
    /// Writes to the store under this lease from now on.
    #[must_use]
    pub fn new(store: Arc<SqliteStore>, lease: Lease) -> Self {
        Self { store, lease }
    }

    /// Says that the holder is still at work, where it writes nothing for a while.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::LeaseLost`] where another has taken over, or where the database cannot be
    /// written.
    pub fn renew(&self) -> Result<(), DatabaseError> {
        let terms = self.store.terms(Some(&self.lease));
        lease::begin(&mut self.store.connector(), terms.lease, terms.now_ms)?.commit()?;
        Ok(())
    }

    /// Empties the plan in the making, as [`SqliteStore::begin_plan`] does.
    ///
    /// # Errors
    ///
    /// As there, and where the lease is lost.
    pub fn begin_plan(&self) -> Result<(), DatabaseError> {
        let terms = self.store.terms(Some(&self.lease));
        plan::begin(&mut self.store.connector(), terms)
    }

    /// Keeps the plan in the making, as [`SqliteStore::keep_plan`] does.
    ///
    /// # Errors
    ///
    /// As there, and where the lease is lost.
    pub fn keep_plan(&self, record: &PlanRecord) -> Result<(), DatabaseError> {
        let terms = self.store.terms(Some(&self.lease));
        plan::keep(&mut self.store.connector(), terms, record)
    }
}

impl Drop for LeasedStore {
    fn drop(&mut self) {
        // There is nobody left to tell, and the lease ends by itself.
        let _ = lease::release(&self.store.connector(), &self.lease);
    }
}

impl Access for LeasedStore {
    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn lease(&self) -> Option<&Lease> {
        Some(&self.lease)
    }
}

impl fmt::Debug for LeasedStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LeasedStore")
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
