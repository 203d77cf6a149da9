//! The store over a service and a ledger in memory, by a connector in miniature: it wants contacts to be as a
//! directory has them, looks, and asks for what is missing.

mod crash;
mod fence;
mod histories;
mod scanning;

use std::collections::{BTreeMap, BTreeSet};

use crate::Store;
use crate::contract::{
    Change, Commit, Contact, ContactList, Create, Evidence, Field, FieldWrite, LinkContact,
    Membership, Outcome, Precondition, Query, Removal, RemovalKind, StateWrite, StoreError, Update,
};
use crate::destination::Record;
use crate::keep::Retention;
use crate::keys;
use crate::records::{ContactRecord, JournalRecord};
use crate::testing::{Dice, Life, MemoryLedger, MemoryService, Profile, TestClock};

pub(super) const SOURCE: &str = "entra:11111111-2222-3333-4444-555555555555";

/// A service, a ledger, and whoever works with them.
pub(super) struct World {
    pub(super) life: Life,
    pub(super) clock: TestClock,
    pub(super) dice: Dice,
    pub(super) service: MemoryService,
    pub(super) ledger: MemoryLedger,
}

pub(super) type TestStore = Store<MemoryService, MemoryLedger>;

/// Whoever a directory has, and how their contact is to be; `None`: it is to be taken away so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    There {
        fields: BTreeMap<String, String>,
        lists: BTreeSet<String>,
    },
    Gone(RemovalKind),
}

pub(super) type Directory = BTreeMap<String, Wanted>;

pub(super) fn profile() -> Profile {
    Profile::generous(&[], true)
}

/// Somebody with an address of their own, at a company, on lists.
pub(super) fn there(user: &str, company: &str, lists: &[&str]) -> Wanted {
    let fields = [
        ("email".to_owned(), address(user)),
        ("company".to_owned(), company.to_owned()),
    ];
    Wanted::There {
        fields: fields.into(),
        lists: lists.iter().map(|list| (*list).to_owned()).collect(),
    }
}

pub(super) fn address(user: &str) -> String {
    format!("{user}@example.org")
}

impl World {
    pub(super) fn new(profile: Profile, seed: u64) -> Self {
        let (life, clock, dice) = (Life::default(), TestClock::default(), Dice::of(seed));
        clock.set(1_000_000);
        Self {
            service: MemoryService::new(profile, &clock, &dice, &life),
            ledger: MemoryLedger::of(&life),
            life,
            clock,
            dice,
        }
    }

    /// Another process.
    pub(super) fn store(&self) -> TestStore {
        let clock = Box::new(self.clock.clone());
        let entropy = Box::new(self.dice.clone());
        Store::new(
            self.service.clone(),
            self.ledger.clone(),
            clock,
            entropy,
            Retention::default(),
        )
    }

    /// One call of the connector: it looks, decides, and commits everything with the place that it has come to.
    pub(super) fn sync(&self, wanted: &Directory, place: &str) -> Result<Vec<Outcome>, StoreError> {
        let store = self.store();
        store.describe()?;
        let changes = decide(&store, wanted)?;
        store.apply(page(changes, place))
    }

    pub(super) fn records_at(&self, user: &str) -> Vec<Record> {
        let mut records = self.service.records();
        records.retain(|record| field(record, "email") == Some(address(user)));
        records
    }

    pub(super) fn journal(&self) -> Vec<JournalRecord> {
        let entries = self.ledger.entries();
        let journal = entries.range("j/".to_owned()..);
        journal
            .take_while(|(key, _)| key.starts_with("j/"))
            .map(|(_, value)| serde_json::from_slice(value).unwrap())
            .collect()
    }

    fn contacts(&self) -> BTreeMap<String, ContactRecord> {
        let entries = self.ledger.entries();
        let contacts = entries.range("c/".to_owned()..);
        contacts
            .take_while(|(key, _)| key.starts_with("c/"))
            .map(|(key, value)| (key[2..].to_owned(), serde_json::from_slice(value).unwrap()))
            .collect()
    }

