//! Plans over a ledger in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::bindings::contact_sync::connector::ledger as wit;
use crate::bindings::contact_sync::connector::types::{
    Effect, EffectOnContact, Evidence, FieldChange, StoreError,
};
use crate::bindings::exports::contact_sync::connector::plan_sink::{AttributeChange, Entry};
use crate::plans::{Ledger, Plans};

#[derive(Clone, Default)]
struct MemoryLedger(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Ledger for MemoryLedger {
    fn get(&self, keys: &[String]) -> Result<Vec<wit::Entry>, StoreError> {
        assert!(keys.len() <= 1_000);
        let entries = self.0.borrow();
        let entry = |key: &String| {
            let value = entries.get(key)?.clone();
            let key = key.clone();
            Some(wit::Entry { key, value })
        };
        Ok(keys.iter().filter_map(entry).collect())
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<wit::Entry>, StoreError> {
        let entries = self.0.borrow();
        let after = |key: &String| after.is_none_or(|after| key.as_str() > after);
        Ok(entries
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && after(key))
            .take(limit.min(1_000))
            .map(|(key, value)| wit::Entry {
                key: key.clone(),
                value: value.clone(),
            })
            .collect())
    }

    fn write(&self, writes: Vec<wit::Write>) -> Result<(), StoreError> {
        let mut entries = self.0.borrow_mut();
        for wit::Write { key, value } in writes {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        Ok(())
    }
}

fn plans(ledger: &MemoryLedger) -> Plans<MemoryLedger> {
    Plans::new(ledger.clone())
}

fn entry(user: &str, effect: Effect) -> Entry {
    Entry {
        contact: Some(format!("contact of {user}")),
        version: Some(3),
        directory: vec![AttributeChange {
            attribute: "jobTitle".to_owned(),
            before: None,
            after: Some("Head".to_owned()),
        }],
        what: EffectOnContact {
            object_id: user.to_owned(),
            effect,
            reason: format!("{effect:?}"),
            evidence: Some(Evidence::AccountDisabled),
            fields: vec![FieldChange {
                field: "email".to_owned(),
                before: None,
                after: Some("a@contoso.example".to_owned()),
            }],
            joins: vec!["Sales".to_owned()],
            leaves: Vec::new(),
        },
    }
}

fn users(entries: &[Entry]) -> Vec<&str> {
    let users = entries.iter().map(|entry| entry.what.object_id.as_str());
    users.collect()
}

#[test]
fn a_plan_has_what_changes_something_in_order_and_counts_everything() {
    let ledger = MemoryLedger::default();
    let mut plan = plans(&ledger);
    let put = vec![
        entry("c", Effect::Update),
        entry("a", Effect::Create),
        entry("b", Effect::Skip),
    ];
    plan.put(put).unwrap();
    let changes = plan.changes(true, None, 10).unwrap();
    assert_eq!(
        changes,
        [entry("a", Effect::Create), entry("c", Effect::Update)]
    );
    assert_eq!(users(&plan.changes(true, Some("a"), 10).unwrap()), ["c"]);
    assert_eq!(users(&plan.changes(true, None, 1).unwrap()), ["a"]);
    let asked = ["b", "c", "nobody"].map(str::to_owned);
    assert_eq!(users(&plan.entries(true, &asked).unwrap()), ["c"]);
    let counted = plan.count().unwrap();
    let counted: Vec<_> = counted
        .iter()
        .map(|tally| (tally.effect, tally.entries))
        .collect();
    assert_eq!(
        counted,
        [(Effect::Create, 1), (Effect::Skip, 1), (Effect::Update, 1)]
    );
}

#[test]
fn the_entry_of_a_user_replaces_the_one_before_and_its_claim() {
    let ledger = MemoryLedger::default();
    let mut plan = plans(&ledger);
    plan.put(vec![entry("a", Effect::Link), entry("b", Effect::Update)])
        .unwrap();
    let contacts = || vec!["contact of a".to_owned(), "contact of b".to_owned()];
    let claims = plan.claimed(contacts()).unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].object_id, "a");
    plan.put(vec![entry("a", Effect::Skip), entry("b", Effect::Link)])
        .unwrap();
    let claims = plan.claimed(contacts()).unwrap();
    assert_eq!((claims.len(), claims[0].object_id.as_str()), (1, "b"));
    assert_eq!(users(&plan.changes(true, None, 10).unwrap()), ["b"]);
}

#[test]
fn the_last_plan_is_given_back_in_a_later_call_and_the_next_one_begins_empty() {
    let ledger = MemoryLedger::default();
    let other = wit::Write {
        key: "c/7".to_owned(),
        value: Some(vec![1]),
    };
    ledger.write(vec![other]).unwrap();
    let many = (0..2_500).map(|n| entry(&format!("{n:04}"), Effect::Create));
    plans(&ledger).put(many.collect()).unwrap();
    let mut sync = plans(&ledger);
    assert_eq!(sync.changes(false, None, 3_000).unwrap().len(), 2_500);
    let asked: Vec<_> = (0..1_500).map(|n| format!("{n:04}")).collect();
    assert_eq!(sync.entries(false, &asked).unwrap().len(), 1_500);
    let mut next = plans(&ledger);
    assert_eq!(next.count().unwrap(), []);
    assert_eq!(next.changes(false, None, 10).unwrap(), []);
    assert_eq!(
        ledger.0.borrow().len(),
        1,
        "what is the destination's stays"
    );
}

#[test]
fn a_plan_that_cannot_be_read_is_told_without_what_is_in_it() {
    let ledger = MemoryLedger::default();
    plans(&ledger)
        .put(vec![entry("a", Effect::Create)])
        .unwrap();
    ledger
        .0
        .borrow_mut()
        .insert("plan-sink/c/a".to_owned(), b"Zoe".to_vec());
    let told = plans(&ledger).changes(false, None, 10).unwrap_err();
    let StoreError::Damaged(told) = told else {
        panic!("{told:?}")
    };
    assert!(told.contains("make it anew") && !told.contains("Zoe"));
}
