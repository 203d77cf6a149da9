//! What the contract says of a ledger, over a real folder; and over one whose power fails.

mod crash;
mod failing_folder;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{Committed, Directory, Entry, Expectation, FolderLedger, LedgerError, Write};

type Ledger = FolderLedger<Directory>;

fn open(folder: &TempDir) -> Ledger {
    FolderLedger::open(Directory::at(folder.path())).unwrap()
}

fn empty() -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(&folder);
    (folder, ledger)
}

fn write(key: &str, value: Option<&str>) -> Write {
    Write {
        key: key.to_owned(),
        value: value.map(|value| value.as_bytes().to_vec()),
    }
}

fn expected(key: &str, value: Option<&str>) -> Expectation {
    let Write { key, value } = write(key, value);
    Expectation { key, value }
}

#[track_caller]
fn kept(ledger: &mut Ledger, writes: &[Write]) {
    assert_eq!(
        ledger.commit(&[], writes.to_vec()).unwrap(),
        Committed::Kept
    );
}

fn text(entries: Vec<Entry>) -> Vec<(String, String)> {
    let pair = |entry: Entry| (entry.key, String::from_utf8(entry.value).unwrap());
    entries.into_iter().map(pair).collect()
}

fn all(ledger: &Ledger) -> Vec<(String, String)> {
    text(ledger.scan("", None, 1_000).unwrap())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn entries_are_kept_replaced_and_deleted_and_are_there_in_the_next_call() {
    let (folder, mut ledger) = empty();
    assert_eq!(all(&ledger), []);
    kept(&mut ledger, &[write("a", Some("1")), write("b", Some("2"))]);
    let more = [
        write("a", Some("")),
        write("b", None),
        write("c", None),
        write("d", Some("4")),
    ];
    kept(&mut ledger, &more);
    for ledger in [ledger, open(&folder)] {
        assert_eq!(all(&ledger), pairs(&[("a", ""), ("d", "4")]));
        let asked = ["d", "b", "a", "a"].map(str::to_owned);
        let found = text(ledger.get(&asked).unwrap());
        assert_eq!(found, pairs(&[("a", ""), ("d", "4")]));
    }
}

#[test]
fn a_commit_whose_expectation_is_not_met_writes_nothing() {
    let (folder, mut ledger) = empty();
    kept(&mut ledger, &[write("fence", Some("1"))]);
    for unmet in [
        expected("fence", Some("2")),
        expected("fence", None),
        expected("absent", Some("")),
    ] {
        let expect = [expected("fence", Some("1")), unmet];
        let writes = vec![write("fence", Some("3")), write("a", Some("x"))];
        let told = ledger.commit(&expect, writes);
        assert_eq!(told.unwrap(), Committed::Unexpected);
    }
    assert_eq!(all(&open(&folder)), pairs(&[("fence", "1")]));
    let met = [expected("fence", Some("1")), expected("absent", None)];
    let told = ledger.commit(&met, vec![write("fence", Some("2"))]);
    assert_eq!(told.unwrap(), Committed::Kept);
}

#[test]
fn entries_are_scanned_by_prefix_in_byte_order_page_by_page() {
    let (_folder, mut ledger) = empty();
    let keys = ["a/1", "a/10", "a/2", "a/\u{e4}", "a", "b/1", "A/1"];
    kept(&mut ledger, &keys.map(|key| write(key, Some("x"))));
    let scan = |after: Option<&str>, limit| -> Vec<String> {
        let entries = ledger.scan("a/", after, limit).unwrap();
        entries.into_iter().map(|entry| entry.key).collect()
    };
    assert_eq!(scan(None, 2), ["a/1", "a/10"]);
    assert_eq!(scan(Some("a/10"), 2), ["a/2", "a/\u{e4}"]);
    assert_eq!(scan(Some("a/\u{e4}"), 2), [""; 0]);
    assert_eq!(
        scan(Some("0"), 1_000).len(),
        4,
        "a place before all of them"
    );
    assert_eq!(scan(None, 0), [""; 0]);
}

#[test]
fn what_is_too_long_is_refused_and_nothing_of_its_commit_is_kept() {
    let (folder, mut ledger) = empty();
    let long = "x".repeat(2 << 20);
    for refused in [
        vec![write(&"k".repeat(1_025), Some("x"))],
        vec![write("k", Some(&format!("{long}x")))],
        (0..9).map(|n| write(&n.to_string(), Some(&long))).collect(),
    ] {
        let mut writes = vec![write("a", Some("1"))];
        writes.extend(refused);
        let told = ledger.commit(&[], writes);
        assert!(matches!(told, Err(LedgerError::TooLong { .. })), "{told:?}");
    }
    kept(&mut ledger, &[write(&"k".repeat(1_024), Some(&long))]);
    assert_eq!(open(&folder).scan("", None, 10).unwrap().len(), 1);
}

/// As many entries as make tables necessary, some of them deleted and some written again.
fn many(ledger: &mut Ledger) {
    for round in 0..12_u32 {
        let writes = (0..1_000_u32).map(|n| {
            let number = (n * 7 + round * 331) % 5_000;
            let value = format!("{round} {}", "x".repeat(300));
            let value = (n % 10 != 3).then_some(value);
            write(&format!("p/{number:05}"), value.as_deref())
        });
        kept(ledger, &writes.collect::<Vec<_>>());
    }
}

#[test]
fn commits_become_a_table_and_everything_is_found_in_it() {
    let (folder, mut ledger) = empty();
    many(&mut ledger);
    let files = names(folder.path());
    let tables = files.iter().filter(|name| name.starts_with("table-"));
    assert_eq!(tables.count(), 1, "{files:?}");
    assert!(files.len() < 6, "{files:?}");
    let walk = |ledger: &Ledger| {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = ledger.scan("p/", after.as_deref(), 777).unwrap();
            let Some(last) = page.last() else {
                return found;
            };
            after = Some(last.key.clone());
            found.extend(page);
        }
    };
    let entries = walk(&ledger);
    let again = open(&folder);
    assert_eq!(walk(&again), entries);
    assert!(entries.len() > 3_000, "{}", entries.len());
    assert!(entries.is_sorted_by(|one, other| one.key < other.key));
    let keys: Vec<_> = (0..5_000).map(|n| format!("p/{n:05}")).collect();
    let mut found = Vec::new();
    for keys in keys.chunks(1_000) {
        found.extend(again.get(keys).unwrap());
    }
    assert_eq!(found, entries, "one by one and in order are the same");
}

