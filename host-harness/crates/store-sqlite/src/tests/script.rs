//! A script of commits, each of which says how many there were: whatever happens between two of them, a
//! store holds what exactly so many of them leave.

use std::collections::BTreeMap;

use connector_contract::imports::{ContactStore as _, State as _};
use connector_contract::{Commit, Query};

use super::*;

/// Where the number of commits is kept.
const CURSOR: &str = "cursor";

/// People that a commit creates.
const PEOPLE: u32 = 3;

fn user(number: u32) -> String {
    // Spread over the range, as object ids are.
    let key = number.wrapping_mul(0x9e37_79b9);
    format!("{key:08x}-0000-4000-8000-{number:012}")
}

/// The commit with that number: three people come, and one of an earlier commit is renamed, or leaves.
fn page(store: &SqliteStore, number: u32) -> Commit {
    let mut changes: Vec<Change> = (number * PEOPLE..(number + 1) * PEOPLE)
        .map(|person| {
            let email = format!("p{person}@contoso.example");
            let mut create = create(&user(person), &[("email", &email), ("company", "Contoso")]);
            create.lists = lists(&["Sales"]);
            create.into()
        })
        .collect();
    let asked = Query {
        object_ids: vec![user(number)],
        ..query()
    };
    if let Some(before) = store.lookup(asked).unwrap().pop() {
        changes.push(if number.is_multiple_of(5) {
            remove(&before, RemovalKind::Delete).into()
        } else {
            update(&before, &[("company", Some("Fabrikam"))]).into()
        });
    }
    let mut commit = commit(changes);
    commit.state = vec![state(CURSOR, Some(&(number + 1).to_string()))];
    commit
}

/// Goes on with the script by one commit.
pub(super) fn go_on(store: &SqliteStore) {
    let outcomes = store.apply(page(store, done(store))).unwrap();
    assert!(
        words(&outcomes).iter().all(|word| word == "applied"),
        "{outcomes:?}"
    );
}

/// How many commits there were.
pub(super) fn done(store: &SqliteStore) -> u32 {
    let cursor = store.get(CURSOR).unwrap();
    cursor.map_or(0, |text| String::from_utf8(text).unwrap().parse().unwrap())
}

/// That a store holds what so many commits leave, no less and no more.
pub(super) fn check(store: &SqliteStore, directory: &std::path::Path) {
    let commits = done(store);
    let mut expected: BTreeMap<String, &str> = BTreeMap::new();
    for number in 0..commits {
        if number > 0 {
            // The first commit finds nobody yet.
            let renamed = user(number);
            match number.is_multiple_of(5) {
                true => expected.remove(&renamed),
                false => expected.insert(renamed, "Fabrikam"),
            };
        }
        for person in number * PEOPLE..(number + 1) * PEOPLE {
            expected.insert(user(person), "Contoso");
        }
    }
    let found: BTreeMap<String, String> = store
        .contacts(Default::default())
        .map(|contact| {
            let contact = contact.unwrap();
            assert_eq!(contact.lists, ["Sales"]);
            (
                contact.object_id.unwrap(),
                contact.fields["company"].clone(),
            )
        })
        .collect();
    let expected: BTreeMap<String, String> = expected
        .into_iter()
        .map(|(user, company)| (user, company.to_owned()))
        .collect();
    assert_eq!(found, expected, "after {commits} commits");
    integrity::check(directory);
}
