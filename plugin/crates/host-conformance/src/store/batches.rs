//! How much is taken at once.

use std::fmt::Debug;

use crate::bench::{Desk, remove, user_of};
use crate::bindings::imports::contact_store::{Commit, Query, StateWrite, apply};
use crate::bindings::imports::state;
use crate::bindings::imports::types::{Change, Contact, RemovalKind, StoreError};
use host_promises::verdict::{Amiss, Outcome, differs, not_tried, shown};

/// The most that is tried: a store that takes more is not asked for that.
const MOST: u32 = 20_000;

/// As many as the store takes at once.
pub(crate) fn limit(most: u32) -> Result<usize, Amiss> {
    if most > MOST {
        return not_tried(format!(
            "the store takes {most} at once, and no more than {MOST} are tried"
        ));
    }
    Ok(most as usize)
}

/// That an answer says that it was too much, and what the limit is.
pub(crate) fn too_large<T: Debug>(told: &Result<T, StoreError>, most: usize) -> Outcome {
    match told {
        Err(StoreError::BatchTooLarge(limit)) if *limit as usize == most => Ok(()),
        other => differs(
            format!("batch-too-large({most}) of {}", most + 1),
            shown(other),
        ),
    }
}

pub(crate) fn changes(desk: &Desk<'_>) -> Outcome {
    let most = limit(desk.bench.store.max_batch)?;
    let nobody = Contact {
        id: "0".to_owned(),
        version: 1,
        active: true,
        fields: Vec::new(),
        link: None,
        former: None,
        lists: Vec::new(),
    };
    let change: Change = remove(&nobody, &desk.user(0), RemovalKind::Delete).into();
    let told = apply(&Commit {
        changes: vec![change; most + 1],
        ..desk.commit("run")
    });
    too_large(&told, most)
}

pub(crate) fn lookup(desk: &Desk<'_>) -> Outcome {
    let most = limit(desk.bench.store.max_batch)?;
    let ask = |count: usize| {
        let users = (0..count).map(|number| user_of("00000000", 0, number));
        Query {
            object_ids: users.collect(),
            ..desk.query()
        }
    };
    let whole = desk.find(&ask(most))?;
    if !whole.is_empty() {
        return differs("nobody of these", shown(&whole));
    }
    let told = crate::bindings::imports::contact_store::lookup(&ask(most + 1));
    too_large(&told, most)
}

pub(crate) fn state(desk: &Desk<'_>) -> Outcome {
    let most = limit(desk.bench.store.max_batch)?;
    let keys = |count: usize| -> Vec<_> {
        let name = desk.key("many");
        (0..count)
            .map(|number| format!("{name} {number}"))
            .collect()
    };
    state::get_many(&keys(most))?;
    too_large(&state::get_many(&keys(most + 1)), most)
}

pub(crate) fn not_counted(desk: &Desk<'_>) -> Outcome {
    let most = limit(desk.bench.store.max_batch)?;
    let key = desk.key("not counted");
    let write = StateWrite { key, value: None };
    apply(&Commit {
        settled: (0..=most)
            .map(|number| user_of("00000000", 0, number))
            .collect(),
        state: vec![write; most + 1],
        ..desk.commit("run")
    })?;
    Ok(())
}
