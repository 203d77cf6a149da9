//! A store with a person's hands on it: changes in a line each, and what came of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connector_contract::{JournalEntry, WallClock};
use proptest::prelude::ProptestConfig;

pub use connector_contract::{
    AttributeChange, Change, Commit, Conflict, Contact, ContactList, Create, Evidence, Field,
    FieldWrite, GivenValue, LinkContact, Membership, Outcome, Precondition, Query, Removal,
    RemovalKind, StateWrite, StoreError, Update,
};

pub use super::factory::{StoreFactory, SuiteOptions};

use super::factory::StoreUnderTest;
use crate::AdminStore;

pub const SOURCE: &str = "entra:11111111-2222-3333-4444-555555555555";
pub const OTHER_SOURCE: &str = "entra:99999999-2222-3333-4444-555555555555";

/// The run that commits are part of where a test says nothing else.
pub const RUN: &str = "run-1";

/// Every field that the tests write.
pub const FIELDS: [&str; 5] = ["first_name", "email", "company", "group", "Shoe size"];

/// A store of its own, for one test.
pub struct Workspace {
    /// What is tested.
    pub store: Arc<dyn AdminStore>,
    kept: Box<dyn StoreUnderTest>,
}

impl Workspace {
    pub fn new(stores: &dyn StoreFactory) -> Self {
        Self::with(stores, &SuiteOptions::default())
    }

    pub fn with(stores: &dyn StoreFactory, options: &SuiteOptions) -> Self {
        Self::of(stores.make(options, None))
    }

    pub fn with_clock(
        stores: &dyn StoreFactory,
        options: &SuiteOptions,
        clock: Arc<dyn WallClock>,
    ) -> Self {
        Self::of(stores.make(options, Some(clock)))
    }

    /// With a store that is there.
    pub fn of(kept: Box<dyn StoreUnderTest>) -> Self {
        Self {
            store: kept.store(),
            kept,
        }
    }

    /// What another process would see after this one was killed.
    #[must_use]
    pub fn reopened(self) -> Self {
        let Self { store, kept } = self;
        drop(store);
        Self::of(kept.reopen())
    }

    /// That what the store keeps does not contradict itself.
    pub fn check(&self) {
        self.kept.check();
    }

    /// Applies a change as part of a run.
    pub fn apply_in(&self, run: &str, change: impl Into<Change>) -> Outcome {
        let page = Commit {
            run: Some(run.to_owned()),
            ..commit(vec![change.into()])
        };
        self.store.apply(page).unwrap().remove(0)
    }

    pub fn done_in(&self, run: &str) -> Vec<JournalEntry> {
        self.store.run_journal(SOURCE, run, None, 1_000).unwrap()
    }

    pub fn apply(&self, changes: Vec<Change>) -> Vec<Outcome> {
        self.store.apply(commit(changes)).unwrap()
    }

    pub fn apply_one(&self, change: impl Into<Change>) -> Outcome {
        let mut outcomes = self.apply(vec![change.into()]);
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }

    /// Creates a linked contact and gives it back.
    pub fn created(&self, object_id: &str, fields: &[(&str, &str)]) -> Contact {
        let (id, _) = applied(&self.apply_one(create(object_id, fields)));
        self.contact(&id).unwrap()
    }

    /// Adds an unlinked contact and gives it back.
    pub fn by_hand(&self, fields: &[(&str, &str)]) -> Contact {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let id = self.store.add_contact(&fields).unwrap();
        self.contact(&id).unwrap()
    }

    pub fn contact(&self, id: &str) -> Option<Contact> {
        let mut found = self.find(Query {
            contacts: vec![id.to_owned()],
            ..query()
        });
        assert!(found.len() <= 1);
        found.pop()
    }

    pub fn linked_to(&self, object_id: &str) -> Option<Contact> {
        let mut found = self.find(Query {
            object_ids: vec![object_id.to_owned()],
            ..query()
        });
        found.retain(|contact| contact.link.is_some());
        assert!(found.len() <= 1);
        found.pop()
    }

    /// Contacts in order of their ids.
    pub fn find(&self, query: Query) -> Vec<Contact> {
        let mut found = self.store.lookup(query).unwrap();
        found.sort_by_key(|contact| contact.id.parse::<i64>().unwrap());
        found
    }
}

/// A clock that a test sets, in milliseconds.
#[derive(Debug, Default)]
pub struct SetClock(AtomicU64);

