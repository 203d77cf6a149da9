//! A lease costs no transaction of its own, and two who have the file open still never write in turns.

use std::path::Path;
use std::time::Duration;

use connector_contract::{PlanEntry, StoreError};
use store_api::{Holder, LeaseError, LeasedStore, TakeOver};

use super::*;
use crate::FILE_NAME;

const TTL: Duration = Duration::from_secs(300);

fn open(directory: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(directory, &StoreOptions::default()).unwrap())
}

fn asks(store: &Arc<SqliteStore>, machine: &str) -> Result<Arc<dyn LeasedStore>, LeaseError> {
    let holder = Holder {
        task: "sync".to_owned(),
        process: 7,
        machine: machine.to_owned(),
    };
    Arc::clone(store).acquire_lease(&holder, TTL, TakeOver::SameMachine)
}

fn hired(store: &Arc<SqliteStore>, machine: &str) -> Arc<dyn LeasedStore> {
    asks(store, machine).unwrap()
}

fn is_lost<T>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::LeaseLost(_)))
}

/// What the file says of the lease: its token, and the task of its holder.
fn row(directory: &Path) -> (i64, Option<String>) {
    let connection = rusqlite::Connection::open(directory.join(FILE_NAME)).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection
        .query_row("SELECT token, task FROM lease", [], row)
        .unwrap()
}

#[test]
fn who_takes_a_lease_and_gives_it_up_writes_nothing_but_what_it_was_taken_for() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    let before = row(directory.path());
    drop(hired(&store, "here"));
    assert_eq!(row(directory.path()), before);
    let working = hired(&store, "here");
    working.apply(commit(Vec::new())).unwrap();
    drop(working);
    let (token, task) = row(directory.path());
    assert_eq!((token, task.as_deref()), (before.0 + 1, Some("sync")));
    assert_eq!(
        store.lease_holder().unwrap(),
        None,
        "free for whoever asks here"
    );
    hired(&store, "another machine")
        .apply(commit(Vec::new()))
        .unwrap();
}

#[test]
fn what_was_left_in_the_file_is_taken_out_when_the_store_is_closed() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    hired(&store, "here").apply(commit(Vec::new())).unwrap();
    let other = open(directory.path());
    assert!(asks(&other, "there").is_err(), "to others it is held");
    drop(store);
    assert_eq!(row(directory.path()).1, None);
    hired(&other, "there").apply(commit(Vec::new())).unwrap();
}

#[test]
fn what_another_process_has_taken_since_is_not_taken_out() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    hired(&store, "here").apply(commit(Vec::new())).unwrap();
    let other = open(directory.path());
    let working = hired(&other, "here");
    working.apply(commit(Vec::new())).unwrap();
    drop(store);
    assert_eq!(row(directory.path()).1.as_deref(), Some("sync"));
    working.apply(commit(Vec::new())).unwrap();
}

#[test]
fn of_two_processes_that_took_the_lease_the_one_that_writes_first_goes_on() {
    let directory = TempDir::new().unwrap();
    let (here, there) = (open(directory.path()), open(directory.path()));
    let (first, second) = (hired(&here, "here"), hired(&there, "there"));
    second.apply(commit(Vec::new())).unwrap();
    assert!(is_lost(first.apply(commit(Vec::new()))));
    second.apply(commit(Vec::new())).unwrap();
    assert!(is_lost(first.open_round(SOURCE, "round", false)));
    assert!(asks(&here, "here").is_err(), "and hears who is at work");
}

#[test]
fn who_looked_before_a_stale_holder_wrote_once_more_writes_nothing() {
    let directory = TempDir::new().unwrap();
    let (here, there) = (open(directory.path()), open(directory.path()));
    let stale = hired(&here, "here");
    stale.apply(commit(Vec::new())).unwrap();
    // Another process of the machine takes over, and has read what it decides on.
    let taking_over = hired(&there, "here");
    stale.apply(commit(Vec::new())).unwrap();
    assert!(is_lost(taking_over.apply(commit(Vec::new()))));
    stale.apply(commit(Vec::new())).unwrap();
}

#[test]
fn a_write_that_is_rolled_back_costs_no_lease() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path());
    let working = hired(&store, "here");
    let nothing: Vec<PlanEntry> = Vec::new();
    assert!(working.put(nothing).is_err(), "no plan is in the making");
    working.apply(commit(Vec::new())).unwrap();
    let nothing: Vec<PlanEntry> = Vec::new();
    assert!(working.put(nothing).is_err());
    working.apply(commit(Vec::new())).unwrap();
}

#[test]
fn who_edits_by_hand_takes_no_lease_away() {
    let directory = TempDir::new().unwrap();
    let (here, by_hand) = (open(directory.path()), open(directory.path()));
    let working = hired(&here, "here");
    by_hand.apply(commit(Vec::new())).unwrap();
    working.apply(commit(Vec::new())).unwrap();
}

#[test]
fn a_lease_that_was_taken_over_and_given_up_is_free_also_where_nothing_was_written_under_it() {
    let directory = TempDir::new().unwrap();
    let dead = open(directory.path());
    let working = hired(&dead, "here");
    working.apply(commit(Vec::new())).unwrap();

    let store = open(directory.path());
    drop(hired(&store, "here"));
    assert_eq!(store.lease_holder().unwrap(), None);
    let elsewhere = Holder {
        task: "sync".to_owned(),
        process: 8,
        machine: "elsewhere".to_owned(),
    };
    let hired = Arc::clone(&store).acquire_lease(&elsewhere, TTL, TakeOver::Nobody);
    drop(hired.unwrap());
    drop(store);
    assert_eq!(row(directory.path()).1, None, "and taken out at the end");
}
