//! A platform in memory for the tests of what is done after the fact: contacts with a journal, state,
//! plans, and no way out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::fixture;
use crate::contact::{
    Change, Contact, ContactId, Effect, Evidence, Field, FieldWrite, Link, Membership, ObjectId,
    Reasoned, RemovalKind, Reversal, Who,
};
use crate::ports::{
    Clock, Commit, Conflict, ContactStore, Directive, Entropy, FieldChange, Http, HttpFailure,
    HttpRequest, HttpResponse, JournalEntry, Level, Note, Noted, Outcome, PlanEntry, PlanSink,
    Ports, Progress, Query, RunControl, SecretError, SecretValue, Secrets, State, StateWrite,
    Statistics, StoreDescription, StoreError, Tally, Timestamp,
};

/// The tenant of [`DOCUMENT`].
pub(crate) const SOURCE: &str = "entra:6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

/// Mirrors a directory into contacts; nothing of it can be reached.
pub(crate) const DOCUMENT: &str = r#"{ "tenant": {"id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"},
  "credentials": {"clientId": "53a18f2e-9c5e-4c4b-8d2e-0a6c31b1a111", "secret": "none"},
  "sync": { "direction": "one-way", "source": "entra-id", "target": "contacts", "preset": "mirror" } }"#;

/// A change as it was applied, with the contact before it.
struct Done {
    entry: JournalEntry,
    before: Option<Contact>,
}

/// Everything a call is given.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) contacts: RefCell<BTreeMap<ContactId, Contact>>,
    pub(crate) state: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(crate) notes: RefCell<Vec<(Note, Noted)>>,
    /// Plans by digest, the one in the making under the empty digest.
    pub(crate) plans: RefCell<BTreeMap<String, BTreeMap<ObjectId, PlanEntry>>>,
    journal: RefCell<Vec<Done>>,
    versions: Cell<u64>,
    ticks: Cell<u64>,
    /// What the store says of a contact instead of doing what was asked.
    pub(crate) refused: RefCell<BTreeMap<ContactId, Outcome>>,
    /// Commits left before the process dies, and whether the last one is still done.
    pub(crate) dies: Cell<Option<(u32, bool)>>,
    /// Progress reports left before the host says stop.
    pub(crate) stops: Cell<Option<u32>>,
    /// The largest batch, where it is not the usual one.
    pub(crate) max_batch: Cell<Option<u32>>,
}

