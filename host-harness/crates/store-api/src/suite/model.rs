//! Random commits do to the store what they do to a map in memory.
//!
//! Changes are decided on the store as it was before their commit, as a connector decides them, so
//! that a commit meets its own earlier changes and edits made meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::history::{Content, Step, TOO_LONG, Turn, WRITTEN, Writes, turn};
use super::workspace;
use super::workspace::*;

type Filled = BTreeMap<String, String>;

fn is_refused(writes: &Writes) -> bool {
    writes.iter().any(|(field, value)| match (*field, *value) {
        ("first_name", Some(value)) => value == TOO_LONG,
        ("email", Some(value)) => !value.contains('@'),
        _ => false,
    })
}

#[derive(Clone, Debug, PartialEq)]
struct Held {
    version: u64,
    active: bool,
    fields: Filled,
    link: Option<(String, Filled)>,
    lists: BTreeSet<String>,
}

impl Held {
    fn write(&mut self, writes: &Writes) {
        for (field, value) in writes {
            match value {
                Some(value) => self.fields.insert((*field).to_owned(), (*value).to_owned()),
                None => self.fields.remove(*field),
            };
        }
    }

    fn is_linked_to(&self, user: &str) -> bool {
        self.link.as_ref().is_some_and(|(linked, _)| linked == user)
    }
}

/// The map that the store is compared with.
#[derive(Clone, Debug, Default)]
pub struct Model {
    contacts: BTreeMap<String, Held>,
    /// Every id there ever was, in order of appearance.
    ids: Vec<String>,
}

fn filled<'a>(fields: impl IntoIterator<Item = (&'a &'static str, &'a &'static str)>) -> Filled {
    fields
        .into_iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn as_fields(fields: &Filled) -> Vec<Field> {
    let fields: Vec<_> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    workspace::fields(&fields)
}

fn created_fields(content: &Content) -> Filled {
    let fields = content.writes.iter();
    filled(fields.filter_map(|(field, value)| value.as_ref().map(|value| (field, value))))
}

fn base_of(content: &Content) -> Option<Filled> {
    content.base.as_ref().map(filled)
}

impl Model {
    fn id(&self, contact: usize) -> String {
        self.ids
            .get(contact)
            .cloned()
            .unwrap_or_else(|| "4711".to_owned())
    }

    fn precondition(&self, contact: usize) -> Precondition {
        let contact = self.id(contact);
        let version = self.contacts.get(&contact).map_or(1, |held| held.version);
        Precondition { contact, version }
    }

    fn user_of(&self, contact: usize) -> String {
        let held = self.contacts.get(&self.id(contact));
        let linked = held
            .and_then(|held| held.link.as_ref())
            .map(|(user, _)| user.clone());
        linked.unwrap_or_else(|| "u1".to_owned())
    }

    /// The change of a step, decided on the model as it is.
    fn decide(&self, step: &Step) -> Change {
        let membership = |content: &Content| Membership {
            join: lists(&content.join.iter().copied().collect::<Vec<_>>()),
            leave: content
                .leave
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
        };
        let writes_of = |content: &Content| {
            workspace::writes(
                &content
                    .writes
                    .iter()
                    .map(|(k, v)| (*k, *v))
                    .collect::<Vec<_>>(),
            )
        };
        match step {
            Step::Create { user, content } => Change::Create(Create {
                object_id: (*user).to_owned(),
                fields: as_fields(&created_fields(content)),
                base: as_fields(&base_of(content).unwrap_or_default()),
                active: content.active.unwrap_or(true),
                lists: membership(content).join,
                reason: "test".to_owned(),
            }),
            Step::Update {
                contact,
                user,
                content,
            } => Change::Update(Update {
                contact: self.precondition(*contact),
                object_id: user.map_or_else(|| self.user_of(*contact), str::to_owned),
                writes: writes_of(content),
                base: base_of(content).as_ref().map(as_fields),
                membership: membership(content),
                active: content.active,
                reason: "test".to_owned(),
                directory: Vec::new(),
            }),
            Step::Link {
                contact,
                user,
                content,
            } => Change::Link(LinkContact {
                contact: self.precondition(*contact),
                object_id: (*user).to_owned(),
                writes: writes_of(content),
                base: as_fields(&base_of(content).unwrap_or_default()),
                membership: membership(content),
                active: content.active,
                reason: "test".to_owned(),
            }),
            Step::Remove { contact, kind } => Change::Remove(Removal {
                contact: self.precondition(*contact),
                object_id: self.user_of(*contact),
                kind: *kind,
                evidence: Evidence::NotFoundAnywhere,
                reason: "test".to_owned(),
            }),
        }
    }

