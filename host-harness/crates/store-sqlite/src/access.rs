//! The ways to a store: alone with it, under a lease, and only looking.
//!
//! The lease goes along into each write, and is checked there; who looks reads through the connection
//! that waits for nobody, and writes nothing.

use connector_contract::StoreError;
use rusqlite::Connection;

use super::errors::DatabaseError;
use super::lease::Lease;
use super::writing::Terms;
use super::{SqliteStore, read_snapshot};

/// What somebody does with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Reads and writes, one after another with everybody else who writes.
    Working,
    /// Reads only, and waits for nobody who writes.
    Looking,
}

/// A way to a store, with the lease under which it writes, where there is one.
pub(super) trait Access: Send + Sync {
    /// The store.
    fn store(&self) -> &SqliteStore;

    /// The lease.
    fn lease(&self) -> Option<&Lease>;

    /// What is done with it; the usual way writes, too.
    fn way(&self) -> Way {
        Way::Working
    }
}

impl Access for SqliteStore {
    fn store(&self) -> &SqliteStore {
        self
    }

    fn lease(&self) -> Option<&Lease> {
        None
    }
}

/// Reads one state of the database on behalf of the connector.
pub(super) fn fetch<T>(
    access: &impl Access,
    read: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
) -> Result<T, StoreError> {
    let store = access.store();
    Ok(match access.way() {
        Way::Working => read_snapshot(&mut store.connector(), read)?,
        Way::Looking => store.look(read)?,
    })
}

/// Writes on behalf of the connector, where it may.
pub(super) fn write<T>(
    access: &impl Access,
    write: impl FnOnce(&mut Connection, Terms<'_>) -> Result<T, DatabaseError>,
) -> Result<T, StoreError> {
    if access.way() == Way::Looking {
        return Err(StoreError::AccessDenied);
    }
    let store = access.store();
    let terms = store.terms(access.lease());
    Ok(store.write(|connection| write(connection, terms))?)
}