impl Memory {
    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            http: self,
            store: self,
            state: self,
            plan: self,
            secrets: self,
            clock: self,
            entropy: self,
            control: self,
        }
    }

    /// Applies a change as part of a run, which must succeed.
    pub(crate) fn run(&self, run: &str, change: Change, reason: &'static str) {
        let commit = Commit {
            source: SOURCE.to_owned(),
            run: Some(run.to_owned()),
            changes: vec![Reasoned { change, reason }],
            ..Commit::default()
        };
        let outcomes = self.apply(commit).expect("the store works");
        assert!(
            matches!(outcomes[..], [Outcome::Applied { .. }]),
            "{outcomes:?}"
        );
    }

    /// A contact that was there before any run.
    pub(crate) fn put(&self, contact: Contact) {
        let mut contacts = self.contacts.borrow_mut();
        contacts.insert(contact.id.clone(), contact);
    }

    /// Edits a field as a person at the host does.
    pub(crate) fn edit(&self, contact: &str, field: &str, value: Option<&str>) {
        let mut contacts = self.contacts.borrow_mut();
        let contact = contacts.get_mut(&ContactId::new(contact)).expect("there");
        write(
            &mut contact.fields,
            &[FieldWrite {
                name: field.to_owned(),
                value: value.map(str::to_owned),
            }],
        );
        contact.version = self.version();
    }

    pub(crate) fn contact(&self, contact: &str) -> Option<Contact> {
        self.contacts
            .borrow()
            .get(&ContactId::new(contact))
            .cloned()
    }

    /// Every contact without its version.
    pub(crate) fn snapshot(&self) -> Vec<Contact> {
        let contacts = self.contacts.borrow();
        let unversioned = |contact: &Contact| Contact {
            version: 0,
            ..contact.clone()
        };
        contacts.values().map(unversioned).collect()
    }

    /// Keeps the plan in the making under its digest.
    pub(crate) fn keep_plan(&self, digest: &str) {
        let mut plans = self.plans.borrow_mut();
        let made = plans.remove("").unwrap_or_default();
        plans.insert(digest.to_owned(), made);
    }

    /// The entries of the journal, oldest first.
    pub(crate) fn history(&self) -> Vec<JournalEntry> {
        let journal = self.journal.borrow();
        journal.iter().map(|done| done.entry.clone()).collect()
    }

    fn version(&self) -> u64 {
        self.versions.set(self.versions.get() + 1);
        self.versions.get()
    }

    fn perform(&self, run: Option<&str>, Reasoned { change, reason }: Reasoned) -> Outcome {
        let id = match &change {
            Change::Create(_) => ContactId::new(format!("new-{}", self.versions.get())),
            Change::Update(update) => update.contact.contact.clone(),
            Change::Link(link) => link.contact.contact.clone(),
            Change::Remove(removal) => removal.contact.contact.clone(),
            Change::Revert(reversal) => reversal.contact.contact.clone(),
        };
        if let Some(outcome) = self.refused.borrow().get(&id) {
            return outcome.clone();
        }
        let before = self.contacts.borrow().get(&id).cloned();
        let user = change.object_id().clone();
        let evidence = match &change {
            Change::Remove(removal) => Some(removal.evidence.clone()),
            _ => None,
        };
        let after = match self.after(&id, before.clone(), change) {
            Ok(after) => after,
            Err(conflict) => return Outcome::Conflict(conflict),
        };
        let version = self.version();
        let after = after.map(|contact| Contact { version, ..contact });
        let mut entry = journal_entry(before.as_ref(), after.as_ref());
        entry.evidence = evidence;
        self.ticks.set(self.ticks.get() + 60_000);
        let mut journal = self.journal.borrow_mut();
        let number = journal.len() as u64 + 1;
        journal.push(Done {
            entry: JournalEntry {
                number,
                run: run.map(str::to_owned),
                at: self.now(),
                object_id: user,
                contact: id.clone(),
                reason: reason.to_owned(),
                version,
                ..entry
            },
            before,
        });
        let mut contacts = self.contacts.borrow_mut();
        match after {
            Some(contact) => contacts.insert(id.clone(), contact),
            None => contacts.remove(&id),
        };
        Outcome::Applied {
            contact: id,
            version,
        }
    }

    /// The contact as the change leaves it.
    fn after(
        &self,
        id: &ContactId,
        before: Option<Contact>,
        change: Change,
    ) -> Result<Option<Contact>, Conflict> {
        if let Change::Create(create) = change {
            return Ok(Some(Contact {
                id: id.clone(),
                version: 0,
                active: create.active,
                fields: create.fields,
                link: Some(Link {
                    object_id: create.object_id,
                    base: create.base,
                }),
                lists: create.lists.into_iter().map(|list| list.name).collect(),
            }));
        }
        if let Change::Revert(reversal) = change {
            return self.reverted(before, &reversal);
        }
        let mut contact = before.ok_or(Conflict::Gone)?;
        match change {
            Change::Update(update) => {
                write(&mut contact.fields, &update.writes);
                if let (Some(link), Some(base)) = (&mut contact.link, update.base) {
                    link.base = base;
                }
                contact.active |= update.reactivate;
                join(&mut contact.lists, update.membership);
            }
            Change::Link(link) => {
                write(&mut contact.fields, &link.writes);
                contact.link = Some(Link {
                    object_id: link.object_id,
                    base: link.base,
                });
                contact.active |= link.reactivate;
                join(&mut contact.lists, link.membership);
            }
            Change::Remove(removal) => {
                contact.lists.clear();
                match removal.kind {
                    RemovalKind::Delete => return Ok(None),
                    RemovalKind::Unlink => contact.link = None,
                    RemovalKind::Deactivate => contact.active = false,
                }
            }
            Change::Create(_) | Change::Revert(_) => {}
        }
        Ok(Some(contact))
    }

    fn reverted(
        &self,
        now: Option<Contact>,
        reversal: &Reversal,
    ) -> Result<Option<Contact>, Conflict> {
        let journal = self.journal.borrow();
        let done = |number: &u64| &journal[usize::try_from(*number).unwrap() - 1];
        let newest = done(reversal.entries.first().expect("entries"));
        let oldest = done(reversal.entries.last().expect("entries"));
        assert!(matches!(reversal.evidence, Evidence::Undone(_)));
        let version = now.as_ref().map_or(newest.entry.version, |now| now.version);
        if version != reversal.contact.version {
            return Err(Conflict::Version);
        }
        let Some(then) = &oldest.before else {
            return Ok(None);
        };
        let deleted = || {
            let mut entries = reversal.entries.iter().map(done);
            entries
                .find(|done| done.entry.effect == Effect::Delete)
                .and_then(|done| done.before.clone())
        };
        let mut contact = now.or_else(deleted).ok_or(Conflict::Gone)?;
        write(&mut contact.fields, &reversal.writes);
        contact.active = then.active;
        contact.lists.clone_from(&then.lists);
        let mut link = then.link.clone();
        if let (Some(link), Some(now)) = (&mut link, &contact.link) {
            let mut base = now.base.clone();
            for put_back in &reversal.writes {
                let value = then.base(&put_back.name).map(str::to_owned);
                let name = put_back.name.clone();
                write(&mut base, &[FieldWrite { name, value }]);
            }
            link.base = base;
        }
        contact.link = link;
        Ok(Some(contact))
    }
}

