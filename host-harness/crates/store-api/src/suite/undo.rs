//! Whatever a run did, taking it back gives what was there before, and taking that back again gives
//! what the run had made of it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::{Turn, turn};
use super::model::{Model, play};
use super::revert::Row;
use super::workspace::*;

/// Plays turns as one run.
fn play_as(workspace: &Workspace, model: &mut Model, turns: &[Turn], run: &str) {
    for turn in turns {
        play(workspace, model, turn, run);
    }
}

fn only_commits(turns: Vec<Turn>) -> Vec<Turn> {
    let by_the_connector = |turn: &Turn| matches!(turn, Turn::Commit { .. });
    turns.into_iter().filter(by_the_connector).collect()
}

/// Numbers over the contacts are those of a count.
fn tallies_are_right(workspace: &Workspace) {
    let numbers = workspace
        .store
        .get_statistics(SOURCE, &names(&["email", "company"]))
        .unwrap();
    let all = workspace.store.contacts(Default::default());
    let linked: Vec<_> = all
        .map(Result::unwrap)
        .filter(|contact| contact.linked)
        .collect();
    let active: Vec<_> = linked.iter().filter(|contact| contact.active).collect();
    assert_eq!(numbers.linked, linked.len() as u64);
    assert_eq!(numbers.active, active.len() as u64);
    for missing in &numbers.missing {
        let without = |contact: &&&_| {
            let contact: &crate::ContactRow = contact;
            !contact.fields.contains_key(&missing.field)
        };
        let counted = active.iter().filter(without).count();
        assert_eq!(missing.contacts, counted as u64, "{}", missing.field);
    }
}

/// Whether each contact was touched for one user only: then no reversal depends on another.
fn is_simple(workspace: &Workspace, run: &str) -> bool {
    let mut pairs = BTreeSet::new();
    for entry in workspace.done_in(run) {
        pairs.insert((entry.what.object_id, entry.contact));
    }
    let users: BTreeSet<_> = pairs.iter().map(|(user, _)| user).collect();
    let contacts: BTreeSet<_> = pairs.iter().map(|(_, contact)| contact).collect();
    users.len() == pairs.len() && contacts.len() == pairs.len()
}

/// The rows, with as much of each base as a reversal puts back: that of the fields it writes.
fn comparable(rows: Vec<Row>, put_back: &BTreeMap<String, BTreeSet<String>>) -> Vec<Row> {
    let rows = rows.into_iter().map(|mut row| {
        if let (Some((_, base)), Some(fields)) = (&mut row.3, put_back.get(&row.0)) {
            base.retain(|(field, _)| fields.contains(field));
        }
        row
    });
    rows.collect()
}

/// The fields that the reversal of a run puts back, by contact.
fn put_back(workspace: &Workspace, run: &str) -> BTreeMap<String, BTreeSet<String>> {
    let reversals = workspace.reversals(run).into_iter();
    let fields = |reversal: connector_contract::Reversal| {
        let fields = reversal.writes.into_iter().map(|write| write.name);
        (reversal.contact.contact, fields.collect())
    };
    reversals.map(fields).collect()
}

pub fn a_run_that_is_taken_back_leaves_what_was_there_before(stores: &dyn StoreFactory) {
    proptest!(cases(64, file!()), |(
        before in prop::collection::vec(turn(), 1..6),
        run in prop::collection::vec(turn(), 1..4),
    )| {
        let workspace = Workspace::new(stores);
        let mut model = Model::default();
        play_as(&workspace, &mut model, &before, "before");
        let then = workspace.rows();
        play_as(&workspace, &mut model, &only_commits(run), "run");
        prop_assume!(is_simple(&workspace, "run"));
        let done = workspace.rows();
        let fields = put_back(&workspace, "run");

        let outcomes = workspace.undo("run", "undo");
        let fits = |outcome: &String| outcome == "applied" || outcome == "gone";
        prop_assert!(outcomes.iter().all(fits), "{outcomes:?}");
        prop_assert_eq!(comparable(workspace.rows(), &fields), comparable(then, &fields));
        tallies_are_right(&workspace);

        let outcomes = workspace.undo("undo", "redo");
        prop_assert!(outcomes.iter().all(|outcome| outcome == "applied"), "{outcomes:?}");
        prop_assert_eq!(comparable(workspace.rows(), &fields), comparable(done, &fields));
        tallies_are_right(&workspace);
    });
}

pub fn an_edit_after_a_run_makes_what_was_decided_before_it_a_conflict(stores: &dyn StoreFactory) {
    proptest!(cases(64, file!()), |(
        before in prop::collection::vec(turn(), 1..6),
        run in prop::collection::vec(turn(), 1..4),
    )| {
        let workspace = Workspace::new(stores);
        let mut model = Model::default();
        play_as(&workspace, &mut model, &before, "before");
        play_as(&workspace, &mut model, &only_commits(run), "run");
        let decided = workspace.reversals("run");
        let went_on_to_another = |contact: &str| {
            let users = decided.iter().filter(|reversal| reversal.contact.contact == contact);
            users.count() > 1
        };
        for row in workspace.store.contacts(Default::default()) {
            let id = row.unwrap().id;
            workspace.store.edit_field(&id, "job_title", Some("Edited")).unwrap();
        }
        let edited = workspace.rows();
        for reversal in &decided {
            let contact = &reversal.contact.contact;
            if workspace.contact(contact).is_none() {
                continue;
            }
            let outcome = word(&workspace.apply_in("undo", Change::Revert(reversal.clone())));
            // What was done to a contact for one user is part of what the run did to it, and refused.
            let fits = match outcome.as_str() {
                "unknown-entry" => went_on_to_another(contact),
                other => other == "version" || other == "linked",
            };
            prop_assert!(fits, "{outcome}");
        }
        prop_assert_eq!(workspace.rows(), edited);
    });
}
