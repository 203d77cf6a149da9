//! Takes away what a run made.

use crate::bench::{
    Bench, CHECKS, Desk, OTHER_SOURCE, PEOPLE, SOURCE, empty_commit, link, remove, user_of,
};
use crate::bindings::imports::contact_store::{Commit, StateWrite, apply, close_round};
use crate::bindings::imports::state;
use crate::bindings::imports::types::{Change, Contact, RemovalKind};
use host_promises::promises::ALL;
use host_promises::verdict::{Amiss, Outcome, differs, same, shown};

/// Ids that are looked up at a time; a store takes at least 1,000.
const AT_ONCE: usize = 500;

/// A contact that was unlinked is linked before it is deleted, and its user may have another one to be deleted
/// before that.
const ROUNDS: usize = 4;

/// Takes away all that a run of this name made.
pub(crate) fn tidy(bench: &Bench) -> Outcome {
    let users: Vec<_> = (0..=ALL.len())
        .flat_map(|check| (0..PEOPLE).map(move |person| (check, person)))
        .map(|(check, person)| user_of(&bench.nonce, check, person))
        .collect();
    for source in [SOURCE, OTHER_SOURCE] {
        for some in users.chunks(AT_ONCE) {
            people(bench, source, some)?;
        }
    }
    for check in 0..=ALL.len() {
        close_round(SOURCE, &Desk::new(bench, check).name("round"))?;
    }
    keys(CHECKS)
}

fn people(bench: &Bench, source: &str, users: &[String]) -> Outcome {
    let desk = Desk::new(bench, 0);
    let mut last: Vec<Contact> = Vec::new();
    for _ in 0..ROUNDS {
        let mut query = desk.query();
        query.source = source.to_owned();
        query.object_ids = users.to_vec();
        last = desk.find(&query)?;
        if last.is_empty() {
            break;
        }
        let changes = last.iter().filter_map(away).collect();
        commit(source, changes, Vec::new())?;
    }
    let left: Vec<_> = last.iter().map(|contact| &contact.id).collect();
    if !left.is_empty() {
        return differs(
            "contacts that are all deleted",
            format!("{} are left: {}", left.len(), shown(&left)),
        );
    }
    commit(source, Vec::new(), users.to_vec())
}

fn away(contact: &Contact) -> Option<Change> {
    match (&contact.link, &contact.former) {
        (Some(tie), _) => Some(remove(contact, &tie.object_id, RemovalKind::Delete).into()),
        (None, Some(former)) => Some(link(contact, former).into()),
        (None, None) => None,
    }
}

fn commit(source: &str, changes: Vec<Change>, settled: Vec<String>) -> Outcome {
    apply(&Commit {
        source: source.to_owned(),
        changes,
        settled,
        ..empty_commit()
    })?;
    Ok(())
}

/// Deletes the entries of the state whose keys begin so.
pub(crate) fn keys(prefix: &str) -> Outcome {
    let found = state::list(prefix, None, AT_ONCE as u32)?;
    let none = |entry: state::Entry| StateWrite {
        key: entry.key,
        value: None,
    };
    let commit = Commit {
        state: found.into_iter().map(none).collect(),
        ..empty_commit()
    };
    if !commit.state.is_empty() {
        apply(&commit)?;
    }
    let left: Result<_, Amiss> = Ok(state::list(prefix, None, 1)?.len());
    same("entries of the state that are left", left?, 0)
}