fn write(fields: &mut Vec<Field>, writes: &[FieldWrite]) {
    for write in writes {
        fields.retain(|field| field.name != write.name);
        if let Some(value) = &write.value {
            fields.push(Field {
                name: write.name.clone(),
                value: value.clone(),
            });
        }
    }
    fields.sort_unstable();
}

fn join(lists: &mut Vec<String>, membership: Membership) {
    lists.retain(|list| !membership.leave.contains(list));
    lists.extend(membership.join.into_iter().map(|list| list.name));
    lists.sort_unstable();
}

fn journal_entry(before: Option<&Contact>, after: Option<&Contact>) -> JournalEntry {
    let linked = |contact: Option<&Contact>| contact.is_some_and(|contact| contact.link.is_some());
    let active = |contact: Option<&Contact>| contact.is_none_or(|contact| contact.active);
    let effect = match (before, after) {
        (None, _) => Effect::Create,
        (_, None) => Effect::Delete,
        _ if linked(before) && !linked(after) => Effect::Unlink,
        _ if !linked(before) && linked(after) => Effect::Link,
        _ if active(before) && !active(after) => Effect::Deactivate,
        _ if !active(before) && active(after) => Effect::Reactivate,
        _ => Effect::Update,
    };
    let lists =
        |contact: Option<&Contact>| contact.map_or_else(Vec::new, |contact| contact.lists.clone());
    let without = |left: Vec<String>, right: &[String]| -> Vec<String> {
        left.into_iter()
            .filter(|list| !right.contains(list))
            .collect()
    };
    let fields = match (before, after) {
        (Some(before), Some(after)) => field_changes(before, after),
        _ => Vec::new(),
    };
    JournalEntry {
        number: 0,
        run: None,
        at: Timestamp(0),
        object_id: ObjectId::new(""),
        contact: ContactId::new(""),
        effect,
        reason: String::new(),
        evidence: None,
        fields,
        joins: without(lists(after), &lists(before)),
        leaves: without(lists(before), &lists(after)),
        version: 0,
    }
}

fn field_changes(before: &Contact, after: &Contact) -> Vec<FieldChange> {
    let names: std::collections::BTreeSet<_> = before
        .fields
        .iter()
        .chain(&after.fields)
        .map(|field| field.name.clone())
        .collect();
    names
        .into_iter()
        .filter(|name| before.field(name) != after.field(name))
        .map(|field| FieldChange {
            before: before.field(&field).map(str::to_owned),
            after: after.field(&field).map(str::to_owned),
            field,
        })
        .collect()
}

