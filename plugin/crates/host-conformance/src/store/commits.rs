//! A commit as a whole.

use crate::bench::{Desk, update, value};
use crate::bindings::imports::contact_store::{Commit, Contingency, Sightings, StateWrite, apply};
use crate::bindings::imports::state::{self, Found};
use crate::bindings::imports::types::StoreError;
use host_promises::verdict::{Outcome, differs, not_tried, same, shown};

fn state_write(key: &str, value: &[u8]) -> StateWrite {
    StateWrite {
        key: key.to_owned(),
        value: Some(value.to_vec()),
    }
}

pub(crate) fn atomic(desk: &Desk<'_>) -> Outcome {
    if !desk.bench.store.atomic {
        return not_tried("the store says that it is not atomic");
    }
    let first = &*desk.bench.first;
    let contact = desk.holding(0, "A")?;
    let key = desk.key("atomic");
    // Sightings of a round that is not open are refused, and with them the whole of it.
    let told = apply(&Commit {
        changes: vec![
            desk.create(1, &[]).into(),
            update(&contact, &[(first, Some("B"))]).into(),
        ],
        sightings: Some(Sightings {
            round: desk.name("never opened"),
            object_ids: vec![desk.user(0)],
            links: Vec::new(),
        }),
        state: vec![state_write(&key, b"1")],
        ..desk.commit("run")
    });
    match told {
        Err(StoreError::Other(_)) => {}
        other => return differs("the error `other`", shown(&other)),
    }
    same(
        "contacts of a create that came with it",
        desk.of_user(&desk.user(1))?,
        Vec::new(),
    )?;
    let after = desk.contact(&contact.id)?;
    same(
        "the field of an update that came with it",
        value(&after.fields, first),
        Some("A"),
    )?;
    same("its version", after.version, contact.version)?;
    same(
        "the state that came with it",
        state::get(&key)?,
        Found::Absent,
    )
}

pub(crate) fn contingency(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    desk.applied(update(&contact, &[]))?;
    let prefix = desk.key("otherwise/");
    let key = |person| format!("{prefix}{}", desk.user(person));
    // The update is outdated; the create is not.
    let commit = Commit {
        changes: vec![update(&contact, &[]).into(), desk.create(1, &[]).into()],
        otherwise: vec![Contingency {
            changes: vec![0, 1],
            key_prefix: prefix.clone(),
            value: b"otherwise".to_vec(),
        }],
        state: vec![
            state_write(&key(0), b"state"),
            state_write(&key(1), b"state"),
        ],
        ..desk.commit("run")
    };
    apply(&commit)?;
    let found = [state::get(&key(0))?, state::get(&key(1))?];
    same(
        "the state of the change that is not applied, and of the one that is",
        found,
        [
            Found::Value(b"otherwise".to_vec()),
            Found::Value(b"state".to_vec()),
        ],
    )?;
    desk.write_state(&[(&key(0), None), (&key(1), None)])
}
