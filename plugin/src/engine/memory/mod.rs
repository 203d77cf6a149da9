//! A platform in memory for the tests of what is done after the fact: contacts with a journal, state,
//! plans, and no way out.

mod changes;
mod keeping;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::contact::{Change, Contact, ContactId, FieldWrite, ObjectId, Reasoned};
use crate::ports::{
    Clock, Commit, Consent, ContactStore as _, Directive, Entropy, Http, HttpFailure, HttpRequest,
    HttpResponse, JournalEntry, Level, Note, Noted, Outcome, PlanEntry, Ports, Progress,
    RunControl, SecretError, SecretValue, Secrets, Timestamp,
};
use changes::write;

/// The tenant of [`DOCUMENT`].
pub(crate) const SOURCE: &str = "entra:6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

/// Mirrors a directory into contacts; nothing of it can be reached.
pub(crate) const DOCUMENT: &str = r#"{ "tenant": {"id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"},
  "credentials": {"clientId": "53a18f2e-9c5e-4c4b-8d2e-0a6c31b1a111", "secret": "none"},
  "sync": { "direction": "one-way", "source": "entra-id", "target": "contacts", "preset": "mirror" } }"#;

/// A change as it was applied, with the contact before and after it.
struct Done {
    entry: JournalEntry,
    before: Option<Contact>,
    after: Option<Contact>,
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
    /// Gives the first page of a run's journal again and again.
    pub(crate) stuck: Cell<bool>,
    /// The host refuses servers that the document names itself.
    pub(crate) keeps_to_microsoft: Cell<bool>,
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
            consent: self,
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

    /// Every contact without its version, and without whose it was before.
    pub(crate) fn snapshot(&self) -> Vec<Contact> {
        let contacts = self.contacts.borrow();
        let unversioned = |contact: &Contact| Contact {
            version: 0,
            former: None,
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

impl Consent for Memory {
    fn endpoint(&self, _: &str) -> bool {
        !self.keeps_to_microsoft.get()
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