impl SetClock {
    pub fn at(milliseconds: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(milliseconds)))
    }

    pub fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::SeqCst);
    }
}

impl WallClock for SetClock {
    fn since_epoch(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// So many cases of a property, with the seeds of those that failed before beside its file.
pub fn cases(cases: u32, file: &'static str) -> ProptestConfig {
    ProptestConfig {
        source_file: Some(file),
        ..ProptestConfig::with_cases(cases)
    }
}

pub fn commit(changes: Vec<Change>) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: Some(RUN.to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    }
}

pub fn query() -> Query {
    Query {
        source: SOURCE.to_owned(),
        object_ids: Vec::new(),
        match_keys: Vec::new(),
        contacts: Vec::new(),
        fields: names(&FIELDS),
    }
}

pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn fields(fields: &[(&str, &str)]) -> Vec<Field> {
    fields
        .iter()
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}

pub fn lists(names: &[&str]) -> Vec<ContactList> {
    names
        .iter()
        .map(|name| ContactList {
            name: (*name).to_owned(),
            description: "Synced contacts".to_owned(),
        })
        .collect()
}

pub fn create(object_id: &str, values: &[(&str, &str)]) -> Create {
    Create {
        object_id: object_id.to_owned(),
        fields: fields(values),
        base: fields(values),
        active: true,
        lists: Vec::new(),
        reason: "new-user".to_owned(),
    }
}

pub fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

pub fn writes(writes: &[(&str, Option<&str>)]) -> Vec<FieldWrite> {
    writes
        .iter()
        .map(|(name, value)| FieldWrite {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
        })
        .collect()
}

pub fn no_lists() -> Membership {
    Membership {
        join: Vec::new(),
        leave: Vec::new(),
    }
}

/// An update of a linked contact, as it is now.
pub fn update(contact: &Contact, values: &[(&str, Option<&str>)]) -> Update {
    Update {
        contact: precondition(contact),
        object_id: object_id(contact),
        writes: writes(values),
        base: None,
        membership: no_lists(),
        active: None,
        reason: "test".to_owned(),
        directory: Vec::new(),
    }
}

/// A value that the directory was given of a contact.
pub fn given(
    attribute: &str,
    field: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> GivenValue {
    GivenValue {
        change: AttributeChange {
            attribute: attribute.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        },
        field: field.to_owned(),
        answered: true,
    }
}

pub fn link(contact: &Contact, object_id: &str) -> LinkContact {
    LinkContact {
        contact: precondition(contact),
        object_id: object_id.to_owned(),
        writes: Vec::new(),
        base: Vec::new(),
        membership: no_lists(),
        active: None,
        reason: "test".to_owned(),
    }
}

pub fn remove(contact: &Contact, kind: RemovalKind) -> Removal {
    Removal {
        contact: precondition(contact),
        object_id: object_id(contact),
        kind,
        evidence: Evidence::DeletedSoft,
        reason: "deleted".to_owned(),
    }
}

pub fn object_id(contact: &Contact) -> String {
    contact.link.as_ref().unwrap().object_id.clone()
}

pub fn state(key: &str, value: Option<&str>) -> StateWrite {
    StateWrite {
        key: key.to_owned(),
        value: value.map(|text| text.as_bytes().to_vec()),
    }
}

/// The contact and version of a change that was done.
pub fn applied(outcome: &Outcome) -> (String, u64) {
    match outcome {
        Outcome::Applied(applied) => (applied.contact.clone(), applied.version),
        other => panic!("not applied: {other:?}"),
    }
}

/// An outcome in a word.
pub fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied(_) => "applied".to_owned(),
        Outcome::Conflict(Conflict::Version) => "version".to_owned(),
        Outcome::Conflict(Conflict::Gone) => "gone".to_owned(),
        Outcome::Conflict(Conflict::Linked) => "linked".to_owned(),
        Outcome::Refused(refusal) => refusal.code.clone(),
        Outcome::Other(text) => text.clone(),
    }
}

pub fn words(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().map(word).collect()
}

/// Names and values, ordered.
pub fn values(fields: &[Field]) -> Vec<(&str, &str)> {
    let mut values: Vec<_> = fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    values.sort_unstable();
    values
}

pub fn base(contact: &Contact) -> Vec<(&str, &str)> {
    values(&contact.link.as_ref().unwrap().base)
}

pub fn ids(contacts: &[Contact]) -> Vec<&str> {
    contacts.iter().map(|contact| contact.id.as_str()).collect()
}

pub fn is_other<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Other(_)))
}