    fn is_linked(&self, user: &str) -> bool {
        self.contacts.values().any(|held| held.is_linked_to(user))
    }

    /// Why a change of a contact does not fit; `user` is set where the contact must be linked to it.
    fn conflict(&self, on: &Precondition, user: Option<&str>) -> Option<&'static str> {
        let Some(held) = self.contacts.get(&on.contact) else {
            return Some("gone");
        };
        match (user, &held.link) {
            (Some(user), Some((linked, _))) if linked != user => Some("linked"),
            (Some(_), None) => Some("version"),
            (None, Some(_)) => Some("linked"),
            _ => (held.version != on.version).then_some("version"),
        }
    }

    /// Does a step as the contract says; the word for its outcome.
    fn perform(&mut self, step: &Step, change: &Change, outcome: &Outcome) -> &'static str {
        match (step, change) {
            (Step::Create { content, .. }, Change::Create(create)) => {
                let created = content.writes.iter().filter(|(_, value)| value.is_some());
                if is_refused(&created.map(|(field, value)| (*field, *value)).collect()) {
                    return "refused";
                }
                if self.is_linked(&create.object_id) {
                    return "linked";
                }
                let held = Held {
                    version: 0,
                    active: create.active,
                    fields: created_fields(content),
                    link: Some((
                        create.object_id.clone(),
                        base_of(content).unwrap_or_default(),
                    )),
                    lists: content.join.iter().map(|name| (*name).to_owned()).collect(),
                };
                self.keep(held, outcome)
            }
            (Step::Update { content, .. }, Change::Update(update)) => {
                if is_refused(&content.writes) || content.active == Some(false) {
                    return "refused";
                }
                if let Some(word) = self.conflict(&update.contact, Some(&update.object_id)) {
                    return word;
                }
                self.write(&update.contact.contact, content, None, outcome)
            }
            (Step::Link { content, .. }, Change::Link(link)) => {
                if is_refused(&content.writes) || content.active == Some(false) {
                    return "refused";
                }
                let taken = self.is_linked(&link.object_id);
                match self.conflict(&link.contact, None) {
                    Some("gone") => return "gone",
                    _ if taken => return "linked",
                    Some(word) => return word,
                    None => {}
                }
                self.write(
                    &link.contact.contact,
                    content,
                    Some(&link.object_id),
                    outcome,
                )
            }
            (Step::Remove { .. }, Change::Remove(removal)) => {
                if let Some(word) = self.conflict(&removal.contact, Some(&removal.object_id)) {
                    return word;
                }
                self.remove(removal, outcome)
            }
            _ => unreachable!("a step is decided into a change of its kind"),
        }
    }

    fn keep(&mut self, held: Held, outcome: &Outcome) -> &'static str {
        let (id, version) = applied(outcome);
        assert!(!self.ids.contains(&id), "an id came back");
        self.ids.push(id.clone());
        self.contacts.insert(id, Held { version, ..held });
        "applied"
    }

    fn write(
        &mut self,
        id: &str,
        content: &Content,
        link: Option<&str>,
        outcome: &Outcome,
    ) -> &'static str {
        let held = self.contacts.get_mut(id).unwrap();
        held.write(&content.writes);
        held.active |= content.active == Some(true);
        held.lists
            .retain(|name| !content.leave.contains(name.as_str()));
        held.lists
            .extend(content.join.iter().map(|name| (*name).to_owned()));
        match (&mut held.link, link, base_of(content)) {
            (None, Some(user), base) => {
                held.link = Some((user.to_owned(), base.unwrap_or_default()));
            }
            (Some((_, base)), _, Some(new)) => *base = new,
            _ => {}
        }
        count_up(held, id, outcome)
    }

    fn remove(&mut self, removal: &Removal, outcome: &Outcome) -> &'static str {
        let id = &removal.contact.contact;
        let held = self.contacts.get_mut(id).unwrap();
        held.lists.clear();
        match removal.kind {
            RemovalKind::Unlink => held.link = None,
            RemovalKind::Deactivate => held.active = false,
            RemovalKind::Delete => {
                self.contacts.remove(id);
                return "applied";
            }
        }
        count_up(held, id, outcome)
    }
}

fn count_up(held: &mut Held, id: &str, outcome: &Outcome) -> &'static str {
    let (contact, version) = applied(outcome);
    assert_eq!(contact, id);
    assert!(version > held.version, "a version came back");
    held.version = version;
    "applied"
}

