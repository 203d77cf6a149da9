//! What a check of the contact store works with: people of its own, contacts that any store takes, and short
//! words for what a connector does.

use crate::bindings::imports::contact_store::{
    self, Commit, Description, FieldDescription, FieldKind, FieldRole, Query,
};
use crate::bindings::imports::contact_store::{Outcome as Told, StateWrite};
use crate::bindings::imports::types::{
    AttributeChange, Change, Contact, ContactList, Create, Evidence, Field, FieldWrite, GivenValue,
    LinkContact, Membership, Precondition, Removal, RemovalKind, StoreError, Update,
};
use host_promises::verdict::{Amiss, differs, not_tried, shown};

/// The source of everything that is made here; no tenant has it.
pub(crate) const SOURCE: &str = "entra:c04f0000-0000-4000-8000-000000000000";

/// A source that is nobody's.
pub(crate) const OTHER_SOURCE: &str = "entra:c04f0000-0000-4000-8000-000000000001";

/// What the keys of the state begin with that checks write.
pub(crate) const CHECKS: &str = "host-conformance/check/";

/// As many people as one check may use.
pub(crate) const PEOPLE: usize = 20;

impl From<StoreError> for Amiss {
    fn from(error: StoreError) -> Self {
        Self::Differs {
            expected: "an answer".to_owned(),
            seen: shown(&error),
        }
    }
}

/// What all checks of a run share: what the store is, and by what the run is told from others.
pub(crate) struct Bench {
    /// What the store says of itself.
    pub(crate) store: Description,
    /// The field that has the address.
    pub(crate) key: FieldDescription,
    /// Two fields for text that a contact may be without.
    pub(crate) first: String,
    pub(crate) second: String,
    /// In every name that is given here: eight hexadecimal digits.
    pub(crate) nonce: String,
}

impl Bench {
    /// Looks what the store is. A store that describes no field for an address cannot be tried further.
    pub(crate) fn open(nonce: &str) -> Result<Self, Amiss> {
        let store = contact_store::describe()?;
        let is_key = |field: &&FieldDescription| field.role == Some(FieldRole::Email);
        let Some(key) = store.fields.iter().find(is_key).cloned() else {
            return differs("a field with the role `email`", "none");
        };
        let is_free = |field: &&FieldDescription| {
            let long = field.max_length.is_none_or(|length| length >= 8);
            field.kind == FieldKind::Text && !field.mandatory && field.name != key.name && long
        };
        let mut free = store
            .fields
            .iter()
            .filter(is_free)
            .map(|field| field.name.clone());
        let custom = |number: u32| {
            store
                .custom_fields
                .then(|| format!("Host conformance {number}"))
        };
        let first = free.next().or_else(|| custom(1));
        let second = free.next().or_else(|| custom(2));
        let (Some(first), Some(second)) = (first, second) else {
            return not_tried(
                "the store has fewer than two text fields that a contact may be without",
            );
        };
        Ok(Self {
            key,
            first,
            second,
            nonce: nonce.to_owned(),
            store,
        })
    }

    /// The names of list, run, round or state that are this run's own.
    pub(crate) fn name(&self, name: &str) -> String {
        format!("Host conformance {} {name}", self.nonce)
    }
}

/// The people of one check, in order of their ids.
pub(crate) struct Desk<'b> {
    pub(crate) bench: &'b Bench,
    /// The number of the check.
    check: usize,
}

/// The id of a person of a check, as a run names them.
pub(crate) fn user_of(nonce: &str, check: usize, person: usize) -> String {
    let (high, low) = nonce.split_at_checked(4).unwrap_or((nonce, ""));
    format!("c04f{high}-{low}-4000-8000-{:012}", check * PEOPLE + person)
}

impl<'b> Desk<'b> {
    pub(crate) fn new(bench: &'b Bench, check: usize) -> Self {
        Self { bench, check }
    }

    /// A person of this check.
    pub(crate) fn user(&self, person: usize) -> String {
        user_of(&self.bench.nonce, self.check, person)
    }

    /// A name of a run, a round or a list that is this check's own.
    pub(crate) fn name(&self, name: &str) -> String {
        self.bench.name(&format!("{} {name}", self.check))
    }