    /// Everybody is as they are wanted, once; the journal tells how they came to be so; nothing is open.
    pub(super) fn check(&self, wanted: &Directory, what: &str) {
        let names = self.service.list_names();
        let contacts = self.contacts();
        for (user, wanted) in wanted {
            let records = self.records_at(user);
            let linked: Vec<_> = contacts
                .iter()
                .filter(|(_, contact)| contact.user(SOURCE) == Some(user.as_str()))
                .collect();
            match wanted {
                Wanted::There { fields, lists } => {
                    assert_eq!(records.len(), 1, "{what}: records of {user}");
                    let [(_, contact)] = linked[..] else {
                        panic!("{what}: {user} has {} contacts", linked.len());
                    };
                    assert_eq!(contact.remote, records[0].id, "{what}: whose it is");
                    for (name, value) in fields {
                        let held = field(&records[0], name);
                        assert_eq!(held.as_ref(), Some(value), "{what}: {name} of {user}");
                    }
                    let on = records[0].lists.iter().flatten();
                    let on: BTreeSet<_> = on.map(|list| names[list].clone()).collect();
                    assert_eq!(&on, lists, "{what}: lists of {user}");
                }
                Wanted::Gone(RemovalKind::Delete) => {
                    assert_eq!((records.len(), linked.len()), (0, 0), "{what}: {user}");
                }
                Wanted::Gone(kind) => {
                    // Who never had a contact has none to be taken out of use.
                    let most = usize::from(*kind == RemovalKind::Deactivate);
                    assert!(linked.len() <= most, "{what}: {user}");
                    assert!(
                        linked.iter().all(|(_, contact)| !contact.active),
                        "{what}: {user}"
                    );
                    for record in &records {
                        assert!(record.lists.iter().flatten().next().is_none(), "{what}");
                    }
                }
            }
        }
        let entries = self.ledger.entries();
        assert!(!entries.keys().any(|key| key.starts_with("i/")), "{what}");
        drop(entries);
        self.check_journal(&contacts, what);
    }

    /// Whoever follows the entries of a contact from the first on comes to what the contact is.
    fn check_journal(&self, contacts: &BTreeMap<String, ContactRecord>, what: &str) {
        let mut last: BTreeMap<String, JournalRecord> = BTreeMap::new();
        for (number, entry) in (1..).zip(self.journal()) {
            assert_eq!(entry.number, number, "{what}: no entry is missing");
            let before = last.get(&entry.contact);
            let after = before.and_then(|before| before.after.as_ref());
            let ties = |contact: Option<&ContactRecord>| {
                contact.map(|contact| (contact.links.clone(), contact.formers.clone()))
            };
            if before.is_some() {
                assert_eq!(
                    ties(after),
                    ties(entry.before.as_ref()),
                    "{what}: {entry:?}"
                );
            }
            last.insert(entry.contact.clone(), entry);
        }
        for (id, contact) in contacts {
            let told = last.get(id).and_then(|entry| entry.after.as_ref());
            let links = told.map(|told| told.links.clone()).unwrap_or_default();
            assert_eq!(links, contact.links, "{what}: the links of {id}");
        }
    }
}

pub(super) fn field(record: &Record, name: &str) -> Option<String> {
    let mut fields = record.fields.iter();
    fields
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.clone())
}

fn page(changes: Vec<Change>, place: &str) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: Some("run".to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: vec![StateWrite {
            key: "cursor".to_owned(),
            value: Some(place.as_bytes().to_vec()),
        }],
    }
}

pub(super) fn query(users: impl Iterator<Item = String>) -> Query {
    let users: Vec<String> = users.collect();
    Query {
        source: SOURCE.to_owned(),
        match_keys: users.iter().map(|user| address(user)).collect(),
        object_ids: users,
        contacts: Vec::new(),
        fields: vec!["email".to_owned(), "company".to_owned()],
    }
}