fn held(contact: Contact) -> Held {
    let as_map = |fields: Vec<Field>| fields.into_iter().map(|f| (f.name, f.value)).collect();
    Held {
        version: contact.version,
        active: contact.active,
        fields: as_map(contact.fields),
        link: contact.link.map(|link| (link.object_id, as_map(link.base))),
        lists: contact.lists.into_iter().collect(),
    }
}

/// The store holds what the model holds, and its numbers are those of a count.
pub fn compare(workspace: &Workspace, model: &Model) {
    workspace.check();
    for held in model.contacts.values() {
        let Some(email) = held.fields.get("email") else {
            continue;
        };
        let same = |held: &&Held| {
            held.fields
                .get("email")
                .is_some_and(|other| other.eq_ignore_ascii_case(email))
        };
        let found = workspace.find(Query {
            match_keys: vec![email.to_uppercase()],
            ..query()
        });
        assert_eq!(found.len(), model.contacts.values().filter(same).count());
    }
    let everything = Query {
        contacts: model.ids.clone(),
        fields: names(&WRITTEN),
        ..query()
    };
    let found = workspace.find(everything).into_iter();
    let found: BTreeMap<_, _> = found.map(|c| (c.id.clone(), held(c))).collect();
    assert_eq!(found, model.contacts);
    let rows = workspace.store.contacts(Default::default());
    assert_eq!(rows.count(), model.contacts.len());

    let linked: Vec<_> = model
        .contacts
        .values()
        .filter(|held| held.link.is_some())
        .collect();
    let active: Vec<_> = linked.iter().filter(|held| held.active).collect();
    let numbers = workspace
        .store
        .get_statistics(SOURCE, &names(&WRITTEN))
        .unwrap();
    assert_eq!(numbers.linked, linked.len() as u64);
    assert_eq!(numbers.active, active.len() as u64);
    for missing in &numbers.missing {
        let counted = active
            .iter()
            .filter(|held| !held.fields.contains_key(&missing.field));
        assert_eq!(
            missing.contacts,
            counted.count() as u64,
            "{}",
            missing.field
        );
    }
    let incomplete = active
        .iter()
        .filter(|held| held.fields.len() < WRITTEN.len());
    assert_eq!(numbers.incomplete, incomplete.count() as u64);
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(_) => "refused".to_owned(),
        other => word(other),
    }
}

/// Does a turn to both, in the name of a run.
pub fn play(workspace: &Workspace, model: &mut Model, turn: &Turn, run: &str) {
    match turn {
        Turn::Commit { steps, fails } => {
            let changes: Vec<Change> = steps.iter().map(|step| model.decide(step)).collect();
            let mut page = commit(changes.clone());
            page.run = Some(run.to_owned());
            if *fails {
                page.state = vec![state(&"k".repeat(257), Some("x"))];
                assert!(is_other(&workspace.store.apply(page)));
                return;
            }
            let outcomes = workspace.store.apply(page).unwrap();
            assert_eq!(outcomes.len(), steps.len());
            for ((step, change), outcome) in steps.iter().zip(&changes).zip(&outcomes) {
                assert_eq!(
                    told(outcome),
                    model.perform(step, change, outcome),
                    "{change:?}"
                );
            }
        }
        Turn::AddByHand(email) => {
            let added = Filled::from([("email".to_owned(), (*email).to_owned())]);
            let id = workspace.store.add_contact(&added).unwrap();
            let contact = workspace.contact(&id).unwrap();
            assert!(!model.ids.contains(&id), "an id came back");
            model.ids.push(id.clone());
            model.contacts.insert(id, held(contact));
        }
        Turn::EditByHand {
            contact,
            field,
            value,
        } => {
            let id = model.id(*contact);
            let written = Writes::from([(*field, *value)]);
            let result = workspace.store.edit_field(&id, field, *value);
            let fits = model.contacts.contains_key(&id) && !is_refused(&written);
            assert_eq!(result.is_ok(), fits);
            if let (Ok(version), Some(held)) = (result, model.contacts.get_mut(&id)) {
                held.write(&written);
                held.version = version;
            }
        }
    }
}

pub fn random_commits_do_to_the_store_what_they_do_to_a_map(stores: &dyn StoreFactory) {
    proptest!(cases(96, file!()), |(
        turns in prop::collection::vec(turn(), 1..12)
    )| {
        let workspace = Workspace::new(stores);
        let mut model = Model::default();
        for turn in &turns {
            play(&workspace, &mut model, turn, RUN);
            compare(&workspace, &model);
        }
    });
}
