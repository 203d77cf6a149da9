//! A store in the hands of the one who may write.

use std::fmt;
use std::sync::Arc;

use connector_contract::imports::Ledger;
use rusqlite::Connection;
use store_api::{BackendError, LeasedStore, PlanRecord};

use super::SqliteStore;
use super::access::Access;
use super::errors::DatabaseError;
use super::lease::{self, Lease};
use super::ledger::SqliteLedger;
use super::plan;

/// A store, and the lease under which it is written.
pub(super) struct LeasedSqliteStore {
    store: Arc<SqliteStore>,
    lease: Lease,
}

impl LeasedSqliteStore {
    /// Writes to the store under this lease from now on.
    pub(super) fn new(store: Arc<SqliteStore>, lease: Lease) -> Self {
        Self { store, lease }
    }
}

impl LeasedStore for LeasedSqliteStore {
    fn renew(&self) -> Result<(), BackendError> {
        let context = self.store.context(Some(&self.lease));
        Ok(self.store.write(|connection| {
            let transaction = lease::begin(connection, context.lease, context.now_ms)?;
            transaction.commit().map_err(DatabaseError::from)
        })?)
    }

    fn begin_plan(&self) -> Result<(), BackendError> {
        let context = self.store.context(Some(&self.lease));
        Ok(self
            .store
            .write(|connection| plan::begin(connection, context))?)
    }

    fn keep_plan(&self, record: &PlanRecord) -> Result<(), BackendError> {
        let context = self.store.context(Some(&self.lease));
        let keep = |connection: &mut Connection| plan::keep(connection, context, record);
        Ok(self.store.write_durable(keep)?)
    }

    fn ledger(self: Arc<Self>, account: &str) -> Arc<dyn Ledger> {
        Arc::new(SqliteLedger::new(self, account))
    }
}

impl Drop for LeasedSqliteStore {
    fn drop(&mut self) {
        self.lease.give_up();
        self.store.rest();
    }
}

impl Access for LeasedSqliteStore {
    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn lease(&self) -> Option<&Lease> {
        Some(&self.lease)
    }
}

impl fmt::Debug for LeasedSqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LeasedSqliteStore")
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
