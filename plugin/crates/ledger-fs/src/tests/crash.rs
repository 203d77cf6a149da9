//! Killed at any moment, with the power or without: the next opening sees all of a commit or nothing of it, and all of
//! one that was promised.

use std::collections::BTreeMap;

use super::failing_folder::{FailingFolder, Numbers};
use crate::{Committed, Expectation, FolderLedger, Write};

type Entries = BTreeMap<String, Vec<u8>>;

fn entries(folder: &FailingFolder) -> Entries {
    let ledger = FolderLedger::open(folder.clone()).expect("what is there can be read");
    let (mut found, mut after) = (Entries::new(), None::<String>);
    loop {
        let page = ledger.scan("", after.as_deref(), 1_000).unwrap();
        let Some(last) = page.last() else {
            return found;
        };
        after = Some(last.key.clone());
        found.extend(page.into_iter().map(|entry| (entry.key, entry.value)));
    }
}

/// Some writes; now and then so large that a table is due.
fn writes(numbers: &mut Numbers) -> Vec<Write> {
    let size = [10, 1_000, 90_000][numbers.below(3)];
    let many = 1 + numbers.below(12);
    let write = |_| Write {
        key: format!("k{:03}", numbers.below(60)),
        value: (numbers.below(4) > 0).then(|| vec![b'a' + numbers.below(26) as u8; size]),
    };
    (0..many).map(write).collect()
}

fn with(mut entries: Entries, writes: &[Write]) -> Entries {
    for write in writes {
        match &write.value {
            Some(value) => entries.insert(write.key.clone(), value.clone()),
            None => entries.remove(&write.key),
        };
    }
    entries
}

/// A life of commits in which each process is killed after a few deeds, and the power may fail then.
fn live(seed: u64) -> u32 {
    let mut numbers = Numbers(seed);
    let folder = FailingFolder::default();
    let mut promised = Entries::new();
    let mut halves = 0;
    for process in 0..25 {
        let deeds = u32::try_from(numbers.below(60)).unwrap();
        folder.kill_after(deeds);
        let mut asked = None;
        if let Ok(mut ledger) = FolderLedger::open(folder.clone()) {
            for _ in 0..30 {
                let writes = writes(&mut numbers);
                let fence = writes[0].key.clone();
                let value = promised.get(&fence).cloned();
                let expect = [Expectation { key: fence, value }];
                match ledger.commit(&expect, writes.clone()) {
                    Ok(Committed::Kept) => promised = with(promised, &writes),
                    Ok(Committed::Unexpected) => panic!("seed {seed}: what was promised is there"),
                    Err(_) => {
                        asked = Some(writes);
                        break;
                    }
                }
            }
        }
        match numbers.below(2) {
            0 => folder.restart(),
            _ => folder.lose_power(&mut numbers),
        }
        let found = entries(&folder);
        let whole = asked.map(|writes| with(promised.clone(), &writes));
        if found != promised {
            assert_eq!(
                Some(&found),
                whole.as_ref(),
                "seed {seed}, process {process}"
            );
            halves += 1;
            promised = found;
        }
    }
    halves
}

#[test]
fn whoever_is_killed_at_any_deed_leaves_all_or_nothing() {
    let seeds = 0..std::env::var("HISTORIES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(100);
    let unheard: u32 = seeds.map(live).sum();
    assert!(
        unheard > 0,
        "no commit was kept whose answer was never heard: nothing was tried"
    );
}

/// A commit with which a table becomes due, killed at every single one of its deeds.
#[test]
fn a_table_that_is_being_made_is_killed_at_every_deed() {
    for lost_power in [false, true] {
        let mut deed = 0;
        loop {
            let folder = FailingFolder::default();
            let mut numbers = Numbers(deed.into());
            let mut ledger = FolderLedger::open(folder.clone()).unwrap();
            let large = |n: u32| Write {
                key: format!("k{n}"),
                value: Some(vec![b'x'; 300_000]),
            };
            for n in 0..3 {
                ledger.commit(&[], vec![large(n)]).unwrap();
            }
            let before = entries(&folder);
            folder.kill_after(deed);
            let told = ledger.commit(&[], vec![large(3)]);
            let is_over = folder.deeds() < deed;
            if lost_power {
                folder.lose_power(&mut numbers);
            } else {
                folder.restart();
            }
            let found = entries(&folder);
            match told {
                Ok(_) => assert_eq!(found.len(), 4, "deed {deed}"),
                Err(_) => assert!(found == before || found.len() == 4, "deed {deed}"),
            }
            // Whoever goes on after it can write.
            let mut next = FolderLedger::open(folder.clone()).unwrap();
            next.commit(&[], vec![large(4)]).unwrap();
            assert_eq!(entries(&folder).len(), found.len() + 1);
            if is_over {
                assert!(deed > 12, "a table was made: {deed}");
                break;
            }
            deed += 1;
        }
    }
}
