//! The memory of a destination: entries that are kept together or not at all.

use std::sync::Arc;
use std::time::Duration;

use connector_contract::imports::Ledger;
use connector_contract::{Committed, Expectation, LedgerRow, LedgerWrite, StoreError};

use super::workspace::*;
use crate::{Holder, TakeOver};

fn ledger(workspace: &Workspace, account: &str) -> Arc<dyn Ledger> {
    Arc::clone(&workspace.store).ledger(account)
}

fn write(key: &str, value: Option<&str>) -> LedgerWrite {
    LedgerWrite {
        key: key.to_owned(),
        value: value.map(|value| value.as_bytes().to_vec()),
    }
}

fn expected(key: &str, value: Option<&str>) -> Expectation {
    let LedgerWrite { key, value } = write(key, value);
    Expectation { key, value }
}

fn kept(ledger: &dyn Ledger, writes: &[LedgerWrite]) {
    assert_eq!(ledger.commit(&[], writes).unwrap(), Committed::Kept);
}

/// Keys and values, as text.
fn text(rows: Vec<LedgerRow>) -> Vec<(String, String)> {
    let pair = |row: LedgerRow| (row.key, String::from_utf8(row.value).unwrap());
    rows.into_iter().map(pair).collect()
}

fn all(ledger: &dyn Ledger) -> Vec<(String, String)> {
    text(ledger.scan("", None, 1_000).unwrap())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

pub fn entries_are_kept_replaced_and_deleted_and_deleting_what_is_not_there_is_no_error(
    stores: &dyn StoreFactory,
) {
    let workspace = Workspace::new(stores);
    let ledger = ledger(&workspace, "one");
    assert_eq!(ledger.get(&["a".to_owned()]).unwrap(), []);
    assert_eq!(all(&*ledger), []);
    kept(&*ledger, &[write("a", Some("1")), write("b", Some("2"))]);
    kept(
        &*ledger,
        &[
            write("a", Some("")),
            write("b", None),
            write("c", None),
            write("d", Some("4")),
        ],
    );
    let asked: Vec<_> = ["d", "b", "a", "a"].map(str::to_owned).into();
    let mut found = text(ledger.get(&asked).unwrap());
    found.sort();
    assert_eq!(found, pairs(&[("a", ""), ("d", "4")]));
}

pub fn a_commit_whose_expectation_is_not_met_writes_nothing_of_itself(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let ledger = ledger(&workspace, "one");
    kept(&*ledger, &[write("fence", Some("1"))]);
    for unmet in [
        expected("fence", Some("2")),
        expected("fence", None),
        expected("absent", Some("")),
    ] {
        let expect = [expected("fence", Some("1")), unmet];
        let told = ledger.commit(&expect, &[write("fence", Some("3")), write("a", Some("x"))]);
        assert_eq!(told.unwrap(), Committed::Unexpected);
        assert_eq!(all(&*ledger), pairs(&[("fence", "1")]));
    }
    let met = [expected("fence", Some("1")), expected("absent", None)];
    let told = ledger.commit(&met, &[write("fence", Some("2"))]).unwrap();
    assert_eq!(told, Committed::Kept);
    assert_eq!(all(&*ledger), pairs(&[("fence", "2")]));
}

pub fn entries_are_scanned_by_prefix_in_byte_order_page_by_page(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let ledger = ledger(&workspace, "one");
    let keys = ["a/1", "a/10", "a/2", "a/\u{e4}", "a", "b/1", "A/1"];
    kept(&*ledger, &keys.map(|key| write(key, Some("x"))));
    let scan = |after: Option<&str>, limit| -> Vec<String> {
        let rows = ledger.scan("a/", after, limit).unwrap();
        rows.into_iter().map(|row| row.key).collect()
    };
    assert_eq!(scan(None, 2), ["a/1", "a/10"]);
    assert_eq!(scan(Some("a/10"), 2), ["a/2", "a/\u{e4}"]);
    assert_eq!(scan(Some("a/\u{e4}"), 2), [""; 0]);
    assert_eq!(
        scan(Some("0"), 1_000).len(),
        4,
        "a place before all of them"
    );
}

pub fn accounts_do_not_see_each_other(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let (one, other) = (ledger(&workspace, "one"), ledger(&workspace, "other"));
    kept(&*one, &[write("a", Some("1"))]);
    let told = other.commit(&[expected("a", None)], &[write("a", Some("2"))]);
    assert_eq!(told.unwrap(), Committed::Kept);
    kept(&*other, &[write("b", Some("3"))]);
    assert_eq!(all(&*one), pairs(&[("a", "1")]));
    assert_eq!(all(&*other), pairs(&[("a", "2"), ("b", "3")]));
}

pub fn who_has_lost_the_lease_keeps_nothing(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let hire = |machine: &str| {
        let holder = Holder {
            task: "sync".to_owned(),
            process: 7,
            machine: machine.to_owned(),
        };
        let store = Arc::clone(&workspace.store);
        store
            .acquire_lease(&holder, Duration::from_secs(60), TakeOver::SameMachine)
            .unwrap()
    };
    let first = hire("here").ledger("one");
    kept(&*first, &[write("a", Some("1"))]);
    let second = hire("here").ledger("one");
    kept(&*second, &[write("a", Some("2"))]);
    let late = first.commit(&[], &[write("a", Some("3")), write("b", Some("4"))]);
    assert!(matches!(late, Err(StoreError::LeaseLost(_))), "{late:?}");
    assert_eq!(all(&*first), pairs(&[("a", "2")]), "it may look");
}

pub fn what_is_too_long_is_refused_and_nothing_of_its_commit_is_kept(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let ledger = ledger(&workspace, "one");
    let long = "x".repeat(2 << 20);
    for refused in [
        vec![write(&"k".repeat(1_025), Some("x"))],
        vec![write("k", Some(&format!("{long}x")))],
        (0..9).map(|n| write(&n.to_string(), Some(&long))).collect(),
    ] {
        let mut writes = vec![write("a", Some("1"))];
        writes.extend(refused);
        assert!(is_other(&ledger.commit(&[], &writes)));
        assert_eq!(all(&*ledger), []);
    }
    kept(&*ledger, &[write(&"k".repeat(1_024), Some(&long))]);
}

pub fn an_entry_is_there_after_the_process_is_gone(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    kept(&*ledger(&workspace, "one"), &[write("a", Some("1"))]);
    let workspace = workspace.reopened();
    assert_eq!(all(&*ledger(&workspace, "one")), pairs(&[("a", "1")]));
}
