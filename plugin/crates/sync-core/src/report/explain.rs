//! `explain`: who somebody is and why they are as they are, told from stored facts.
//!
//! Nothing is asked of the directory and nothing is written. Several people are told about only where
//! several have the address.

use crate::contact::{Contact, ContactId, ObjectId, Who, is_stand_in};
use crate::engine::call::{CallError, Prepared};
use crate::engine::checkpoint::Reconciled;
use crate::engine::conflicts::{self, Conflict};
use crate::engine::given::Given;
use crate::engine::groups::story::story;
use crate::engine::held::{Held, HeldBack};
use crate::engine::ledger;
use crate::engine::org_contacts;
use crate::engine::run_abort::RunAbort;
use crate::engine::staged::Staged;
use crate::mapping::rows::Row;
use crate::ports::{JournalEntry, Noted, Ports, Query, StoreDescription, Timestamp};
use crate::reconcile::account::last_writer;
use crate::reconcile::merge::Base;
use crate::run::ledger::LedgerEntry;
use crate::settings::Settings;
use guest_kit::ordered::{self, Map, Set};

use super::given_story;
use super::provenance::{HELD, Origin, contested, from_history, kept_by};
use super::story::{Facts, linked_by, tell};

/// How many changes are shown.
const SHOWN: usize = 20;
/// How many changes are read to find out who wrote a field, and when somebody was linked.
const READ: u32 = 200;
/// How many people with one address are told about.
const PEOPLE: usize = 20;

/// What somebody is of whom it is kept.
const ORG_CONTACT: &str =
    "An organisational contact of the directory, which is listed there without an account.";

/// Everything that is known about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The user, as far as one is known.
    pub object_id: Option<ObjectId>,
    /// The contact, where there is one.
    pub contact: Option<ContactId>,
    /// Of the contact.
    pub active: Option<bool>,
    /// Of the contact.
    pub lists: Vec<String>,
    /// Present where the contact is linked.
    pub link: Option<LinkStory>,
    /// The mapped fields of a contact, in the order of the mapping.
    pub fields: Vec<FieldStory>,
    /// Why the last round that read the user changed nothing.
    pub note: Option<Noted>,
    /// Where the user could not be written.
    pub ledger: Option<LedgerEntry>,
    /// The last changes, newest first.
    pub journal: Vec<JournalEntry>,
    /// The story in sentences, without a value of a field.
    pub summary: Vec<String>,
}

/// How somebody was linked; nothing where the journal does not reach back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkStory {
    /// When.
    pub at: Option<Timestamp>,
    /// By which run.
    pub run: Option<String>,
    /// Why, as a stable code.
    pub reason: Option<String>,
}

/// One mapped field of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldStory {
    /// As the store knows it.
    pub field: String,
    /// For people.
    pub label: String,
    /// The directory's attribute.
    pub attribute: &'static str,
    /// What it holds.
    pub value: Option<String>,
    /// The directory's value at the last reconciliation.
    pub base: Option<String>,
    /// What the directory holds, as far as it is known.
    pub directory: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
    /// Which policy keeps it so, in a sentence.
    pub kept_by: Option<&'static str>,
    /// The run that wrote it last, as far as the journal reaches.
    pub run: Option<String>,
}

/// Explains somebody; nothing where nothing is known of them. `invited` tells the address for which a
/// name of the directory stands, where it stands for one.
///
/// # Errors
///
/// Where store or state cannot be read.
pub fn explain(
    ports: Ports<'_>,
    prepared: &Prepared,
    source: &str,
    who: &Who,
    invited: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Explanation>, CallError> {
    let archive = Archive {
        ports,
        reconciled: Reconciled::load(ports.state, source, &prepared.settings)?.fields,
        source,
        settings: &prepared.settings,
        store: &prepared.store,
    };
    let mut explanations = Vec::new();
    for subject in archive.subjects(who, invited)? {
        explanations.extend(archive.explain(subject)?);
    }
    Ok(explanations)
}

/// Somebody to be explained. The user, the contact, or both are there.
struct Subject {
    user: Option<ObjectId>,
    contact: Option<Contact>,
    /// Under whom journal and notes are found.
    known_as: Who,
}

/// What is stored.
struct Archive<'a> {
    ports: Ports<'a>,
    source: &'a str,
    /// Fields of which the base of every link tells.
    reconciled: Vec<String>,
    settings: &'a Settings,
    store: &'a StoreDescription,
}

