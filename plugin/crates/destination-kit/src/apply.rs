//! A commit: decided, kept as intents, asked of the service, and kept as it came out.
//!
//! Changes are performed in order, and see each other; most commits have at most one for each contact and user,
//! and all of those are independent. So a commit is cut into waves: the longest runs of changes of which no two
//! are about one contact or one user. What a wave asks of the service is under way at the same time.

use std::collections::{BTreeMap, BTreeSet};

use contact_identity::list::comparable;

use crate::canonical;
use crate::contract::{Change, Commit, Outcome, StateWrite, StoreError};
use crate::decide::{Decided, Lists, Not, Scene};
use crate::destination::{Attempt, Capabilities, Destination, Failure};
use crate::drive;
use crate::keep::{self, Addresses};
use crate::keys;
use crate::known::Known;
use crate::ledger::Ledger;
use crate::lists::{self, Joining};
use crate::perform::{Task, perform};
use crate::records::{ContactRecord, LinkIndex, Operation, Request};
use crate::reversal::Facts;
use crate::rules::{self, user_of};
use crate::settle::{UNKNOWN, settle};
use crate::store::Store;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// Performs the changes in order and writes the state. One outcome for each change, in order.
    ///
    /// # Errors
    ///
    /// Where nothing of the commit was done, or where the ledger could not keep what was done: then the next call
    /// that writes finds it out.
    pub fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let applied = self.apply_canonical(&canonical::commit(commit));
        if applied.is_err() {
            self.forget();
        }
        applied
    }

    /// Nothing that was read or decided is believed any more.
    pub(crate) fn forget(&self) {
        self.view.give_up();
        self.is_recovered.set(false);
        self.book.replace(None);
    }

    fn apply_canonical(&self, commit: &Commit) -> Result<Vec<Outcome>, StoreError> {
        rules::accept_commit(commit)?;
        self.accept_round(commit)?;
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(commit.changes.len());
        let key = if commit.changes.is_empty() {
            None
        } else {
            let capabilities = self.capabilities()?;
            self.recover(&capabilities)?;
            rules::match_key(&capabilities).map(str::to_owned)
        };
        self.take_off_lists()?;
        Addresses::prepare(&self.view, &*self.entropy)?;
        let addresses = Addresses::read(&self.view, key.as_deref())?;
        if let Some(run) = commit.run.as_deref().filter(|_| !commit.changes.is_empty()) {
            keep::run(&self.view, &addresses, self.retention, run, self.now_ms())?;
        }
        while let Some(rest) = commit.changes.get(outcomes.len()..)
            && !rest.is_empty()
        {
            let wave = self.wave_of(rest)?;
            match self.wave(commit, &addresses, wave) {
                Ok(came_out) => outcomes.extend(came_out),
                Err(Stopped::Reading(error)) if outcomes.is_empty() => return Err(error),
                // What was done stays done, and is kept.
                Err(Stopped::Reading(_)) => {
                    let not_tried = || Outcome::Other("not-tried".to_owned());
                    outcomes.resize_with(commit.changes.len(), not_tried);
                }
                Err(Stopped::Keeping(error)) => return Err(error),
            }
        }
        self.write_notes(commit)?;
        self.write_sightings(commit)?;
        self.write_state(&commit.state)?;
        self.write_state(&otherwise(commit, &outcomes))?;
        self.view.commit()?;
        Ok(outcomes)
    }

    /// The longest run of changes from the first on of which no two are about one contact or one user.
    fn wave_of<'c>(&self, changes: &'c [Change]) -> Result<&'c [Change], StoreError> {
        let contacts = changes.iter().filter_map(contact_of).map(keys::contact);
        let stored = self.view.read_all::<ContactRecord>(contacts)?;
        let mut touched = BTreeSet::new();
        for (place, change) in changes.iter().enumerate() {
            let contact = contact_of(change);
            let mut about = vec![keys::link("", user_of(change))];
            about.extend(contact.map(keys::contact));
            let record = contact.and_then(|id| stored.get(&keys::contact(id)));
            let formers = record.iter().flat_map(|record| record.formers.values());
            about.extend(formers.map(|user| keys::link("", user)));
            if about.iter().any(|what| touched.contains(what)) {
                return Ok(changes.get(..place).unwrap_or_default());
            }
            touched.extend(about);
        }
        Ok(changes)
    }

    fn wave(
        &self,
        commit: &Commit,
        addresses: &Addresses,
        changes: &[Change],
    ) -> Result<Vec<Outcome>, Stopped> {
        let capabilities = self.capabilities().map_err(Stopped::Reading)?;
        let ids = changes
            .iter()
            .filter_map(contact_of)
            .map(str::to_owned)
            .collect();
        let known = self
            .known(&capabilities, addresses, ids, Vec::new())
            .map_err(Stopped::Reading)?;
        let decided = self
            .decide(commit, &capabilities, &known, changes)
            .map_err(Stopped::Reading)?;
        let operations = self
            .with_lists(commit, &capabilities, decided)
            .map_err(Stopped::Reading)?;
        let intents = self.intend(&operations).map_err(Stopped::Keeping)?;
        let tasks: Vec<_> = operations
            .iter()
            .flatten()
            .map(|operation| {
                let contact = operation.contact.as_ref();
                let known = contact.and_then(|id| known.get(id));
                Task {
                    operation,
                    known: known.map(|known| &known.remote),
                }
            })
            .collect();
        let performed = perform(&self.destination, &capabilities, &tasks)
            .map_err(|error| Stopped::Keeping(error.into()))?;
        let mut performed = performed.into_iter().zip(intents);
        operations
            .iter()
            .map(|operation| match operation {
                Err(not) => Ok(not.clone()),
                Ok(operation) => {
                    let Some((performed, intent)) = performed.next() else {
                        return Ok(Outcome::Other("not-tried".to_owned()));
                    };
                    let (outcome, is_open) = settle(&self.view, addresses, operation, performed)?;
                    match intent {
                        Some(_) if is_open => self.is_recovered.set(false),
                        Some(intent) => self.view.delete(intent),
                        None => {}
                    }
                    Ok(outcome)
                }
            })
            .collect::<Result<_, _>>()
            .map_err(Stopped::Keeping)
    }

    /// What each change comes to, on the contacts as they are.
    fn decide(
        &self,
        commit: &Commit,
        capabilities: &Capabilities,
        known: &BTreeMap<String, Known>,
        changes: &[Change],
    ) -> Result<Vec<Result<Decided, Not>>, StoreError> {
        let source = commit.source.as_str();
        let users = changes
            .iter()
            .map(|change| keys::link(source, user_of(change)));
        let links = self.view.read_all::<LinkIndex>(users)?;
        let undecided = self.undecided.borrow();
        let is_linked = |user: &str| links.contains_key(&keys::link(source, user));
        let is_undecided = |user: &str| undecided.contains(&(source.to_owned(), user.to_owned()));
        let mut counters = keep::counters(&self.view)?;
        let mut decided = Vec::with_capacity(changes.len());
        for change in changes {
            let scene = Scene {
                capabilities,
                source,
                run: commit.run.as_deref(),
                at_ms: self.now_ms(),
                link_number: counters.link + 1,
            };
            let contact = contact_of(change).and_then(|id| known.get(id));
            let result = match change {
                // An earlier request for them may have made a contact, and the service does not tell yet.
                Change::Create(_) | Change::Link(_) | Change::Revert(_)
                    if is_undecided(user_of(change)) =>
                {
                    Err(Outcome::Other(UNKNOWN.to_owned()))
                }
                Change::Create(create) => scene.create(create, is_linked(&create.object_id)),
                Change::Update(update) => scene.update(update, contact),
                Change::Link(link) => scene.link(link, contact, is_linked(&link.object_id)),
                Change::Remove(removal) => scene.remove(removal, contact),
                Change::Revert(reversal) => {
                    let facts =
                        Facts::read(&self.view, source, reversal, is_linked(&reversal.object_id))?;
                    scene.revert(reversal, contact, &facts)
                }
            };
            if let Ok(Decided { operation, .. }) = &result
                && let Some(after) = &operation.after
            {
                let numbers = after.links.values().map(|link| link.number);
                counters.link = numbers.fold(counters.link, u64::max);
            }
            decided.push(result);
        }
        self.view.put(keys::COUNTERS.to_owned(), &counters)?;
        Ok(decided)
    }

    /// Makes the lists and custom fields that are needed; who cannot have theirs is not written.
    fn with_lists(
        &self,
        commit: &Commit,
        capabilities: &Capabilities,
        mut decided: Vec<Result<Decided, Not>>,
    ) -> Result<Vec<Result<Operation, Not>>, StoreError> {
        let failed = self.make_fields(capabilities, &decided)?;
        for slot in &mut decided {
            let failure = slot.as_ref().ok().and_then(|decided| {
                let mut written = written_fields(&decided.operation);
                written.find_map(|name| failed.get(name).cloned())
            });
            if let Some(failure) = failure {
                *slot = Err(not_made(failure));
            }
        }
        let is_about_lists = |decided: &Result<Decided, Not>| match decided {
            Ok(Decided {
                lists: Lists::Moved { join, leave },
                ..
            }) => !join.is_empty() || !leave.is_empty(),
            Ok(_) | Err(_) => false,
        };
        if !decided.iter().any(is_about_lists) {
            let none = |_: &str| None;
            return Ok(decided
                .into_iter()
                .map(|decided| Ok(decided?.with_lists(none, none)))
                .collect());
        }
        let mut book = (*self.book()?).clone();
        let joining: Vec<_> = decided
            .iter()
            .flatten()
            .flat_map(|decided| {
                let join = match &decided.lists {
                    Lists::Moved { join, .. } => join.as_slice(),
                    Lists::Exactly(_) => &[],
                };
                join.iter().map(|list| Joining {
                    list,
                    user: &decided.operation.user,
                    run: commit.run.as_deref(),
                })
            })
            .collect();
        let failed = lists::prepare(&self.destination, &self.view, &mut book, &joining)?;
        let operations = decided
            .into_iter()
            .map(|decided| {
                let decided = decided?;
                if let Lists::Moved { join, .. } = &decided.lists {
                    let failure = join.iter().find_map(|list| {
                        failed.get(comparable(&list.name).as_ref()).cloned()?.err()
                    });
                    if let Some(failure) = failure {
                        return Err(not_made(failure));
                    }
                }
                Ok(decided.with_lists(|name| book.id(name), |id| book.name(id)))
            })
            .collect();
        self.book.replace(Some(std::rc::Rc::new(book)));
        Ok(operations)
    }

    /// Makes custom fields before they are written first: two requests at a time would make two of them.
    fn make_fields(
        &self,
        capabilities: &Capabilities,
        decided: &[Result<Decided, Not>],
    ) -> Result<BTreeMap<String, Failure>, StoreError> {
        let mut failed = BTreeMap::new();
        let written = decided
            .iter()
            .flatten()
            .flat_map(|decided| written_fields(&decided.operation));
        let written: BTreeSet<&str> = written.collect();
        for name in written {
            let is_described = capabilities.fields.iter().any(|field| field.name == name);
            if is_described || self.fields_made.borrow().contains(name) {
                continue;
            }
            let made: Attempt<()> =
                drive::one(&self.destination, self.destination.make_field(name))?;
            match made {
                Ok(()) => {
                    self.fields_made.borrow_mut().insert(name.to_owned());
                }
                Err(failure) => {
                    failed.insert(name.to_owned(), failure);
                }
            }
        }
        Ok(failed)
    }

    /// Keeps what is about to be asked of the service, before anything is: one intent for each operation, in
    /// order, where it has a request.
    fn intend(
        &self,
        operations: &[Result<Operation, Not>],
    ) -> Result<Vec<Option<String>>, StoreError> {
        let mut counters = keep::counters(&self.view)?;
        let mut intents = Vec::new();
        for operation in operations.iter().flatten() {
            let is_asked = operation.request != Request::Nothing
                || !operation.add.is_empty()
                || !operation.remove.is_empty();
            intents.push(if is_asked {
                counters.intent += 1;
                let key = keys::intent(counters.intent);
                self.view.put(key.clone(), operation)?;
                Some(key)
            } else {
                None
            });
        }
        if intents.iter().any(Option::is_some) {
            self.view.put(keys::COUNTERS.to_owned(), &counters)?;
            self.view.commit()?;
        }
        Ok(intents)
    }
}