impl ContactStore for Memory {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        let usual = fixture::store();
        Ok(StoreDescription {
            max_batch: self.max_batch.get().unwrap_or(usual.max_batch),
            ..usual
        })
    }

    fn lookup(&self, query: &Query) -> Result<Vec<Contact>, StoreError> {
        let size = query.object_ids.len() + query.contacts.len() + query.match_keys.len();
        let largest = self.describe()?.max_batch;
        if size > largest as usize {
            return Err(StoreError::BatchTooLarge(largest));
        }
        let wanted = |contact: &&Contact| {
            let address = contact.field("email").unwrap_or_default();
            query.contacts.contains(&contact.id)
                || query
                    .match_keys
                    .iter()
                    .any(|key| key.eq_ignore_ascii_case(address))
                || contact
                    .link
                    .as_ref()
                    .is_some_and(|link| query.object_ids.contains(&link.object_id))
        };
        let asked_for = |contact: &Contact| {
            let mut contact = contact.clone();
            contact
                .fields
                .retain(|field| query.fields.contains(&field.name));
            contact
        };
        let contacts = self.contacts.borrow();
        Ok(contacts.values().filter(wanted).map(asked_for).collect())
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let dies = self.dies.get();
        if let Some((left, _)) = dies {
            self.dies
                .set(Some((left.saturating_sub(1), dies.unwrap().1)));
        }
        let killed = || Err(StoreError::Unavailable("killed".to_owned()));
        if dies == Some((0, false)) {
            return killed();
        }
        let outcomes = commit
            .changes
            .into_iter()
            .map(|change| self.perform(commit.run.as_deref(), change))
            .collect();
        let mut state = self.state.borrow_mut();
        for StateWrite { key, value } in commit.state {
            match value {
                Some(value) => state.insert(key, value),
                None => state.remove(&key),
            };
        }
        if dies == Some((0, true)) {
            return killed();
        }
        Ok(outcomes)
    }

    fn open_round(&self, _: &str, _: &str, _: bool) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn unseen(
        &self,
        _: &str,
        _: &str,
        _: Option<&ObjectId>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        Ok(Vec::new())
    }

    fn close_round(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        assert_eq!(source, SOURCE);
        let mut users: BTreeMap<ObjectId, Vec<JournalEntry>> = BTreeMap::new();
        for done in self.journal.borrow().iter().rev() {
            let entry = &done.entry;
            if entry.run.as_deref() == Some(run)
                && after.is_none_or(|after| entry.object_id > *after)
            {
                let of_user = users.entry(entry.object_id.clone()).or_default();
                of_user.push(entry.clone());
            }
        }
        Ok(users.into_values().take(limit as usize).flatten().collect())
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        assert_eq!(source, SOURCE);
        let journal = self.journal.borrow();
        let about = |done: &&Done| match who {
            Who::User(user) => done.entry.object_id == *user,
            Who::Contact(contact) => done.entry.contact == *contact,
            Who::Address(address) => done
                .before
                .as_ref()
                .and_then(|contact| contact.field("email"))
                .is_some_and(|email| email.eq_ignore_ascii_case(address)),
        };
        Ok(journal
            .iter()
            .rev()
            .filter(about)
            .take(limit as usize)
            .map(|done| done.entry.clone())
            .collect())
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        assert_eq!(source, SOURCE);
        let about = |(note, noted): &&(Note, Noted)| match who {
            Who::User(user) => noted.object_id == *user,
            Who::Contact(contact) => noted.contact.as_ref() == Some(contact),
            Who::Address(address) => note
                .address
                .as_ref()
                .is_some_and(|noted| noted.eq_ignore_ascii_case(address)),
        };
        let notes = self.notes.borrow();
        Ok(notes
            .iter()
            .filter(about)
            .map(|(_, noted)| noted.clone())
            .collect())
    }

    fn statistics(&self, _: &str, _: &[String]) -> Result<Statistics, StoreError> {
        Ok(Statistics::default())
    }
}

impl State for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state.borrow().get(key).cloned())
    }

    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let state = self.state.borrow();
        let entry = |key: String| state.get(&key).cloned().map(|value| (key, value));
        Ok(keys.into_iter().filter_map(entry).collect())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let state = self.state.borrow();
        Ok(state
            .iter()
            .filter(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(limit as usize)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }
}

impl PlanSink for Memory {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        let mut plans = self.plans.borrow_mut();
        let making = plans.entry(String::new()).or_default();
        making.extend(
            entries
                .into_iter()
                .map(|entry| (entry.object_id.clone(), entry)),
        );
        Ok(())
    }

    fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
        Ok(Vec::new())
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let plans = self.plans.borrow();
        let changes = plans.get(plan.unwrap_or_default()).into_iter().flatten();
        Ok(changes
            .filter(|(user, entry)| {
                after.is_none_or(|after| **user > *after)
                    && !matches!(entry.effect, Effect::Unchanged | Effect::Skip)
            })
            .take(limit as usize)
            .map(|(_, entry)| entry.clone())
            .collect())
    }

    fn approved(&self, plan: &str, users: &[ObjectId]) -> Result<Vec<PlanEntry>, StoreError> {
        let changes = self.changes(Some(plan), None, u32::MAX)?;
        Ok(changes
            .into_iter()
            .filter(|entry| users.contains(&entry.object_id))
            .collect())
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        Ok(Vec::new())
    }
}

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        Timestamp(1_795_000_000_000 + self.ticks.get())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.ticks.get())
    }

    fn sleep(&self, duration: Duration) {
        panic!("nothing waits, and this for {duration:?}");
    }
}

impl Entropy for Memory {
    fn next_u64(&self) -> u64 {
        self.ticks.set(self.ticks.get() + 1);
        self.ticks.get()
    }
}

impl RunControl for Memory {
    fn log(&self, _: Level, _: &str, _: &[(&str, String)]) {}

    fn progress(&self, _: Progress) -> Directive {
        match self.stops.get() {
            Some(0) => Directive::Stop,
            Some(left) => {
                self.stops.set(Some(left - 1));
                Directive::GoOn
            }
            None => Directive::GoOn,
        }
    }
}

impl Secrets for Memory {
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError> {
        panic!("no secret is needed, and {name} was asked for");
    }
}

impl Http for Memory {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        panic!("the directory is not asked, and {} was", request.url);
    }
}
