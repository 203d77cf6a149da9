//! A small connector: it knows who should be in the address book, and brings it there by the kit's store.

use std::collections::{BTreeMap, BTreeSet};

use destination_kit::contract::{
    Change, Commit, Contact, ContactList, Create, Evidence, Field, FieldWrite, Membership, Outcome,
    Precondition, Query, Removal, RemovalKind, StoreError, Update,
};
use destination_kit::testing::MemoryLedger;
use destination_kit::{Retention, Store};

use crate::world::{SOURCE, World, user};

/// Somebody as they should be: fields by name, and lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) lists: BTreeSet<String>,
}

/// The fields that are mapped.
pub(crate) const MAPPED: [&str; 5] = ["full_name", "email", "department", "job_title", "Badge"];

impl Person {
    pub(crate) fn new(number: u32, department: &str) -> Self {
        let fields = [
            ("full_name", format!("Person {number}")),
            ("email", format!("person{number}@contoso.example")),
            ("department", department.to_owned()),
        ];
        Self {
            fields: fields.into(),
            lists: BTreeSet::from([department.to_owned()]),
        }
    }
}

/// Everybody who should be there, by the number of their user.
pub(crate) type Team = BTreeMap<u32, Person>;

/// Brings everybody where they should be, as far as it goes. What became of each change.
pub(crate) fn sync(
    world: &World,
    ledger: &MemoryLedger,
    team: &Team,
    ever: u32,
) -> Result<Vec<Outcome>, StoreError> {
    let store = Store::new(
        world.destination(),
        ledger.clone(),
        Box::new(world.clock.clone()),
        Box::new(world.dice.clone()),
        Retention::default(),
    );
    store.describe()?;
    // As at the beginning of a full sync: whoever is there is known.
    store.open_round(SOURCE, "round", false)?;
    let query = Query {
        source: SOURCE.to_owned(),
        object_ids: (1..=ever).map(user).collect(),
        match_keys: Vec::new(),
        contacts: Vec::new(),
        fields: MAPPED.map(str::to_owned).to_vec(),
    };
    let found = store.lookup(query)?;
    let contact_of = |number: u32| {
        found.iter().find(|contact| {
            contact
                .link
                .as_ref()
                .is_some_and(|link| link.object_id == user(number))
        })
    };
    let mut changes = Vec::new();
    for number in 1..=ever {
        changes.extend(match (team.get(&number), contact_of(number)) {
            (Some(person), None) => Some(create(number, person)),
            (Some(person), Some(contact)) => update(number, person, contact),
            (None, Some(contact)) => Some(delete(number, contact)),
            (None, None) => None,
        });
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    store.apply(commit(changes))
}

fn commit(changes: Vec<Change>) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: Some("run".to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: Vec::new(),
    }
}

fn fields(person: &Person) -> Vec<Field> {
    let fields = person.fields.iter();
    fields
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: value.clone(),
        })
        .collect()
}

fn list(name: &str) -> ContactList {
    ContactList {
        name: name.to_owned(),
        description: String::new(),
    }
}

fn create(number: u32, person: &Person) -> Change {
    Change::Create(Create {
        object_id: user(number),
        fields: fields(person),
        base: fields(person),
        active: true,
        lists: person.lists.iter().map(|name| list(name)).collect(),
        reason: "new".to_owned(),
    })
}

fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

fn update(number: u32, person: &Person, contact: &Contact) -> Option<Change> {
    let is = |name: &str| {
        let mut fields = contact.fields.iter();
        fields
            .find(|field| field.name == name)
            .map(|field| &field.value)
    };
    let differs = |name: &&str| is(name) != person.fields.get(*name);
    let writes: Vec<_> = MAPPED
        .into_iter()
        .filter(differs)
        .map(|name| FieldWrite {
            name: name.to_owned(),
            value: person.fields.get(name).cloned(),
        })
        .collect();
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let join: Vec<_> = person
        .lists
        .iter()
        .filter(|name| !contact.lists.iter().any(|there| same(there, name)))
        .map(|name| list(name))
        .collect();
    let leave: Vec<_> = contact
        .lists
        .iter()
        .filter(|there| !person.lists.iter().any(|name| same(there, name)))
        .cloned()
        .collect();
    if writes.is_empty() && join.is_empty() && leave.is_empty() {
        return None;
    }
    Some(Change::Update(Update {
        contact: precondition(contact),
        object_id: user(number),
        writes,
        base: Some(fields(person)),
        membership: Membership { join, leave },
        active: None,
        directory: Vec::new(),
        reason: "changed".to_owned(),
    }))
}

fn delete(number: u32, contact: &Contact) -> Change {
    Change::Remove(Removal {
        contact: precondition(contact),
        object_id: user(number),
        kind: RemovalKind::Delete,
        evidence: Evidence::DeletedPermanently,
        reason: "gone".to_owned(),
    })
}

/// Syncs until nothing is left to be done.
///
/// # Panics
///
/// Where that never comes.
pub(crate) fn settle(world: &World, ledger: &MemoryLedger, team: &Team, ever: u32) {
    for _ in 0..8 {
        // Whatever was under way has come to its end.
        world.clock.pass(3_000);
        let outcomes = sync(world, ledger, team, ever).expect("nothing is wrong any more");
        if outcomes.is_empty() {
            return;
        }
    }
    panic!("it is never done: {:?}", sync(world, ledger, team, ever));
}