impl Archive<'_> {
    fn subjects(
        &self,
        who: &Who,
        invited: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Vec<Subject>, RunAbort> {
        match who {
            Who::User(user) => self.users(Set::from_iter([user.clone()]), Vec::new()),
            Who::Contact(contact) => Ok(vec![self.contact(contact)?]),
            Who::Address(address) => self.addressed(&spellings(address, invited)),
        }
    }

    /// Everybody with one of these addresses.
    fn addressed(&self, addresses: &[String]) -> Result<Vec<Subject>, RunAbort> {
        let contacts = self.look_up(Query {
            match_keys: addresses.to_vec(),
            ..Query::default()
        })?;
        let mut users = Set::from_iter(contacts.iter().filter_map(linked_user));
        for address in addresses {
            let who = Who::Address(address.clone());
            users.extend(self.notes(&who)?.into_iter().map(|note| note.object_id));
            users.extend(self.journal(&who)?.into_iter().map(|entry| entry.object_id));
        }
        self.users(users, contacts)
    }

    fn contact(&self, id: &ContactId) -> Result<Subject, RunAbort> {
        let known_as = Who::Contact(id.clone());
        let contact = self.look_up(Query {
            contacts: vec![id.clone()],
            ..Query::default()
        })?;
        let contact = contact.into_iter().next();
        let mut user = contact.as_ref().and_then(linked_user);
        if user.is_none() {
            let newest = self.journal(&known_as)?.into_iter().next();
            user = newest.map(|entry| entry.object_id);
        }
        if user.is_none() {
            let note = self.notes(&known_as)?.into_iter().next();
            user = note.map(|note| note.object_id);
        }
        Ok(Subject {
            user,
            contact,
            known_as,
        })
    }

    /// One subject for each user, and one for each of the contacts that belongs to none of them.
    fn users(
        &self,
        users: Set<ObjectId>,
        mut contacts: Vec<Contact>,
    ) -> Result<Vec<Subject>, RunAbort> {
        let users: Vec<_> = users.into_iter().take(PEOPLE).collect();
        let mut named: Map<&ObjectId, ContactId> = Map::new();
        for user in &users {
            let known_as = Who::User(user.clone());
            let noted = self.notes(&known_as)?.into_iter().next();
            let contact = match noted.and_then(|note| note.contact) {
                Some(contact) => Some(contact),
                None => self.newest_contact(&known_as)?,
            };
            named.extend(contact.map(|contact| (user, contact)));
        }
        let linked_or_named = self.look_up(Query {
            object_ids: users.clone(),
            contacts: named.values().cloned().collect(),
            ..Query::default()
        })?;
        for contact in linked_or_named {
            if !contacts.iter().any(|known| known.id == contact.id) {
                contacts.push(contact);
            }
        }
        ordered::sort_by(&mut contacts, |left, right| left.id.cmp(&right.id));
        let mut told: Set<ContactId> = Set::new();
        let mut subjects = Vec::new();
        for user in &users {
            let linked = |contact: &&Contact| linked_user(contact).as_ref() == Some(user);
            // Somebody else's contact is no part of the story.
            let free =
                |contact: &&Contact| contact.link.is_none() && named.get(user) == Some(&contact.id);
            let contact = contacts
                .iter()
                .find(linked)
                .or_else(|| contacts.iter().find(free));
            told.extend(contact.map(|contact| contact.id.clone()));
            subjects.push(Subject {
                user: Some(user.clone()),
                contact: contact.cloned(),
                known_as: Who::User(user.clone()),
            });
        }
        contacts.retain(|contact| !told.contains(&contact.id) && contact.link.is_none());
        subjects.extend(contacts.into_iter().map(|contact| Subject {
            user: None,
            known_as: Who::Contact(contact.id.clone()),
            contact: Some(contact),
        }));
        subjects.truncate(PEOPLE);
        Ok(subjects)
    }

    fn newest_contact(&self, who: &Who) -> Result<Option<ContactId>, RunAbort> {
        let newest = self.ports.store.journal(self.source, who, 1)?;
        Ok(newest.into_iter().next().map(|entry| entry.contact))
    }

    fn journal(&self, who: &Who) -> Result<Vec<JournalEntry>, RunAbort> {
        Ok(self.ports.store.journal(self.source, who, READ)?)
    }

    fn notes(&self, who: &Who) -> Result<Vec<Noted>, RunAbort> {
        Ok(self.ports.store.notes(self.source, who)?)
    }

    fn look_up(&self, query: Query) -> Result<Vec<Contact>, RunAbort> {
        let rows = &self.settings.rows;
        Ok(self.ports.store.lookup(&Query {
            source: self.source.to_owned(),
            fields: rows.iter().map(|row| row.field.clone()).collect(),
            ..query
        })?)
    }

    fn explain(&self, subject: Subject) -> Result<Option<Explanation>, RunAbort> {
        let Subject {
            user,
            contact,
            known_as,
        } = subject;
        let mut journal = self.journal(&known_as)?;
        let note = self.notes(&known_as)?.into_iter().next();
        let (ledger, staged, held) = match &user {
            Some(user) => (
                ledger::of_user(self.ports.state, user)?,
                Staged::load(self.ports.state, user)?,
                Held::load(self.ports.state, user)?,
            ),
            None => (None, None, None),
        };
        let known = contact.is_some()
            || !journal.is_empty()
            || note.is_some()
            || ledger.is_some()
            || staged.is_some()
            || held.is_some();
        if !known {
            return Ok(None);
        }
        let conflicts = match &user {
            Some(user) => conflicts::of_user(self.ports.state, self.settings, user)?,
            None => Vec::new(),
        };
        let linked = contact.as_ref().filter(|contact| contact.link.is_some());
        let link = linked.map(|contact| link_story(&journal, &contact.id));
        let fields = contact.as_ref().map_or_else(Vec::new, |contact| {
            self.fields(contact, &journal, held.as_ref(), &conflicts)
        });
        let contested: Vec<_> = fields
            .iter()
            .filter(|field| field.origin == Origin::Contested)
            .map(|field| format!("{}: {}", field.label, field.kept_by.unwrap_or_default()))
            .collect();
        let edited: Vec<_> = fields
            .iter()
            .filter(|field| field.origin == Origin::Local)
            .map(|field| field.label.as_str())
            .collect();
        let facts = Facts {
            contact: contact.as_ref(),
            linked: link.is_some(),
            journal: &journal,
            keeps_journal: self.store.journal,
            note: note.as_ref(),
            failing: ledger.as_ref().map(|entry| &entry.failing),
            staged: staged.as_ref(),
            held: held.as_ref(),
            edited: &edited,
        };
        let mut summary = tell(&facts, |field| self.label(field));
        summary.extend(contested);
        if let Some(user) = &user
            && org_contacts::is_known(self.ports.state, user)?
        {
            summary.insert(0, ORG_CONTACT.to_owned());
        }
        if let (Some(user), Some(rules)) = (&user, &self.settings.groups) {
            summary.extend(story(self.ports.state, rules, user)?);
        }
        if let Some(user) = &user {
            let given = Given::of(self.ports.state, std::iter::once(user))?;
            summary.extend(given.values().flat_map(given_story::tell));
        }
        journal.truncate(SHOWN);
        Ok(Some(Explanation {
            // Of somebody whom nobody knows yet there is no id.
            object_id: user.filter(|user| !is_stand_in(user)),
            active: contact.as_ref().map(|contact| contact.active),
            contact: contact.as_ref().map(|contact| contact.id.clone()),
            lists: contact.map_or_else(Vec::new, |contact| contact.lists),
            link,
            fields,
            note,
            ledger,
            journal,
            summary,
        }))
    }

    fn fields(
        &self,
        contact: &Contact,
        journal: &[JournalEntry],
        held: Option<&Held>,
        conflicts: &[Conflict],
    ) -> Vec<FieldStory> {
        let policies = &self.settings.policies;
        let of_contact: Vec<_> = journal
            .iter()
            .filter(|entry| entry.contact == contact.id)
            .collect();
        let is_held = |field: &str| match held.map(|held| &held.what) {
            Some(HeldBack::Update { fields, .. }) => fields.iter().any(|held| held == field),
            Some(HeldBack::Removal { .. } | HeldBack::Invitation) | None => false,
        };
        let story = |row: &Row| {
            let value = contact.field(&row.field);
            let base = Base::of(contact, &row.field, &self.reconciled);
            let conflict = conflicts.iter().find(|conflict| {
                let contested = &conflict.contested;
                contested.attribute == row.attribute && contested.contact.as_deref() == value
            });
            let (origin, kept_by) = match contact.link {
                Some(_) if conflict.is_some() => {
                    let decided = conflict.and_then(|conflict| conflict.decided);
                    (Origin::Contested, Some(contested(decided)))
                }
                Some(_) if value.is_some() && is_held(&row.field) => {
                    (Origin::of(value, base.value()), Some(HELD))
                }
                Some(_) => (
                    Origin::of(value, base.value()),
                    kept_by(row, value, base, policies),
                ),
                None => (from_history(value, &of_contact, &row.field), None),
            };
            let base = base.value();
            let writer = last_writer(journal, &contact.id, &row.field);
            FieldStory {
                field: row.field.clone(),
                label: row.label.clone(),
                attribute: row.attribute,
                value: value.map(str::to_owned),
                directory: match conflict {
                    Some(conflict) => conflict.contested.directory.clone(),
                    None => base.map(str::to_owned),
                },
                base: base.map(str::to_owned),
                origin,
                kept_by,
                run: writer.and_then(|writer| writer.run.clone()),
            }
        };
        self.settings.rows.iter().map(story).collect()
    }

    fn label(&self, field: &str) -> String {
        let rows = &self.settings.rows;
        let row = rows.iter().find(|row| row.field == field);
        row.map_or_else(|| field.to_owned(), |row| row.label.clone())
    }
}

/// What a contact may hold for somebody who is named so: the user name of a guest stands for the
/// address with which the guest was invited.
fn spellings(address: &str, invited: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let named = address.trim();
    let invited = invited(named).filter(|invited| invited != named);
    std::iter::once(named.to_owned()).chain(invited).collect()
}

fn linked_user(contact: &Contact) -> Option<ObjectId> {
    contact.link.as_ref().map(|link| link.object_id.clone())
}

fn link_story(journal: &[JournalEntry], contact: &ContactId) -> LinkStory {
    linked_by(journal, contact).map_or_else(LinkStory::default, |entry| LinkStory {
        at: Some(entry.at),
        run: entry.run.clone(),
        reason: Some(entry.reason.clone()),
    })
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
