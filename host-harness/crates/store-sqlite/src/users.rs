//! Object ids on their way in: whatever a caller writes, the database holds and compares one form.

use std::borrow::Cow;

use connector_contract::{Change, Commit, Expected, PlanEntry, Query, Who};
use contact_identity::ObjectId;

/// Brings an id into its canonical form.
fn settle(id: &mut String) {
    if let Cow::Owned(canonical) = ObjectId::canonical(id) {
        *id = canonical;
    }
}

pub(super) fn of_query(mut query: Query) -> Query {
    query.object_ids.iter_mut().for_each(settle);
    query
}

pub(super) fn of_expected(mut users: Vec<Expected>) -> Vec<Expected> {
    let ids = users.iter_mut().map(|expected| &mut expected.object_id);
    ids.for_each(settle);
    users
}

pub(super) fn of_commit(mut commit: Commit) -> Commit {
    for change in &mut commit.changes {
        settle(match change {
            Change::Create(create) => &mut create.object_id,
            Change::Update(update) => &mut update.object_id,
            Change::Link(link) => &mut link.object_id,
            Change::Remove(removal) => &mut removal.object_id,
            Change::Revert(reversal) => &mut reversal.object_id,
        });
    }
    let notes = commit.notes.iter_mut().map(|note| &mut note.object_id);
    let sightings = commit.sightings.iter_mut();
    let seen = sightings.flat_map(|sightings| &mut sightings.object_ids);
    notes
        .chain(&mut commit.settled)
        .chain(seen)
        .for_each(settle);
    commit
}

pub(super) fn of_entries(mut entries: Vec<PlanEntry>) -> Vec<PlanEntry> {
    for entry in &mut entries {
        settle(&mut entry.what.object_id);
    }
    entries
}

pub(super) fn of_who(who: &Who) -> Cow<'_, Who> {
    match who {
        Who::User(user) => match ObjectId::canonical(user) {
            Cow::Owned(canonical) => Cow::Owned(Who::User(canonical)),
            Cow::Borrowed(_) => Cow::Borrowed(who),
        },
        Who::Contact(_) | Who::Address(_) => Cow::Borrowed(who),
    }
}

pub(super) fn of_place(after: Option<&str>) -> Option<Cow<'_, str>> {
    after.map(ObjectId::canonical)
}

pub(super) fn of_all(users: &[String]) -> Vec<String> {
    let canonical = users.iter().map(|user| ObjectId::canonical(user));
    canonical.map(Cow::into_owned).collect()
}