#[test]
fn many_small_commits_do_not_leave_many_files() {
    let (folder, mut ledger) = empty();
    for n in 0..600 {
        kept(&mut ledger, &[write("counter", Some(&n.to_string()))]);
    }
    assert!(names(folder.path()).len() < 300);
    assert_eq!(all(&open(&folder)), pairs(&[("counter", "599")]));
}

#[test]
fn of_two_who_have_read_the_same_one_keeps_its_commit_and_the_other_is_told() {
    let (folder, mut first) = empty();
    kept(&mut first, &[write("a", Some("1"))]);
    let mut second = open(&folder);
    kept(&mut second, &[write("a", Some("2"))]);
    let told = first.commit(&[], vec![write("a", Some("3"))]).unwrap_err();
    assert!(matches!(told, LedgerError::SomebodyElse));
    assert!(told.to_string().contains("one at a time"), "{told}");
    assert_eq!(all(&open(&folder)), pairs(&[("a", "2")]));
}

/// The number that the late one wants is free again, because the commit that had it is in a table.
#[test]
fn who_is_late_is_told_also_after_what_he_missed_has_become_a_table() {
    let (folder, mut late) = empty();
    kept(&mut late, &[write("a", Some("1"))]);
    let mut other = open(&folder);
    many(&mut other);
    assert!(!folder.path().join(crate::names::commit(2)).exists());
    let told = late.commit(&[], vec![write("a", Some("3"))]);
    assert!(matches!(told, Err(LedgerError::SomebodyElse)), "{told:?}");
    let now = open(&folder);
    let found = text(now.get(&["a".to_owned()]).unwrap());
    assert_eq!(found, pairs(&[("a", "1")]));
    // And who reads what he read before is told, too, or reads it right.
    kept(&mut open(&folder), &[write("a", Some("4"))]);
}

#[test]
fn a_file_that_was_altered_cut_off_or_lost_is_told_and_nothing_is_written_over_it() {
    type Damage = (&'static str, fn(&Path));
    let damage: [Damage; 5] = [
        ("a byte of a commit", |folder| {
            flip(&last(folder, "commit-"), 0.5)
        }),
        ("a commit is cut off", |folder| {
            cut(&last(folder, "commit-"))
        }),
        ("the end of a table", |folder| cut(&last(folder, "table-"))),
        ("the list of blocks", |folder| {
            flip(&last(folder, "table-"), 0.999);
        }),
        ("a commit is lost", |folder| {
            let first = names(folder).into_iter().next().unwrap();
            fs::remove_file(folder.join(first)).unwrap();
        }),
    ];
    for (what, damage) in damage {
        let (folder, mut ledger) = empty();
        many(&mut ledger);
        for n in 0..3 {
            kept(&mut ledger, &[write("more", Some(&n.to_string()))]);
        }
        damage(folder.path());
        let before = names(folder.path());
        let told = FolderLedger::open(Directory::at(folder.path()));
        let Err(told @ LedgerError::Damaged { .. }) = told else {
            panic!("{what}: not told");
        };
        assert!(told.to_string().contains("from a backup"), "{what}: {told}");
        assert_eq!(names(folder.path()), before, "{what}");
    }
}

#[test]
fn a_block_that_was_altered_is_told_by_whoever_reads_it() {
    let (folder, mut ledger) = empty();
    many(&mut ledger);
    flip(&last(folder.path(), "table-"), 0.5);
    let told = open(&folder).scan("", None, 1_000).and_then(|page| {
        let last = page.last().unwrap().key.clone();
        open(&folder).scan("", Some(&last), 1_000)?;
        open(&folder).scan("p/02000", None, 1_000)?;
        let keys: Vec<_> = (0..5_000).map(|n| format!("p/{n:05}")).collect();
        open(&folder).get(&keys)
    });
    assert!(matches!(told, Err(LedgerError::Damaged { .. })), "{told:?}");
}

#[test]
fn a_folder_that_is_not_there_is_told_with_what_helps() {
    let told = FolderLedger::open(Directory::at("/no/such/folder"));
    let told = told.err().unwrap().to_string();
    assert!(told.contains("under the name /ledger"), "{told}");
}

#[test]
fn files_of_others_are_left_alone() {
    let (folder, mut ledger) = empty();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    many(&mut ledger);
    assert!(folder.path().join("notes.txt").exists());
}

fn last(folder: &Path, prefix: &str) -> std::path::PathBuf {
    let names = names(folder);
    let last = names.iter().rfind(|name| name.starts_with(prefix));
    folder.join(last.unwrap())
}

fn flip(file: &Path, place: f64) {
    let mut bytes = fs::read(file).unwrap();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a small file"
    )]
    let place = (bytes.len() as f64 * place) as usize;
    bytes[place] ^= 0x40;
    fs::write(file, bytes).unwrap();
}

fn cut(file: &Path) {
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 5]).unwrap();
}
