//! The suite that every store passes, run on this one; and what only a store on SQLite has: its file, its
//! tables, and files of earlier versions.

mod browsing;
mod creations;
mod edits;
mod integrity;
mod journal;
mod killed;
mod lease;
mod migration;
mod model;
mod one_form;
mod opening;
mod power;
mod presence;
mod read_only;
mod resting;
mod script;
mod written_before;

use std::ops::Deref;
use std::sync::Arc;

use connector_contract::WallClock;
use connector_contract::imports::ContactStore as _;
use store_api::AdminStore;
use store_api::suite::workspace::*;
use store_api::suite::{self, StoreUnderTest};
use tempfile::TempDir;

use super::{SqliteStore, StoreOptions};

mod shared {
    store_api::store_suite!(&crate::tests::SqliteStores);
}

/// Stores in directories of their own.
struct SqliteStores;

impl StoreFactory for SqliteStores {
    fn make(
        &self,
        options: &SuiteOptions,
        clock: Option<Arc<dyn WallClock>>,
    ) -> Box<dyn StoreUnderTest> {
        let options = StoreOptions {
            custom_fields: options.custom_fields,
            mandatory: options.mandatory.clone(),
            journal_days: options.journal_days,
            journal_runs: options.journal_runs,
            ..StoreOptions::default()
        };
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path(), &options).unwrap();
        let store = match clock {
            Some(clock) => store.with_clock(clock),
            None => store,
        };
        Box::new(Kept::new(Arc::new(directory), Arc::new(store)))
    }
}

/// A store in its directory, which is removed after it.
#[derive(Clone)]
struct Kept {
    store: Arc<SqliteStore>,
    directory: Arc<TempDir>,
}

impl Kept {
    fn new(directory: Arc<TempDir>, store: Arc<SqliteStore>) -> Self {
        Self { store, directory }
    }
}

impl StoreUnderTest for Kept {
    fn store(&self) -> Arc<dyn AdminStore> {
        self.store.clone()
    }

    fn reopen(self: Box<Self>) -> Box<dyn StoreUnderTest> {
        let Self { store, directory } = *self;
        drop(store);
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        Box::new(Self::new(directory, Arc::new(store)))
    }

    fn check(&self) {
        integrity::check(self.directory.path());
    }
}

/// A workspace of the suite, with what is behind it.
struct Workspace {
    shared: suite::Workspace,
    store: Arc<SqliteStore>,
    directory: Arc<TempDir>,
}

impl Workspace {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        Self::of(directory, store)
    }

    /// With a store that is open in a directory.
    fn of(directory: TempDir, store: SqliteStore) -> Self {
        let kept = Kept::new(Arc::new(directory), Arc::new(store));
        Self {
            shared: suite::Workspace::of(Box::new(kept.clone())),
            store: kept.store,
            directory: kept.directory,
        }
    }
}

impl Deref for Workspace {
    type Target = suite::Workspace;

    fn deref(&self) -> &suite::Workspace {
        &self.shared
    }
}
