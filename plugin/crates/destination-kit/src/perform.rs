//! Operations asked of the service: several at a time, never two for one record, lists after the records.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::contract::FieldWrite;
use crate::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Failure, GuardKind, Patch,
    Record, RemoteId, RemoteListId, Tie,
};
use crate::drive;
use crate::records::{ContactRecord, Operation, Request};

/// What became of one operation.
#[derive(Clone, Debug)]
pub(crate) struct Performed {
    /// The record as it is now; `None` where it is deleted, or where nothing of it was done.
    pub(crate) record: Option<Record>,
    /// What went wrong with the record. What follows it was not tried then.
    pub(crate) failure: Option<Failure>,
    /// Lists on which the contact is not, or still is, against what was decided.
    pub(crate) missed: BTreeSet<RemoteListId>,
    /// Lists on which the contact may be or not. The record will tell; until then they count as joined, so that
    /// nobody else is taken for the one who put the contact there.
    pub(crate) uncertain: BTreeSet<RemoteListId>,
}

/// An operation with the record that it was decided on.
pub(crate) struct Task<'t> {
    pub(crate) operation: &'t Operation,
    pub(crate) known: Option<&'t Record>,
}

/// Ends everything that has not begun once the service is found to be unusable.
#[derive(Default)]
struct Gate {
    closed: Cell<bool>,
}

impl Gate {
    /// The answers of a request, unless it is too late to send it.
    async fn pass<T>(
        &self,
        entries: usize,
        request: impl Future<Output = Vec<Attempt<T>>>,
    ) -> Vec<Attempt<T>> {
        let not_tried = || Failure::NotDone("not-tried".to_owned());
        if self.closed.get() {
            return (0..entries).map(|_| Err(not_tried())).collect();
        }
        let mut answers = request.await;
        if answers
            .iter()
            .any(|answer| matches!(answer, Err(Failure::Unusable(_))))
        {
            self.closed.set(true);
        }
        // A destination that answers for fewer than it was asked is wrong about the others.
        let missing = || Err(Failure::Unknown("no-answer".to_owned()));
        answers.resize_with(entries, missing);
        answers
    }
}

