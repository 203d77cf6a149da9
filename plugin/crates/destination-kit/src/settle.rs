//! What an operation came to: kept, and told.

use std::collections::BTreeSet;

use crate::contract::{Conflict, Outcome, StoreError};
use crate::decide::{applied, conflict, refused};
use crate::destination::{Failure, Record};
use crate::keep::{self, Addresses};
use crate::keys;
use crate::known::Known;
use crate::ledger::Ledger;
use crate::perform::Performed;
use crate::records::{ContactRecord, Operation, Owed, Request};
use crate::version::version;
use crate::view::View;

/// Puts into the view what an operation did, and says what became of the change. Whether it is still open: what
/// may have been done and may not is looked into again later.
pub(crate) fn settle<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    operation: &Operation,
    performed: Performed,
) -> Result<(Outcome, bool), StoreError> {
    let stored = match &operation.contact {
        Some(id) => view.read::<ContactRecord>(&keys::contact(id))?,
        None => None,
    };
    if let Some(failure) = performed.failure {
        let is_open = matches!(failure, Failure::Unknown(_));
        if failure == Failure::Gone
            && let (Some(id), Some(stored)) = (&operation.contact, &stored)
        {
            keep::contact(view, addresses, id, Some(stored), &stored.gone())?;
        }
        return Ok((of_failure(failure), is_open));
    }
    let outcome = match (operation.request == Request::Delete, performed.record) {
        (true, _) => deleted(view, addresses, operation, stored.as_ref())?,
        (false, Some(record)) => {
            let mut missed = performed.missed;
            owe(view, operation, &record, &mut missed)?;
            let operation = without(operation, &missed);
            let missed = !missed.is_empty() || !performed.uncertain.is_empty();
            let outcome = written(view, addresses, &operation, stored.as_ref(), record)?;
            if missed {
                Outcome::Other("lists-missed".to_owned())
            } else {
                outcome
            }
        }
        (false, None) => Outcome::Other("not-tried".to_owned()),
    };
    Ok((outcome, false))
}

/// What is told of a change of which nobody can say yet whether it was performed, as the contract has it.
pub(crate) const UNKNOWN: &str = "unknown";

fn of_failure(failure: Failure) -> Outcome {
    match failure {
        Failure::Gone => conflict(Conflict::Gone),
        Failure::Changed => conflict(Conflict::Version),
        Failure::Refused(refusal) => refused(refusal),
        Failure::NotDone(code) => Outcome::Other(code),
        Failure::Unknown(_) => Outcome::Other(UNKNOWN.to_owned()),
        Failure::Unusable(_) => Outcome::Other("not-tried".to_owned()),
    }
}

/// Whoever loses the link, or becomes inactive, leaves all lists, and the connector does not come back to see
/// whether it is so: what was missed of that is done at the next occasion.
fn owe<L: Ledger>(
    view: &View<L>,
    operation: &Operation,
    record: &Record,
    missed: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    let after = operation.after.as_ref();
    let is_looked_at =
        after.is_some_and(|after| after.active && after.user(&operation.source).is_some());
    if is_looked_at {
        return Ok(());
    }
    for list in &operation.remove {
        if missed.remove(list) {
            let owed = Owed {
                list: list.clone(),
                remote: record.id.clone(),
            };
            view.put(keys::owed(list, &record.id), &owed)?;
        }
    }
    Ok(())
}

fn deleted<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    operation: &Operation,
    stored: Option<&ContactRecord>,
) -> Result<Outcome, StoreError> {
    let (Some(id), Some(before)) = (&operation.contact, &operation.before) else {
        return Ok(Outcome::Other("not-tried".to_owned()));
    };
    let mut gone = before.gone();
    gone.writes += 1;
    let nothing = Record {
        id: String::new(),
        fields: Vec::new(),
        active: None,
        lists: None,
        tie: None,
        guard: None,
        native: Vec::new(),
    };
    let version = version(gone.writes, &nothing, false);
    keep::contact(view, addresses, id, stored, &gone)?;
    keep::journal(view, addresses, id, version, operation)?;
    Ok(applied(id, version))
}

fn written<L: Ledger>(
    view: &View<L>,
    addresses: &Addresses,
    operation: &Operation,
    stored: Option<&ContactRecord>,
    record: Record,
) -> Result<Outcome, StoreError> {
    let id = operation
        .contact
        .clone()
        .unwrap_or_else(|| record.id.clone());
    let after = operation.after.as_ref();
    let now = Known::of(id, after, record);
    let version = now.version();
    keep::contact(view, addresses, &now.id, stored, &now.record)?;
    for (source, link) in &now.record.links {
        let had = stored.and_then(|stored| stored.user(source));
        if had != Some(link.user.as_str()) {
            keep::forget_former(view, addresses, source, &link.user, &now.id)?;
        }
    }
    keep::journal(view, addresses, &now.id, version, operation)?;
    Ok(applied(&now.id, version))
}

/// The operation as it was done: lists on which the contact is not, or still is, are told as they are.
fn without(operation: &Operation, missed: &BTreeSet<String>) -> Operation {
    let mut done = operation.clone();
    if let Some(after) = &mut done.after {
        let mut lists = after.lists_of(&operation.source);
        for list in missed {
            if operation.add.contains(list) {
                lists.remove(list);
            } else {
                lists.insert(list.clone());
            }
        }
        after.set_lists(&operation.source, lists);
    }
    done
}
