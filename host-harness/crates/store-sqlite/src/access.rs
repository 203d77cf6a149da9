//! The ways to a store: alone with it, under a lease, and only looking.
//!
//! The lease goes along into each write, and is checked there; who looks reads through the connection
//! that waits for nobody, and writes nothing.

use connector_contract::{Commit, Contact, Outcome, Query, StoreError};
use rusqlite::Connection;

use super::errors::DatabaseError;
use super::lease::Lease;
use super::presence::Presence;
use super::write_tx::TxContext;
use super::{SqliteStore, Writer, apply, lookup, read_snapshot};

/// What somebody does with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccessMode {
    /// Reads and writes, one after another with everybody else who writes.
    ReadWrite,
    /// Reads only, and waits for nobody who writes.
    ReadOnly,
}

/// A way to a store, with the lease under which it writes, where there is one.
pub(super) trait Access: Send + Sync {
    /// The store.
    fn store(&self) -> &SqliteStore;

    /// The lease.
    fn lease(&self) -> Option<&Lease>;

    /// What is done with it; the usual way writes, too.
    fn mode(&self) -> AccessMode {
        AccessMode::ReadWrite
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
    Ok(match access.mode() {
        AccessMode::ReadWrite => read_snapshot(&mut store.connector().connection, read)?,
        AccessMode::ReadOnly => store.look(read)?,
    })
}

/// Looks contacts up, and learns from whom it does not find.
pub(super) fn look_up(access: &impl Access, query: &Query) -> Result<Vec<Contact>, StoreError> {
    let store = access.store();
    if access.mode() == AccessMode::ReadOnly {
        let nothing = Presence::default();
        return Ok(store.look(|connection| lookup::lookup(connection, &nothing, query))?);
    }
    let mut connector = store.connector();
    let Writer {
        connection,
        presence,
    } = &mut *connector;
    let found = read_snapshot(connection, |connection| {
        presence.settle(connection)?;
        let found = lookup::lookup(connection, presence, query)?;
        presence.learn(connection, query.object_ids.len(), found.len())?;
        Ok(found)
    })?;
    Ok(found)
}

/// Performs a commit of the connector, where it may write; see [`apply::apply`] for `tell`.
pub(super) fn commit(
    access: &impl Access,
    commit: &Commit,
    tell: impl FnOnce(Vec<Outcome>),
) -> Result<(), StoreError> {
    if access.mode() == AccessMode::ReadOnly {
        return Err(StoreError::AccessDenied);
    }
    let store = access.store();
    let context = store.context(access.lease());
    Ok(store.write_knowing(|connection, presence| {
        apply::apply(connection, presence, context, commit, tell)
    })?)
}

/// Writes on behalf of the connector, where it may.
pub(super) fn write<T>(
    access: &impl Access,
    write: impl FnOnce(&mut Connection, TxContext<'_>) -> Result<T, DatabaseError>,
) -> Result<T, StoreError> {
    if access.mode() == AccessMode::ReadOnly {
        return Err(StoreError::AccessDenied);
    }
    let store = access.store();
    let context = store.context(access.lease());
    Ok(store.write(|connection| write(connection, context))?)
}
