//! The process is killed: at any moment of a commit, of a flush, while an index moves into its next level,
//! while a file of an earlier version is rewritten. Nothing that was told as done is lost, and nothing is
//! there in part.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use connector_contract::imports::ContactStore as _;

use super::migration::{contents, old};
use super::script::{check, done, go_on};
use super::*;

/// How often a process is killed.
const KILLS: u32 = 500;

/// Commits of the script, in all.
const COMMITS: u32 = 400;

/// Where a child works; who has none is no child.
const DIRECTORY: &str = "KILLED_DIRECTORY";

/// Starts this program again, to do one of the tests below in that directory.
fn child(test: &str, directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("tests::killed::{test}"),
            "--ignored",
            "--test-threads=1",
        ])
        .env(DIRECTORY, directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(directory, &StoreOptions::default()).unwrap()
}

/// Kills a child after a while that is another one each time; whether it had not ended by itself.
fn kill(mut child: Child, number: u32) -> bool {
    // From the first instruction on, and closer where the work is.
    std::thread::sleep(Duration::from_micros(u64::from(number * 7_919 % 45_000)));
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[test]
#[ignore = "what a child does until it is killed"]
fn commits() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let store = open(Path::new(&directory));
    while done(&store) < COMMITS {
        go_on(&store);
        if done(&store).is_multiple_of(3) {
            store.flush().unwrap();
        }
    }
}

#[test]
#[ignore = "what a child does until it is killed"]
fn rewriting() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    drop(open(Path::new(&directory)));
}

#[test]
fn a_script_that_is_killed_again_and_again_leaves_what_an_unbroken_one_does() {
    let mut directory = TempDir::new().unwrap();
    let (mut kills, mut grew) = (0, 0);
    for number in 0.. {
        let before = open_and_check(directory.path());
        if before == COMMITS {
            directory = TempDir::new().unwrap();
            continue;
        }
        kills += u32::from(kill(child("commits", directory.path()), number));
        let after = open_and_check(directory.path());
        assert!(after >= before, "{after} commits of {before}");
        grew += u32::from(after > before);
        if kills >= KILLS * 4 / 5 {
            break;
        }
    }
    assert!(
        grew > kills / 10,
        "only {grew} of {kills} were killed at work"
    );
}

fn open_and_check(directory: &Path) -> u32 {
    let store = open(directory);
    check(&store, directory);
    done(&store)
}

#[test]
fn a_rewriting_that_is_killed_leaves_the_old_file_or_the_new_one_and_both_whole() {
    let unbroken = old();
    drop(open(unbroken.path()));
    let expected = contents(unbroken.path());
    let mut kills = 0;
    for number in 0.. {
        let directory = old();
        // Twice, so that what one has left another one finds.
        for again in 0..2 {
            let number = number * 2 + again;
            kills += u32::from(kill(child("rewriting", directory.path()), number));
        }
        drop(open(directory.path()));
        assert_eq!(contents(directory.path()), expected);
        if kills >= KILLS / 5 {
            break;
        }
    }
}
