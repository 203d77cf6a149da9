//! A store that nobody works with any more stays open, and holds little.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use store_api::{Holder, TakeOver};

use super::*;
use crate::FILE_NAME;

/// Writes so many people under a lease, which ends then.
fn work(workspace: &Workspace, people: u32) {
    let holder = Holder {
        task: "sync".to_owned(),
        process: 7,
        machine: "here".to_owned(),
    };
    let store = Arc::clone(&workspace.store);
    let ttl = Duration::from_secs(60);
    let leased = store.acquire_lease(&holder, ttl, TakeOver::Nobody).unwrap();
    let before = workspace.store.contacts(Default::default()).count();
    for page in 0..people / 1_000 {
        let page = (0..1_000).map(|person| {
            let user = format!("{before}-{page}-{person}");
            create(&user, &[("company", "Contoso"), ("last_name", &user)]).into()
        });
        leased.apply(commit(page.collect())).unwrap();
    }
}

fn log(workspace: &Workspace) -> u64 {
    let log = workspace.directory.path().join(format!("{FILE_NAME}-wal"));
    fs::metadata(log).unwrap().len()
}

#[test]
fn a_long_log_is_moved_into_the_file_and_a_short_one_stays() {
    let workspace = Workspace::new();
    workspace.created("first", &[]);
    let short = log(&workspace);
    work(&workspace, 0);
    assert!(log(&workspace) >= short && short > 0);
    work(&workspace, 40_000);
    assert_eq!(log(&workspace), 0);
    assert_eq!(workspace.store.contacts(Default::default()).count(), 40_001);
}

#[test]
fn who_reads_meanwhile_is_not_waited_for_and_the_log_is_moved_later() {
    let workspace = Workspace::new();
    let other = Connection::open(workspace.directory.path().join(FILE_NAME)).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM contacts")
        .unwrap();
    work(&workspace, 40_000);
    let began = Instant::now();
    work(&workspace, 0);
    // Who waited would wait for five seconds.
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(log(&workspace) > 0);
    other.execute_batch("COMMIT").unwrap();
    work(&workspace, 0);
    assert_eq!(log(&workspace), 0);
}
