//! What a call left open that ended in the middle: each intent is compared with what the service has.
//!
//! What was done is kept as if the call had lived on; what was not done is forgotten, since the connector reads
//! the same page again. Nothing is sent here that writes.

use std::collections::BTreeSet;

use crate::destination::{Capabilities, Failure, Record};
use crate::perform::Performed;
use crate::records::{Operation, Request};

/// What became of an intent.
#[derive(Debug)]
pub(crate) enum Resolution {
    Done(Box<Performed>),
    NotDone,
    /// The service may not show it yet.
    Undecided,
}

/// Judges an intent by the record that the service has: for one that makes a record, the one that it made.
pub(crate) fn resolve(
    capabilities: &Capabilities,
    operation: &Operation,
    record: Option<Record>,
    now_ms: u64,
) -> Resolution {
    match (&operation.request, record) {
        (Request::Create, None) => {
            let age = now_ms.saturating_sub(operation.at_ms);
            if age < capabilities.settles_after_ms {
                Resolution::Undecided
            } else {
                Resolution::NotDone
            }
        }
        (Request::Create, Some(record)) => {
            let put_at_once = capabilities.lists_on_create;
            done(missed(operation, &record, put_at_once), Some(record))
        }
        (Request::Delete, None) => done(BTreeSet::new(), None),
        (Request::Delete, Some(_)) | (Request::Nothing | Request::Write { .. }, None) => {
            Resolution::NotDone
        }
        (Request::Nothing, Some(record)) => {
            let missed = missed(operation, &record, false);
            if missed.len() == operation.add.len() + operation.remove.len() {
                Resolution::NotDone
            } else {
                done(missed, Some(record))
            }
        }
        (
            Request::Write {
                writes,
                active,
                tie,
            },
            Some(record),
        ) => {
            let value = |name: &str| {
                let mut fields = record.fields.iter();
                fields
                    .find(|(field, _)| field == name)
                    .map(|(_, value)| value)
            };
            let is_tied = || {
                let now = record.tie.as_ref();
                tie.as_ref().is_some_and(|to_be| {
                    now.map(|tie| (&tie.source, &tie.object_id))
                        == to_be.as_ref().map(|(source, user)| (source, user))
                })
            };
            let are_written = writes
                .iter()
                .all(|(name, to_be)| value(name) == to_be.as_ref());
            let is_active = record.active.is_none() || active.is_none() || record.active == *active;
            let shows = !writes.is_empty() || record.active.and(*active).is_some() || is_tied();
            // Lists come after the record, so one that has moved shows that the record was written, whatever it
            // is by now.
            if (are_written && is_active && shows) || has_moved(operation, &record) {
                done(missed(operation, &record, false), Some(record))
            } else {
                Resolution::NotDone
            }
        }
    }
}

/// Whether a list shows that its request was performed.
fn has_moved(operation: &Operation, record: &Record) -> bool {
    record.lists.as_ref().is_some_and(|lists| {
        let is_on = |list: &String| lists.contains(list);
        operation.add.iter().any(is_on) || !operation.remove.iter().all(is_on)
    })
}

fn done(missed: BTreeSet<String>, record: Option<Record>) -> Resolution {
    Resolution::Done(Box::new(Performed {
        record,
        failure: None::<Failure>,
        missed,
        uncertain: BTreeSet::new(),
    }))
}

/// The lists that the record is not on, or still is on, against what was decided. Where a record does not tell,
/// it is taken that nothing was done: to do it again is no harm.
fn missed(operation: &Operation, record: &Record, put_at_once: bool) -> BTreeSet<String> {
    match &record.lists {
        Some(lists) => {
            let add = operation.add.iter().filter(|list| !lists.contains(list));
            let remove = operation.remove.iter().filter(|list| lists.contains(list));
            add.chain(remove).cloned().collect()
        }
        None if put_at_once => operation.remove.clone(),
        None => &operation.add | &operation.remove,
    }
}
