//! The power fails. What was flushed is there; of what was not, everything up to some commit.
//!
//! The disk is thought of as harshly as it may be: whatever was written since the last flush of a file is there
//! or not, block by block and in any order, and the file is as long as it was at any time between.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connector_contract::imports::ContactStore as _;
use rusqlite::Connection;

use super::script::{check, done, go_on};
use super::*;
use crate::FILE_NAME;

/// Failures of the power that are tried.
const FAILURES: u64 = 500;

/// What a disk writes as a whole.
const BLOCK: usize = 512;

/// The header of a log. SQLite flushes it before it writes anything else where it begins a log anew, so that what
/// stood there is no log any more (<https://www.sqlite.org/src/info/ff5be73dee>).
const HEADER: usize = 32;

/// Numbers that look like chance, and are the same each time (<https://prng.di.unimi.it/splitmix64.c>).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// The files of a database, as whoever reads them sees them.
#[derive(Clone)]
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn of(directory: &Path) -> Self {
        let read = |name: &str| fs::read(directory.join(name)).unwrap_or_default();
        Self {
            database: read(FILE_NAME),
            log: read(&format!("{FILE_NAME}-wal")),
        }
    }

    /// What is on the disk of files that were flushed as these and written until they were `now`.
    fn torn(&self, now: &Self, chance: &mut Chance) -> Self {
        let mut log = torn(&self.log, &now.log, chance);
        if self.log.get(..HEADER) != now.log.get(..HEADER) {
            log.resize(log.len().max(HEADER), 0);
            log[..HEADER].copy_from_slice(&now.log[..HEADER]);
        }
        Self {
            database: torn(&self.database, &now.database, chance),
            log,
        }
    }

    fn write(&self, directory: &Path) {
        fs::write(directory.join(FILE_NAME), &self.database).unwrap();
        fs::write(directory.join(format!("{FILE_NAME}-wal")), &self.log).unwrap();
    }
}

/// What is on the disk of a file that was flushed as `safe` and written until it was `now`.
fn torn(safe: &[u8], now: &[u8], chance: &mut Chance) -> Vec<u8> {
    let (shortest, longest) = (safe.len().min(now.len()), safe.len().max(now.len()));
    let length = shortest + chance.below(longest - shortest + 1);
    // From hardly anything to nearly everything.
    let written = chance.below(101);
    let mut torn = vec![0; length];
    for (number, block) in torn.chunks_mut(BLOCK).enumerate() {
        let from = if chance.below(100) < written {
            now
        } else {
            safe
        };
        let begin = (number * BLOCK).min(from.len());
        let end = (begin + block.len()).min(from.len());
        block[..end - begin].copy_from_slice(&from[begin..end]);
    }
    torn
}

/// A workspace whose power fails between two flushes.
struct Powered {
    directory: TempDir,
    store: SqliteStore,
    /// What is on the disk for sure, and how many commits are.
    safe: (Files, u32),
}

impl Powered {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        store.flush().unwrap();
        let safe = (Files::of(directory.path()), done(&store));
        Self {
            directory,
            store,
            safe,
        }
    }

    fn now(&self) -> (Files, u32) {
        (Files::of(self.directory.path()), done(&self.store))
    }

    fn flush(&mut self) {
        self.store.flush().unwrap();
        self.safe = self.now();
    }

    /// Moves the log into the file, as SQLite does by itself when the log is long: it flushes the log before and
    /// the file after, and the power may fail between.
    fn checkpoint(&mut self, chance: &mut Chance) {
        self.safe = self.now();
        let (before, commits) = self.safe.clone();
        let path = self.directory.path().join(FILE_NAME);
        let other = Connection::open(path).unwrap();
        other
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .unwrap();
        let now = self.now();
        let between = Files {
            database: torn(&before.database, &now.0.database, chance),
            log: before.log,
        };
        assert_eq!(opens(&between), commits);
        self.safe = now;
    }

    /// The power fails now: whatever the disk has made of it, a store can be opened, and nothing that was
    /// flushed is missing.
    fn fails(&self, chance: &mut Chance) -> u32 {
        let (now, commits) = self.now();
        let (safe, promised) = &self.safe;
        let kept = opens(&safe.torn(&now, chance));
        assert!(
            (*promised..=commits).contains(&kept),
            "{kept} commits are left of {commits}, of which {promised} were flushed"
        );
        commits - kept
    }
}

/// A store opens on these files, holds what some number of commits leave, and is one like any other; how many
/// commits.
fn opens(files: &Files) -> u32 {
    let directory = TempDir::new().unwrap();
    files.write(directory.path());
    let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
    let kept = done(&store);
    check(&store, directory.path());
    go_on(&store);
    check(&store, directory.path());
    kept
}

#[test]
fn nothing_that_was_flushed_is_lost_and_nothing_is_there_in_part() {
    let mut chance = Chance(1);
    let (mut failures, mut lost) = (0, 0);
    while failures < FAILURES {
        let mut powered = Powered::new();
        for _ in 0..25 {
            match chance.below(10) {
                0 => powered.flush(),
                1 => powered.checkpoint(&mut chance),
                _ => go_on(&powered.store),
            }
            if chance.below(2) == 0 {
                lost += u64::from(powered.fails(&mut chance));
                failures += 1;
            }
        }
    }
    assert!(
        lost > FAILURES / 10,
        "the disk was kind: {lost} commits were lost"
    );
}

#[test]
fn what_an_administrator_saves_is_on_the_disk_when_it_is_told() {
    let mut chance = Chance(2);
    for _ in 0..20 {
        let powered = Powered::new();
        powered.store.save_document("{\"a\":1}").unwrap();
        let contact = powered.store.add_contact(&BTreeMap::from([(
            "company".to_owned(),
            "Contoso".to_owned(),
        )]));
        let contact = contact.unwrap();
        let safe = Files::of(powered.directory.path());
        go_on(&powered.store);
        let now = Files::of(powered.directory.path());
        let directory = TempDir::new().unwrap();
        safe.torn(&now, &mut chance).write(directory.path());
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        assert_eq!(store.document().unwrap().as_deref(), Some("{\"a\":1}"));
        assert_eq!(store.by_ids(&[contact.as_str()]).unwrap().len(), 1);
    }
}

#[test]
fn a_commit_waits_for_no_disk_and_a_flush_once_for_all_of_them() {
    let powered = Powered::new();
    let flushes = || powered.store.log.as_ref().unwrap().flushes();
    let before = flushes();
    for _ in 0..10 {
        go_on(&powered.store);
    }
    assert_eq!(flushes(), before);
    powered.store.flush().unwrap();
    powered.store.flush().unwrap();
    assert_eq!(flushes(), before + 1);
}
