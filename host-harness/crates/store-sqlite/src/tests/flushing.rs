//! Which commits wait for the disk.

use super::*;
use crate::flushing::waits;

fn waits_now(store: &SqliteStore) -> bool {
    waits(&store.connector()).unwrap()
}

#[test]
fn a_commit_waits_for_the_disk_again_after_one_that_was_deferred_or_failed() {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
    assert!(waits_now(&store));
    let mut page = commit(Vec::new());
    page.deferrable = true;
    page.state = vec![state("cursor", Some("page 2"))];
    store.apply(page.clone()).unwrap();
    assert!(waits_now(&store));
    page.state = vec![state(&"k".repeat(257), Some("x"))];
    assert!(is_other(&store.apply(page)));
    assert!(waits_now(&store));
}

#[test]
fn a_store_that_is_thrown_away_never_waits() {
    let directory = TempDir::new().unwrap();
    let options = StoreOptions {
        durable: false,
        ..StoreOptions::default()
    };
    let store = SqliteStore::open(directory.path(), &options).unwrap();
    let mut page = commit(Vec::new());
    page.deferrable = true;
    store.apply(page).unwrap();
    assert!(!waits_now(&store));
}