    /// A key of the state that is this check's own.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{CHECKS}{}/{}/{name}", self.bench.nonce, self.check)
    }

    /// The address of a person, or what stands for it.
    pub(crate) fn address(&self, person: usize) -> String {
        let number = self.check * PEOPLE + person;
        match self.bench.key.kind {
            FieldKind::Phone => format!("+1202{number:07}"),
            _ => format!("p{number}@c{}.example", self.bench.nonce),
        }
    }

    /// What the store wants of every contact.
    fn mandatory(&self, person: usize) -> Vec<Field> {
        let bench = self.bench;
        let mandatory = bench.store.fields.iter().filter(|field| field.mandatory);
        let value = |field: &FieldDescription| match &field.kind {
            _ if field.name == bench.key.name => self.address(person),
            FieldKind::Email => format!("q{person}@c{}.example", bench.nonce),
            FieldKind::Phone => format!("+1202555{person:04}"),
            FieldKind::Boolean => "true".to_owned(),
            FieldKind::Date => "2026-01-01".to_owned(),
            FieldKind::Text | FieldKind::Other(_) => "A".to_owned(),
        };
        mandatory
            .map(|described| field(&described.name, &value(described)))
            .collect()
    }

    /// A contact with these values, and what the store wants beside them.
    pub(crate) fn create(&self, person: usize, values: &[(&str, &str)]) -> Create {
        let mut fields = self.mandatory(person);
        for (name, value) in values {
            fields.retain(|field| field.name != *name);
            fields.push(field(name, value));
        }
        Create {
            object_id: self.user(person),
            base: values
                .iter()
                .map(|(name, value)| field(name, value))
                .collect(),
            fields,
            active: true,
            lists: Vec::new(),
            reason: "new-user".to_owned(),
        }
    }

    /// A contact that has an address.
    pub(crate) fn addressed(&self, person: usize) -> Create {
        self.create(person, &[(&self.bench.key.name, &self.address(person))])
    }

    /// Makes a contact, and gives it as the store tells it.
    pub(crate) fn made(&self, create: Create) -> Result<Contact, Amiss> {
        let user = create.object_id.clone();
        self.applied(Change::Create(create))?;
        self.linked(&user)
    }

    /// Makes a contact whose first field has this value.
    pub(crate) fn holding(&self, person: usize, value: &str) -> Result<Contact, Amiss> {
        self.made(self.create(person, &[(&self.bench.first, value)]))
    }

    /// Does one change in a run of this check; what became of it.
    pub(crate) fn one(&self, change: impl Into<Change>) -> Result<Told, Amiss> {
        let outcomes = self.apply("run", vec![change.into()])?;
        match <[Told; 1]>::try_from(outcomes) {
            Ok([outcome]) => Ok(outcome),
            Err(outcomes) => differs("one outcome", shown(&outcomes)),
        }
    }

    /// Does one change, which is to succeed; the version after it.
    pub(crate) fn applied(&self, change: impl Into<Change>) -> Result<u64, Amiss> {
        applied(self.one(change)?)
    }

    /// Does some changes in a run.
    pub(crate) fn apply(&self, run: &str, changes: Vec<Change>) -> Result<Vec<Told>, Amiss> {
        let commit = Commit {
            changes,
            ..self.commit(run)
        };
        Ok(contact_store::apply(&commit)?)
    }

    /// An empty commit of a run.
    pub(crate) fn commit(&self, run: &str) -> Commit {
        Commit {
            run: Some(self.name(run)),
            ..empty_commit()
        }
    }

    /// Contacts that meet a query.
    pub(crate) fn find(&self, query: &Query) -> Result<Vec<Contact>, Amiss> {
        Ok(contact_store::lookup(query)?)
    }

    /// A query for the fields that are worked with.
    pub(crate) fn query(&self) -> Query {
        let bench = self.bench;
        Query {
            source: SOURCE.to_owned(),
            object_ids: Vec::new(),
            match_keys: Vec::new(),
            contacts: Vec::new(),
            fields: vec![
                bench.key.name.clone(),
                bench.first.clone(),
                bench.second.clone(),
            ],
        }
    }

    /// Everybody with this user, linked or formerly.
    pub(crate) fn of_user(&self, user: &str) -> Result<Vec<Contact>, Amiss> {
        self.find(&Query {
            object_ids: vec![user.to_owned()],
            ..self.query()
        })
    }

    /// The contact that is linked to a user.
    pub(crate) fn linked(&self, user: &str) -> Result<Contact, Amiss> {
        let mut found = self.of_user(user)?;
        found.retain(|contact| contact.link.is_some());
        match <[Contact; 1]>::try_from(found) {
            Ok([contact]) => Ok(contact),
            Err(found) => differs("one contact that is linked to the user", shown(&found)),
        }
    }

    /// The contact of an id, which is there.
    pub(crate) fn contact(&self, id: &str) -> Result<Contact, Amiss> {
        let found = self.find(&Query {
            contacts: vec![id.to_owned()],
            ..self.query()
        })?;
        match <[Contact; 1]>::try_from(found) {
            Ok([contact]) => Ok(contact),
            Err(found) => differs("one contact of the id", shown(&found)),
        }
    }

    /// A contact that is linked to nobody, and was this person's.
    pub(crate) fn unlinked(&self, person: usize) -> Result<Contact, Amiss> {
        let contact = self.made(self.addressed(person))?;
        self.applied(remove(&contact, &self.user(person), RemovalKind::Unlink))?;
        self.contact(&contact.id)
    }

    /// Writes state.
    pub(crate) fn write_state(&self, entries: &[(&str, Option<&[u8]>)]) -> Result<(), Amiss> {
        let write = |(key, value): &(&str, Option<&[u8]>)| StateWrite {
            key: (*key).to_owned(),
            value: value.map(<[u8]>::to_vec),
        };
        let commit = Commit {
            state: entries.iter().map(write).collect(),
            ..empty_commit()
        };
        contact_store::apply(&commit)?;
        Ok(())
    }
}