/// Why a wave came to nothing.
enum Stopped {
    /// Before anything of it was done.
    Reading(StoreError),
    /// Where its end is not known.
    Keeping(StoreError),
}

/// The contact that a change names.
fn contact_of(change: &Change) -> Option<&str> {
    let contact = match change {
        Change::Create(_) => return None,
        Change::Update(update) => &update.contact,
        Change::Link(link) => &link.contact,
        Change::Remove(removal) => &removal.contact,
        Change::Revert(reversal) => &reversal.contact,
    };
    Some(&contact.contact)
}

/// The fields to which an operation gives a value.
fn written_fields(operation: &Operation) -> impl Iterator<Item = &str> {
    let is_new = operation.request == Request::Create;
    let fields = operation.after.iter().filter(move |_| is_new);
    let new = fields.flat_map(|after| after.fields.keys());
    let writes = match &operation.request {
        Request::Write { writes, .. } => writes.as_slice(),
        _ => &[],
    };
    let written = writes.iter().filter(|(_, value)| value.is_some());
    new.chain(written.map(|(name, _)| name)).map(String::as_str)
}

/// What becomes of a change whose list, or field, could not be made.
fn not_made(failure: Failure) -> Not {
    match failure {
        Failure::Refused(refusal) => Outcome::Refused(refusal),
        _ => Outcome::Other("not-tried".to_owned()),
    }
}

/// State that is written for changes that were not applied.
fn otherwise(commit: &Commit, outcomes: &[Outcome]) -> Vec<StateWrite> {
    let mut writes = Vec::new();
    for contingency in &commit.otherwise {
        for position in &contingency.changes {
            let place = *position as usize;
            if let Some(change) = commit.changes.get(place)
                && !matches!(outcomes.get(place), Some(Outcome::Applied(_)))
            {
                writes.push(StateWrite {
                    key: format!("{}{}", contingency.key_prefix, user_of(change)),
                    value: Some(contingency.value.clone()),
                });
            }
        }
    }
    writes
}
