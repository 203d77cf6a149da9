//! The guarantees of `wit/contact-store.wit` and of `plan-sink`, one test each, and a model that
//! random commits are compared with.

mod administration;
mod apply;
mod births;
mod browsing;
mod history;
mod integrity;
mod journal;
mod lease;
mod lookup;
mod model;
mod one_form;
mod opening;
mod plan_and_state;
mod reading;
mod removal;
mod revert;
mod review;
mod rewriting;
mod rounds;
mod since;
mod statistics;
mod two_sources;
mod undo;
mod written_before;

use connector_contract::imports::ContactStore as _;
use connector_contract::{
    Change, Commit, Conflict, Contact, ContactList, Create, Evidence, Field, FieldWrite,
    LinkContact, Membership, Outcome, Precondition, Query, Removal, RemovalKind, StateWrite,
    StoreError, Update,
};
use store_api::AdminStore as _;
use tempfile::TempDir;

use super::{SqliteStore, StoreOptions};

const SOURCE: &str = "entra:11111111-2222-3333-4444-555555555555";
const OTHER_SOURCE: &str = "entra:99999999-2222-3333-4444-555555555555";

/// The run that commits are part of where a test says nothing else.
const RUN: &str = "run-1";

/// Every field that the tests write.
const FIELDS: [&str; 5] = ["first_name", "email", "company", "group", "Shoe size"];

/// A store in a directory of its own.
struct Workspace {
    directory: TempDir,
    store: SqliteStore,
}

impl Workspace {
    fn new() -> Self {
        Self::with(&StoreOptions::default())
    }

    fn with(options: &StoreOptions) -> Self {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path(), options).unwrap();
        Self { directory, store }
    }

    /// What another process would see after this one was killed.
    fn reopened(self) -> Self {
        let Self { directory, store } = self;
        drop(store);
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        Self { directory, store }
    }

    fn apply(&self, changes: Vec<Change>) -> Vec<Outcome> {
        self.store.apply(commit(changes)).unwrap()
    }

    fn apply_one(&self, change: impl Into<Change>) -> Outcome {
        let mut outcomes = self.apply(vec![change.into()]);
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0)
    }

    /// Creates a linked contact and gives it back.
    fn created(&self, object_id: &str, fields: &[(&str, &str)]) -> Contact {
        let (id, _) = applied(&self.apply_one(create(object_id, fields)));
        self.contact(&id).unwrap()
    }

    /// Adds an unlinked contact and gives it back.
    fn by_hand(&self, fields: &[(&str, &str)]) -> Contact {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let id = self.store.add_contact(&fields).unwrap();
        self.contact(&id).unwrap()
    }

    fn contact(&self, id: &str) -> Option<Contact> {
        let mut found = self.find(Query {
            contacts: vec![id.to_owned()],
            ..query()
        });
        assert!(found.len() <= 1);
        found.pop()
    }

    fn linked_to(&self, object_id: &str) -> Option<Contact> {
        let mut found = self.find(Query {
            object_ids: vec![object_id.to_owned()],
            ..query()
        });
        found.retain(|contact| contact.link.is_some());
        assert!(found.len() <= 1);
        found.pop()
    }

    /// Contacts in order of their ids.
    fn find(&self, query: Query) -> Vec<Contact> {
        let mut found = self.store.lookup(query).unwrap();
        found.sort_by_key(|contact| contact.id.parse::<i64>().unwrap());
        found
    }
}

fn commit(changes: Vec<Change>) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: Some(RUN.to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        state: Vec::new(),
    }
}

fn query() -> Query {
    Query {
        source: SOURCE.to_owned(),
        object_ids: Vec::new(),
        match_keys: Vec::new(),
        contacts: Vec::new(),
        fields: names(&FIELDS),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn fields(fields: &[(&str, &str)]) -> Vec<Field> {
    fields
        .iter()
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}

fn lists(names: &[&str]) -> Vec<ContactList> {
    names
        .iter()
        .map(|name| ContactList {
            name: (*name).to_owned(),
            description: "Synced contacts".to_owned(),
        })
        .collect()
}

fn create(object_id: &str, values: &[(&str, &str)]) -> Create {
    Create {
        object_id: object_id.to_owned(),
        fields: fields(values),
        base: fields(values),
        active: true,
        lists: Vec::new(),
        reason: "new-user".to_owned(),
    }
}

fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

fn writes(writes: &[(&str, Option<&str>)]) -> Vec<FieldWrite> {
    writes
        .iter()
        .map(|(name, value)| FieldWrite {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
        })
        .collect()
}

fn no_lists() -> Membership {
    Membership {
        join: Vec::new(),
        leave: Vec::new(),
    }
}

/// An update of a linked contact, as it is now.
fn update(contact: &Contact, values: &[(&str, Option<&str>)]) -> Update {
    Update {
        contact: precondition(contact),
        object_id: object_id(contact),
        writes: writes(values),
        base: None,
        membership: no_lists(),
        active: None,
        reason: "test".to_owned(),
    }
}

fn link(contact: &Contact, object_id: &str) -> LinkContact {
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

fn remove(contact: &Contact, kind: RemovalKind) -> Removal {
    Removal {
        contact: precondition(contact),
        object_id: object_id(contact),
        kind,
        evidence: Evidence::DeletedSoft,
        reason: "deleted".to_owned(),
    }
}

fn object_id(contact: &Contact) -> String {
    contact.link.as_ref().unwrap().object_id.clone()
}

fn state(key: &str, value: Option<&str>) -> StateWrite {
    StateWrite {
        key: key.to_owned(),
        value: value.map(|text| text.as_bytes().to_vec()),
    }
}

/// The contact and version of a change that was done.
fn applied(outcome: &Outcome) -> (String, u64) {
    match outcome {
        Outcome::Applied(applied) => (applied.contact.clone(), applied.version),
        other => panic!("not applied: {other:?}"),
    }
}

/// An outcome in a word.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied(_) => "applied".to_owned(),
        Outcome::Conflict(Conflict::Version) => "version".to_owned(),
        Outcome::Conflict(Conflict::Gone) => "gone".to_owned(),
        Outcome::Conflict(Conflict::Linked) => "linked".to_owned(),
        Outcome::Refused(refusal) => refusal.code.clone(),
        Outcome::Other(text) => text.clone(),
    }
}

fn words(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().map(word).collect()
}

/// Names and values, ordered.
fn values(fields: &[Field]) -> Vec<(&str, &str)> {
    let mut values: Vec<_> = fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    values.sort_unstable();
    values
}

fn base(contact: &Contact) -> Vec<(&str, &str)> {
    values(&contact.link.as_ref().unwrap().base)
}

fn ids(contacts: &[Contact]) -> Vec<&str> {
    contacts.iter().map(|contact| contact.id.as_str()).collect()
}

fn is_other<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Other(_)))
}