/// A commit that does nothing and belongs to no run.
pub(crate) fn empty_commit() -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: None,
        changes: Vec::new(),
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    }
}

/// The version after a change that was done.
pub(crate) fn applied(outcome: Told) -> Result<u64, Amiss> {
    match outcome {
        Told::Applied(applied) => Ok(applied.version),
        other => differs("applied", shown(&other)),
    }
}

/// An outcome in a word.
pub(crate) fn word(outcome: &Told) -> String {
    match outcome {
        Told::Applied(_) => "applied".to_owned(),
        Told::Conflict(conflict) => {
            let conflict = match conflict {
                contact_store::Conflict::Version => "version",
                contact_store::Conflict::Gone => "gone",
                contact_store::Conflict::Linked => "linked",
            };
            conflict.to_owned()
        }
        Told::Refused(_) => "refused".to_owned(),
        Told::Other(_) => "other".to_owned(),
    }
}

/// Outcomes in words.
pub(crate) fn words(outcomes: &[Told]) -> Vec<String> {
    outcomes.iter().map(word).collect()
}

pub(crate) fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// The value of a field.
pub(crate) fn value<'f>(fields: &'f [Field], name: &str) -> Option<&'f str> {
    let field = fields.iter().find(|field| field.name == name)?;
    Some(&field.value)
}

/// Names and values, ordered.
pub(crate) fn pairs(fields: &[Field]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = fields
        .iter()
        .map(|field| (field.name.clone(), field.value.clone()))
        .collect();
    pairs.sort_unstable();
    pairs
}

/// The base of a contact's link, ordered.
pub(crate) fn base(contact: &Contact) -> Vec<(String, String)> {
    contact
        .link
        .as_ref()
        .map(|link| pairs(&link.base))
        .unwrap_or_default()
}

pub(crate) fn write(name: &str, value: Option<&str>) -> FieldWrite {
    FieldWrite {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    }
}

pub(crate) fn list(name: &str) -> ContactList {
    ContactList {
        name: name.to_owned(),
        description: "Made by the conformance component".to_owned(),
    }
}

pub(crate) fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

pub(crate) fn no_lists() -> Membership {
    Membership {
        join: Vec::new(),
        leave: Vec::new(),
    }
}

/// An update of a contact as it was looked up.
pub(crate) fn update(contact: &Contact, writes: &[(&str, Option<&str>)]) -> Update {
    Update {
        contact: precondition(contact),
        object_id: contact
            .link
            .as_ref()
            .map(|link| link.object_id.clone())
            .unwrap_or_default(),
        writes: writes
            .iter()
            .map(|(name, value)| write(name, *value))
            .collect(),
        base: None,
        membership: no_lists(),
        active: None,
        directory: Vec::new(),
        reason: "directory-changed".to_owned(),
    }
}

/// A value that the directory was given of a contact.
pub(crate) fn given(field: &str, before: Option<&str>, after: Option<&str>) -> GivenValue {
    GivenValue {
        change: AttributeChange {
            attribute: "jobTitle".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        },
        field: field.to_owned(),
        answered: true,
    }
}

pub(crate) fn link(contact: &Contact, user: &str) -> LinkContact {
    LinkContact {
        contact: precondition(contact),
        object_id: user.to_owned(),
        writes: Vec::new(),
        base: Vec::new(),
        membership: no_lists(),
        active: None,
        reason: "matched-by-id".to_owned(),
    }
}

pub(crate) fn remove(contact: &Contact, user: &str, kind: RemovalKind) -> Removal {
    Removal {
        contact: precondition(contact),
        object_id: user.to_owned(),
        kind,
        evidence: Evidence::DeletedPermanently,
        reason: "deleted".to_owned(),
    }
}

macro_rules! changes {
    ($($of:ty => $case:ident),*) => {
        $(impl From<$of> for Change {
            fn from(change: $of) -> Self {
                Self::$case(change)
            }
        })*
    };
}

changes!(Create => Create, Update => Update, LinkContact => Link, Removal => Remove);
