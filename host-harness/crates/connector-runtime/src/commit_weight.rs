//! What the host would keep of the values that a component hands over, in bytes.
//!
//! Text counts as long as it is; whatever becomes a row of its own counts [`ROW`] beside it, for the
//! keys and indexes that a store keeps with a row. The numbers are an estimate from above for the
//! SQLite store, and the same for every other one.

use connector_contract::{
    AttributeChange, Change, Commit, ContactList, Contingency, Evidence, Field, FieldChange,
    FieldWrite, GivenValue, LedgerWrite, Membership, Note, PlanEntry, StateWrite,
};

use super::meter::CommitWeight;

/// A row with its keys and its places in indexes.
const ROW: u64 = 256;

/// A name, a value, and what separates them.
const PAIR: u64 = 16;

/// What a commit would add.
pub(super) fn of_commit(commit: &Commit) -> CommitWeight {
    let changes = sum(&commit.changes, change)
        + sum(&commit.notes, note)
        + sum(&commit.settled, |id| length(id))
        + commit.sightings.as_ref().map_or(0, |seen| {
            sum(&seen.object_ids, |id| length(id) + PAIR) + sum(&seen.links, |_| PAIR)
        })
        + sum(&commit.marks, |_| 2 * PAIR);
    let values = commit.state.iter().map(value).chain(
        commit
            .otherwise
            .iter()
            .map(|state| state.value.len() as u64),
    );
    CommitWeight {
        changes,
        state: sum(&commit.state, state_write) + sum(&commit.otherwise, contingency),
        largest_value: values.max().unwrap_or(0),
    }
}

/// What a destination would add to its ledger.
pub(super) fn of_ledger(writes: &[LedgerWrite]) -> CommitWeight {
    CommitWeight {
        changes: sum(writes, |write| {
            let value = write.value.as_ref().map_or(0, Vec::len);
            ROW + length(&write.key) + value as u64
        }),
        ..CommitWeight::default()
    }
}

/// What entries would add to a plan.
pub(super) fn of_plan(entries: &[PlanEntry]) -> u64 {
    sum(entries, |entry| {
        let what = &entry.what;
        ROW + length(&what.object_id)
            + optional(entry.contact.as_ref())
            + length(&what.reason)
            + sum(&what.fields, field_change)
            + sum(&what.joins, |name| length(name) + PAIR)
            + sum(&what.leaves, |name| length(name) + PAIR)
            + what.evidence.as_ref().map_or(0, evidence)
            + sum(&entry.directory, attribute_change)
    })
}

fn change(change: &Change) -> u64 {
    // A contact, its link and the journal's entry.
    3 * ROW
        + match change {
            Change::Create(create) => {
                length(&create.object_id)
                    + length(&create.reason)
                    + sum(&create.fields, field)
                    + sum(&create.base, field)
                    + sum(&create.lists, list)
            }
            Change::Update(update) => {
                length(&update.object_id)
                    + length(&update.reason)
                    + written(&update.writes)
                    + update.base.as_ref().map_or(0, |base| sum(base, field))
                    + membership(&update.membership)
                    + sum(&update.directory, given)
            }
            Change::Link(link) => {
                length(&link.object_id)
                    + length(&link.reason)
                    + written(&link.writes)
                    + sum(&link.base, field)
                    + membership(&link.membership)
            }
            Change::Remove(removal) => {
                length(&removal.object_id) + length(&removal.reason) + evidence(&removal.evidence)
            }
            Change::Revert(reversal) => {
                length(&reversal.object_id)
                    + length(&reversal.reason)
                    + written(&reversal.writes)
                    + evidence(&reversal.evidence)
                    + 8 * reversal.entries.len() as u64
                    + sum(&reversal.directory, given)
            }
        }
}

fn attribute_change(change: &AttributeChange) -> u64 {
    PAIR + length(&change.attribute)
        + optional(change.before.as_ref())
        + optional(change.after.as_ref())
}

fn given(given: &GivenValue) -> u64 {
    attribute_change(&given.change) + length(&given.field)
}

/// The journal keeps a written value, too.
fn written(writes: &[FieldWrite]) -> u64 {
    2 * sum(writes, |write| {
        PAIR + length(&write.name) + optional(write.value.as_ref())
    })
}

fn membership(membership: &Membership) -> u64 {
    sum(&membership.join, list) + sum(&membership.leave, |name| length(name) + PAIR)
}

fn list(list: &ContactList) -> u64 {
    ROW + length(&list.name) + length(&list.description)
}

fn field(field: &Field) -> u64 {
    PAIR + length(&field.name) + length(&field.value)
}

fn field_change(change: &FieldChange) -> u64 {
    PAIR + length(&change.field)
        + optional(change.before.as_ref())
        + optional(change.after.as_ref())
}

fn evidence(evidence: &Evidence) -> u64 {
    match evidence {
        Evidence::LeftScope(text) | Evidence::Undone(text) | Evidence::Other(text) => length(text),
        _ => PAIR,
    }
}

fn note(note: &Note) -> u64 {
    // Of the address a hash is kept; reason and ids are in an index, too.
    ROW + 2 * (length(&note.object_id) + optional(note.contact.as_ref()) + length(&note.reason))
}

fn state_write(write: &StateWrite) -> u64 {
    ROW + length(&write.key) + value(write)
}

fn value(write: &StateWrite) -> u64 {
    write.value.as_ref().map_or(0, Vec::len) as u64
}

/// Written once for each of the changes that it names.
fn contingency(state: &Contingency) -> u64 {
    let once = ROW + length(&state.key_prefix) + state.value.len() as u64;
    once.saturating_mul(state.changes.len() as u64)
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

fn optional(text: Option<&String>) -> u64 {
    text.map_or(0, |text| length(text))
}

fn sum<T>(items: &[T], weight: impl Fn(&T) -> u64) -> u64 {
    items
        .iter()
        .fold(0, |sum: u64, item| sum.saturating_add(weight(item)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_kept_for_many_changes_counts_for_each() {
        let commit = Commit {
            source: "entra:test".to_owned(),
            run: None,
            changes: Vec::new(),
            otherwise: vec![Contingency {
                changes: vec![0; 5_000],
                key_prefix: "retry/".to_owned(),
                value: vec![0; 1 << 20],
            }],
            notes: Vec::new(),
            settled: Vec::new(),
            sightings: None,
            marks: Vec::new(),
            state: Vec::new(),
        };
        let weight = of_commit(&commit);
        assert!(weight.state > 5_000 << 20, "{weight:?}");
        assert_eq!(weight.largest_value, 1 << 20);
    }
}