/// Performs operations of which no two are about one contact.
pub(crate) fn perform<D: Destination>(
    destination: &D,
    capabilities: &Capabilities,
    tasks: &[Task<'_>],
) -> Result<Vec<Performed>, DestinationError> {
    let gate = Gate::default();
    let mut performed = records(destination, capabilities, &gate, tasks)?;
    memberships(destination, capabilities, &gate, tasks, &mut performed)?;
    Ok(performed)
}

/// The kinds of requests, each with the operations that it is for.
enum Piece {
    Create(Vec<usize>),
    Write(Vec<usize>),
    Delete(Vec<usize>),
}

fn records<D: Destination>(
    destination: &D,
    capabilities: &Capabilities,
    gate: &Gate,
    tasks: &[Task<'_>],
) -> Result<Vec<Performed>, DestinationError> {
    let pieces = pieces(capabilities, tasks);
    let done = pieces.into_iter().map(|piece| async move {
        match piece {
            Piece::Create(places) => {
                let drafts: Vec<_> = places
                    .iter()
                    .filter_map(|place| draft(capabilities, tasks.get(*place)?.operation))
                    .collect();
                let answers = gate.pass(places.len(), destination.create(&drafts)).await;
                let some = |answer: Attempt<Record>| answer.map(Some);
                places
                    .into_iter()
                    .zip(answers.into_iter().map(some))
                    .collect()
            }
            Piece::Write(places) => {
                let patches: Vec<_> = places
                    .iter()
                    .filter_map(|place| patch(tasks.get(*place)?))
                    .collect();
                let answers = gate.pass(places.len(), destination.write(&patches)).await;
                let some = |answer: Attempt<Record>| answer.map(Some);
                places
                    .into_iter()
                    .zip(answers.into_iter().map(some))
                    .collect()
            }
            Piece::Delete(places) => {
                let doomed: Vec<_> = places
                    .iter()
                    .filter_map(|place| doomed(capabilities, tasks.get(*place)?))
                    .collect();
                let answers = gate.pass(places.len(), destination.delete(&doomed)).await;
                let gone = |answer: Attempt<()>| match answer {
                    Ok(()) | Err(Failure::Gone) => Ok(None),
                    Err(failure) => Err(failure),
                };
                places
                    .into_iter()
                    .zip(answers.into_iter().map(gone))
                    .collect::<Vec<_>>()
            }
        }
    });
    let mut performed: Vec<_> = tasks
        .iter()
        .map(|task| Performed {
            record: task.known.cloned(),
            failure: None,
            missed: BTreeSet::new(),
            uncertain: BTreeSet::new(),
        })
        .collect();
    for (place, answer) in drive::all(destination, capabilities.width, done)?
        .into_iter()
        .flatten()
    {
        if let Some(slot) = performed.get_mut(place) {
            match answer {
                Ok(record) => slot.record = record,
                Err(failure) => slot.failure = Some(failure),
            }
        }
    }
    Ok(performed)
}

fn pieces(capabilities: &Capabilities, tasks: &[Task<'_>]) -> Vec<Piece> {
    let places = |kind: fn(&Request) -> bool| -> Vec<usize> {
        let of_kind = tasks.iter().enumerate();
        of_kind
            .filter(|(_, task)| kind(&task.operation.request))
            .map(|(place, _)| place)
            .collect()
    };
    let batch = &capabilities.batch;
    let creates = places(|request| matches!(request, Request::Create));
    let writes = places(|request| matches!(request, Request::Write { .. }));
    let deletes = places(|request| matches!(request, Request::Delete));
    let creates = creates.chunks(batch.create.max(1)).map(<[usize]>::to_vec);
    let writes = writes.chunks(batch.write.max(1)).map(<[usize]>::to_vec);
    let deletes = deletes.chunks(batch.delete.max(1)).map(<[usize]>::to_vec);
    creates
        .map(Piece::Create)
        .chain(writes.map(Piece::Write))
        .chain(deletes.map(Piece::Delete))
        .collect()
}

/// The user to leave at a new record: that of the operation, else that of another source.
fn tie_of(operation: &Operation, contact: &ContactRecord) -> Option<Tie> {
    let own = contact.links.get_key_value(&operation.source);
    let (source, link) = own.or_else(|| contact.links.iter().next())?;
    Some(Tie {
        source: source.clone(),
        object_id: link.user.clone(),
    })
}

/// The record that an operation makes.
pub(crate) fn draft(capabilities: &Capabilities, operation: &Operation) -> Option<Draft> {
    let contact = operation.after.as_ref()?;
    Some(Draft {
        fields: contact.fields.clone().into_iter().collect(),
        active: contact.active,
        lists: match capabilities.lists_on_create {
            true => operation.add.iter().cloned().collect(),
            false => Vec::new(),
        },
        tie: tie_of(operation, contact),
        decided_at_ms: operation.at_ms,
    })
}

fn patch(task: &Task<'_>) -> Option<Patch> {
    let Request::Write {
        writes,
        active,
        tie,
    } = &task.operation.request
    else {
        return None;
    };
    let write = |(name, value): &(String, Option<String>)| FieldWrite {
        name: name.clone(),
        value: value.clone(),
    };
    let as_tie = |(source, object_id): &(String, String)| Tie {
        source: source.clone(),
        object_id: object_id.clone(),
    };
    Some(Patch {
        known: task.known?.clone(),
        writes: writes.iter().map(write).collect(),
        active: *active,
        tie: tie.as_ref().map(|tie| tie.as_ref().map(as_tie)),
    })
}

fn doomed(capabilities: &Capabilities, task: &Task<'_>) -> Option<Doomed> {
    let known = task.known?;
    let guarded = capabilities.guard == GuardKind::Conditional;
    Some(Doomed {
        id: known.id.clone(),
        guard: known.guard.clone().filter(|_| guarded),
    })
}

/// A request for one list.
struct Call {
    list: RemoteListId,
    add: Vec<(usize, RemoteId)>,
    remove: Vec<(usize, RemoteId)>,
}

fn memberships<D: Destination>(
    destination: &D,
    capabilities: &Capabilities,
    gate: &Gate,
    tasks: &[Task<'_>],
    performed: &mut [Performed],
) -> Result<(), DestinationError> {
    let mut calls = calls(capabilities, tasks, performed);
    // Of the requests that are under way at one time, no two are about one record.
    while !calls.is_empty() {
        let mut busy = BTreeSet::new();
        let (now, later): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| {
            let places: BTreeSet<_> = call
                .add
                .iter()
                .chain(&call.remove)
                .map(|(p, _)| *p)
                .collect();
            let is_free = busy.is_disjoint(&places);
            if is_free {
                busy.extend(places);
            }
            is_free
        });
        calls = later;
        let done = now.into_iter().map(|call| async move {
            let ids = |places: &[(usize, RemoteId)]| -> Vec<RemoteId> {
                places.iter().map(|(_, id)| id.clone()).collect()
            };
            let (add, remove) = (ids(&call.add), ids(&call.remove));
            let request = async { vec![destination.membership(&call.list, &add, &remove).await] };
            let answer = gate.pass(1, request).await.pop();
            (call, answer)
        });
        for (call, answer) in drive::all(destination, capabilities.width, done)? {
            let (put_on, taken_off) = match answer {
                Some(Ok(())) => (Moved::Yes, Moved::Yes),
                // Nobody is on a list that is not there any more.
                Some(Err(Failure::Gone)) => (Moved::No, Moved::Yes),
                Some(Err(Failure::Unknown(_))) => (Moved::Perhaps, Moved::No),
                Some(Err(_)) | None => (Moved::No, Moved::No),
            };
            for (place, _) in &call.add {
                if let Some(slot) = performed.get_mut(*place) {
                    put_on.enter(slot, &call.list, true);
                }
            }
            for (place, _) in &call.remove {
                if let Some(slot) = performed.get_mut(*place) {
                    taken_off.enter(slot, &call.list, false);
                }
            }
        }
    }
    Ok(())
}

/// What a request for a list did to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Yes,
    No,
    Perhaps,
}

impl Moved {
    fn enter(self, performed: &mut Performed, list: &RemoteListId, on: bool) {
        let record = performed.record.as_mut();
        let told = record.and_then(|record| record.lists.as_mut());
        if self == Self::No || (self == Self::Perhaps && told.is_none()) {
            performed.missed.insert(list.clone());
            return;
        }
        if let Some(lists) = told {
            lists.retain(|known| known != list);
            if on {
                lists.push(list.clone());
            }
        }
        if self == Self::Perhaps {
            performed.uncertain.insert(list.clone());
        }
    }
}

fn calls(capabilities: &Capabilities, tasks: &[Task<'_>], performed: &[Performed]) -> Vec<Call> {
    type Members = Vec<(usize, RemoteId)>;
    let mut by_list: BTreeMap<RemoteListId, (Members, Members)> = BTreeMap::new();
    for (place, (task, done)) in tasks.iter().zip(performed).enumerate() {
        let Some(record) = done.record.as_ref().filter(|_| done.failure.is_none()) else {
            continue;
        };
        let operation = task.operation;
        let was_put = operation.request == Request::Create && capabilities.lists_on_create;
        for list in operation.add.iter().filter(|_| !was_put) {
            let (add, _) = by_list.entry(list.clone()).or_default();
            add.push((place, record.id.clone()));
        }
        for list in &operation.remove {
            let (_, remove) = by_list.entry(list.clone()).or_default();
            remove.push((place, record.id.clone()));
        }
    }
    let at_once = capabilities.batch.membership.max(1);
    let mut calls = Vec::new();
    for (list, (add, remove)) in by_list {
        let (mut add, mut remove) = (add.chunks(at_once), remove.chunks(at_once));
        loop {
            let (add, remove) = (add.next(), remove.next());
            if add.is_none() && remove.is_none() {
                break;
            }
            calls.push(Call {
                list: list.clone(),
                add: add.unwrap_or_default().to_vec(),
                remove: remove.unwrap_or_default().to_vec(),
            });
        }
    }
    calls
}