fn decide(store: &TestStore, wanted: &Directory) -> Result<Vec<Change>, StoreError> {
    let found = store.lookup(query(wanted.keys().cloned()))?;
    let changes = wanted.iter().filter_map(|(user, wanted)| {
        let linked = found.iter().find(|contact| {
            contact
                .link
                .as_ref()
                .is_some_and(|link| link.object_id == *user)
        });
        match wanted {
            Wanted::There { fields, lists } => {
                let free = || {
                    found.iter().find(|contact| {
                        let email = contact.fields.iter().find(|field| field.name == "email");
                        contact.link.is_none()
                            && email.is_some_and(|email| email.value == address(user))
                    })
                };
                there_is(user, fields, lists, linked, free())
            }
            Wanted::Gone(kind) => {
                let contact = linked?;
                let is_done = *kind == RemovalKind::Deactivate && !contact.active;
                (!is_done).then(|| {
                    Change::Remove(Removal {
                        contact: precondition(contact),
                        object_id: user.clone(),
                        kind: *kind,
                        evidence: Evidence::NotFoundAnywhere,
                        reason: "gone".to_owned(),
                    })
                })
            }
        }
    });
    Ok(changes.collect())
}

fn there_is(
    user: &str,
    wanted: &BTreeMap<String, String>,
    on: &BTreeSet<String>,
    linked: Option<&Contact>,
    free: Option<&Contact>,
) -> Option<Change> {
    let wanted: Vec<Field> = wanted
        .iter()
        .map(|(name, value)| Field {
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    let membership = |contact: &Contact| {
        let now: BTreeSet<_> = contact.lists.iter().cloned().collect();
        Membership {
            join: on.difference(&now).map(|name| list(name)).collect(),
            leave: now.difference(on).cloned().collect(),
        }
    };
    let writes = |contact: &Contact| -> Vec<FieldWrite> {
        wanted
            .iter()
            .filter(|field| !contact.fields.contains(field))
            .map(|field| FieldWrite {
                name: field.name.clone(),
                value: Some(field.value.clone()),
            })
            .collect()
    };
    if let Some(contact) = linked {
        let (writes, membership) = (writes(contact), membership(contact));
        let is_same = writes.is_empty()
            && membership.join.is_empty()
            && membership.leave.is_empty()
            && contact.active;
        return (!is_same).then(|| {
            Change::Update(Update {
                contact: precondition(contact),
                object_id: user.to_owned(),
                writes,
                base: Some(wanted.clone()),
                membership,
                active: Some(true),
                reason: "changed".to_owned(),
                directory: Vec::new(),
            })
        });
    }
    if let Some(contact) = free {
        return Some(Change::Link(LinkContact {
            contact: precondition(contact),
            object_id: user.to_owned(),
            writes: writes(contact),
            base: wanted.clone(),
            membership: membership(contact),
            active: Some(true),
            reason: "matched".to_owned(),
        }));
    }
    Some(Change::Create(Create {
        object_id: user.to_owned(),
        fields: wanted.clone(),
        base: wanted,
        active: true,
        lists: on.iter().map(|name| list(name)).collect(),
        reason: "new-user".to_owned(),
    }))
}

fn list(name: &str) -> ContactList {
    ContactList {
        name: name.to_owned(),
        description: String::new(),
    }
}

pub(super) fn precondition(contact: &Contact) -> Precondition {
    Precondition {
        contact: contact.id.clone(),
        version: contact.version,
    }
}

pub(super) fn is_applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied(_))
}

pub(super) fn place(world: &World) -> Option<String> {
    let entries = world.ledger.entries();
    let place = entries.get(&keys::state("cursor"))?;
    Some(String::from_utf8(place.clone()).unwrap())
}
