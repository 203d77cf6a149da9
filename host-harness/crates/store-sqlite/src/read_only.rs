//! A store in the hands of somebody who only looks.

use std::fmt;
use std::sync::Arc;

use super::SqliteStore;
use super::access::{Access, AccessMode};
use super::lease::Lease;

/// A store for calls that change nothing, such as `report` and `explain`.
///
/// It answers while a sync writes: each read is of one state of the database, as of the last commit,
/// and waits for no transaction. Every write through it is refused with
/// [`StoreError::AccessDenied`](connector_contract::StoreError::AccessDenied).
pub(super) struct ReadOnlySqliteStore {
    store: Arc<SqliteStore>,
}

impl ReadOnlySqliteStore {
    /// Looks at the store from now on.
    pub(super) fn new(store: Arc<SqliteStore>) -> Self {
        Self { store }
    }
}

impl Access for ReadOnlySqliteStore {
    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn lease(&self) -> Option<&Lease> {
        None
    }

    fn mode(&self) -> AccessMode {
        AccessMode::ReadOnly
    }
}

impl fmt::Debug for ReadOnlySqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReadOnlySqliteStore")
            .finish_non_exhaustive()
    }
}
