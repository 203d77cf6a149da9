//! A platform in memory, for tests: contacts with a journal, state, plans, and no way out.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests alone use it, and are to stop where it is used wrongly"
)]

mod changes;
mod contact_store;
mod workspace;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use changes::write;

use crate::contact::{Change, Contact, ContactId, FieldWrite, ObjectId, Reasoned};
use crate::engine::call::Prepared;

use super::{
    Clock, Commit, ContactStore as _, Directive, Entropy, JournalEntry, Level, Note, Noted,
    Outcome, PlanEntry, Ports, Progress, RunControl, Timestamp,
};

pub use workspace::{SOURCE, settings, store};

/// A change as it was applied, with the contact before and after it.
struct Done {
    entry: JournalEntry,
    before: Option<Contact>,
    after: Option<Contact>,
}

/// Everything a call is given.
#[derive(Default)]
pub struct Memory {
    pub contacts: RefCell<BTreeMap<ContactId, Contact>>,
    pub state: RefCell<BTreeMap<String, Vec<u8>>>,
    pub notes: RefCell<Vec<(Note, Noted)>>,
    /// Plans by digest, the one in the making under the empty digest.
    pub plans: RefCell<BTreeMap<String, BTreeMap<ObjectId, PlanEntry>>>,
    journal: RefCell<Vec<Done>>,
    versions: Cell<u64>,
    ticks: Cell<u64>,
    /// What the store says of a contact instead of doing what was asked.
    pub refused: RefCell<BTreeMap<ContactId, Outcome>>,
    /// The same, once.
    pub conflicts_once: RefCell<Option<(ContactId, Outcome)>>,
    /// Commits left before the process dies, and whether the last one is still done.
    pub dies: Cell<Option<(u32, bool)>>,
    /// Progress reports left before the host says stop.
    pub stops: Cell<Option<u32>>,
    /// What the host was told of progress.
    pub told: RefCell<Vec<Progress>>,
    /// Gives the first page of a run's journal again and again.
    pub stuck: Cell<bool>,
    /// What happened, in order: `apply` for each commit of changes, and whatever others write beside it.
    pub events: RefCell<Vec<String>>,
    /// The largest batch, where it is not the usual one.
    pub max_batch: Cell<Option<u32>>,
    /// Users whose contacts others wrote, in order; a token is how many were told.
    pub edits: RefCell<Vec<ObjectId>>,
    /// Of what was told before so many edits nothing is known any more.
    pub edits_begin: Cell<usize>,
    /// So many edits are told at a time, where that is fewer than were asked for.
    pub edits_a_part: Cell<Option<usize>>,
    /// The store cannot tell what others wrote.
    pub tells_no_edits: Cell<bool>,
}

impl Memory {
    pub fn ports(&self) -> Ports<'_> {
        Ports {
            store: self,
            state: self,
            plan: self,
            clock: self,
            entropy: self,
            control: self,
        }
    }

    /// The workspace's configuration, read against this store.
    pub fn prepared(&self) -> Prepared {
        Prepared {
            settings: settings(),
            store: self.describe().expect("the store works"),
        }
    }

    /// Applies a change as part of a run, which must succeed.
    pub fn run(&self, run: &str, change: Change, reason: &'static str) {
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
    pub fn put(&self, contact: Contact) {
        let mut contacts = self.contacts.borrow_mut();
        contacts.insert(contact.id.clone(), contact);
    }

    /// Edits a field as a person at the host does.
    pub fn edit(&self, contact: &str, field: &str, value: Option<&str>) {
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
        let user = contact.link.as_ref().map(|link| link.object_id.clone());
        self.edits.borrow_mut().extend(user);
    }

    /// Deletes a contact as a person at the host does.
    pub fn delete(&self, contact: &str) {
        let deleted = self.contacts.borrow_mut().remove(&ContactId::new(contact));
        let user = deleted
            .and_then(|contact| contact.link)
            .map(|link| link.object_id);
        self.edits.borrow_mut().extend(user);
    }

    pub fn contact(&self, contact: &str) -> Option<Contact> {
        self.contacts
            .borrow()
            .get(&ContactId::new(contact))
            .cloned()
    }

    /// Every contact without its version, and without whose it was before.
    pub fn snapshot(&self) -> Vec<Contact> {
        let contacts = self.contacts.borrow();
        let unversioned = |contact: &Contact| Contact {
            version: 0,
            former: None,
            ..contact.clone()
        };
        contacts.values().map(unversioned).collect()
    }

    /// Keeps the plan in the making under its digest.
    pub fn keep_plan(&self, digest: &str) {
        let mut plans = self.plans.borrow_mut();
        let made = plans.remove("").unwrap_or_default();
        plans.insert(digest.to_owned(), made);
    }

    /// Lets time pass, in milliseconds.
    pub fn pass(&self, milliseconds: u64) {
        self.ticks.set(self.ticks.get() + milliseconds);
    }

    /// The journal is of a version that did not tell what the directory was given.
    pub fn forget_what_was_given(&self) {
        let mut journal = self.journal.borrow_mut();
        let entries = journal.iter_mut().map(|done| &mut done.entry);
        entries.for_each(|entry| entry.directory.clear());
    }

    /// The entries of the journal, oldest first.
    pub fn history(&self) -> Vec<JournalEntry> {
        let journal = self.journal.borrow();
        journal.iter().map(|done| done.entry.clone()).collect()
    }

    fn version(&self) -> u64 {
        self.versions.set(self.versions.get() + 1);
        self.versions.get()
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

    fn progress(&self, progress: Progress) -> Directive {
        self.told.borrow_mut().push(progress);
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
