//! Whatever a run did, taking it back gives what was there before, and taking that back again gives
//! what the run had made of it. Lists are the exception that `reversal` makes in `wit/types.wit`: who
//! becomes inactive by it leaves all of them.

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

/// What the test knows of a run, once it is done.
struct Run {
    /// The fields that its reversal puts back, by contact.
    fields: BTreeMap<String, BTreeSet<String>>,
    /// The contact that it changed, by user.
    contacts: BTreeMap<String, String>,
}

impl Run {
    fn of(workspace: &Workspace, run: &str) -> Self {
        let mut known = Self {
            fields: BTreeMap::new(),
            contacts: BTreeMap::new(),
        };
        for reversal in workspace.reversals(run) {
            let contact = reversal.contact.contact;
            let fields = reversal.writes.into_iter().map(|write| write.name);
            known.fields.insert(contact.clone(), fields.collect());
            known.contacts.insert(reversal.object_id, contact);
        }
        known
    }

    /// The rows, with as much of each base as a reversal puts back: that of the fields it writes. Whose
    /// a contact formerly was is left out where the run gave that user another one: who gets a contact
    /// is nobody's former user, and losing it again does not tell whose they were.
    fn comparable(&self, rows: Vec<Row>) -> Vec<Row> {
        let rows = rows.into_iter().map(|mut row| {
            if let (Some((_, base)), Some(fields)) = (&mut row.link, self.fields.get(&row.id)) {
                base.retain(|(field, _)| fields.contains(field));
            }
            let of_run = |user: &String| self.contacts.get(user);
            row.former = row
                .former
                .filter(|user| of_run(user).is_none_or(|contact| *contact == row.id));
            row
        });
        rows.collect()
    }
}

/// The rows that a reversal is to give, from those that it finds and those of before what it takes back.
/// Who was inactive before, and on a list all the same, is not put back on it.
fn taken_back(found: &[Row], before: Vec<Row>) -> Vec<Row> {
    let rows = before.into_iter().map(|mut row| {
        let was_active = |id| found.iter().any(|found| found.id == id && found.active);
        if !row.active && was_active(row.id.as_str()) {
            row.lists.clear();
        }
        row
    });
    rows.collect()
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
        let run = Run::of(&workspace, "run");

        let outcomes = workspace.undo("run", "undo");
        let fits = |outcome: &String| outcome == "applied" || outcome == "gone";
        prop_assert!(outcomes.iter().all(fits), "{outcomes:?}");
        let undone = workspace.rows();
        let then = taken_back(&done, then);
        prop_assert_eq!(run.comparable(undone.clone()), run.comparable(then));
        tallies_are_right(&workspace);

        let outcomes = workspace.undo("undo", "redo");
        prop_assert!(outcomes.iter().all(|outcome| outcome == "applied"), "{outcomes:?}");
        let done = taken_back(&undone, done);
        prop_assert_eq!(run.comparable(workspace.rows()), run.comparable(done));
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
