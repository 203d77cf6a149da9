//! Object ids in their one form, at every door.

use std::borrow::Cow;

use contact_identity::ObjectId;

use crate::contract::{Change, Commit, Query, Who};

/// An object id as it is kept.
pub(crate) fn user(id: &str) -> Cow<'_, str> {
    ObjectId::canonical(id)
}

fn make(id: &mut String) {
    if let Cow::Owned(canonical) = ObjectId::canonical(id) {
        *id = canonical;
    }
}

pub(crate) fn query(mut query: Query) -> Query {
    query.object_ids.iter_mut().for_each(make);
    query
}

pub(crate) fn who(who: &Who) -> Who {
    match who {
        Who::User(id) => Who::User(user(id).into_owned()),
        other => other.clone(),
    }
}

pub(crate) fn commit(mut commit: Commit) -> Commit {
    for change in &mut commit.changes {
        match change {
            Change::Create(create) => make(&mut create.object_id),
            Change::Update(update) => make(&mut update.object_id),
            Change::Link(link) => make(&mut link.object_id),
            Change::Remove(removal) => make(&mut removal.object_id),
            Change::Revert(reversal) => make(&mut reversal.object_id),
        }
    }
    for note in &mut commit.notes {
        make(&mut note.object_id);
    }
    commit.settled.iter_mut().for_each(make);
    if let Some(sightings) = &mut commit.sightings {
        sightings.object_ids.iter_mut().for_each(make);
    }
    commit
}
