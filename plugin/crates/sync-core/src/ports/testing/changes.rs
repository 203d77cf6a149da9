//! How the store in memory performs changes, and takes them back.

use crate::contact::{
    Change, Contact, ContactId, Effect, Evidence, Field, FieldWrite, Link, Membership, ObjectId,
    Reasoned, RemovalKind, Reversal,
};
use crate::ports::{Clock as _, Conflict, FieldChange, JournalEntry, Outcome, Timestamp};

use super::{Done, Memory};

impl Memory {
    pub(super) fn perform(
        &self,
        run: Option<&str>,
        Reasoned { change, reason }: Reasoned,
    ) -> Outcome {
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
        let once = self.conflicts_once.borrow().clone();
        if let Some((_, outcome)) = once.filter(|(contact, _)| *contact == id) {
            self.conflicts_once.replace(None);
            return outcome;
        }
        let before = self.contacts.borrow().get(&id).cloned();
        let user = change.object_id().clone();
        let evidence = match &change {
            Change::Remove(removal) => Some(removal.evidence.clone()),
            _ => None,
        };
        let directory = match &change {
            Change::Update(update) => update.directory.clone(),
            Change::Revert(reversal) => reversal.directory.clone(),
            _ => Vec::new(),
        };
        let after = match self.after(&id, before.clone(), change) {
            Ok(after) => after,
            Err(conflict) => return Outcome::Conflict(conflict),
        };
        let version = self.version();
        let after = after.map(|contact| Contact { version, ..contact });
        let mut entry = journal_entry(before.as_ref(), after.as_ref());
        entry.evidence = evidence;
        entry.directory = directory;
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
            after: after.clone(),
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
                former: None,
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
                contact.former = None;
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
                    RemovalKind::Unlink => {
                        contact.former = contact.link.take().map(|link| link.object_id);
                    }
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
        let was_there = now.is_some();
        let mut contact = now.or_else(deleted).ok_or(Conflict::Gone)?;
        let left = newest.after.as_ref().filter(|_| was_there);
        write(&mut contact.fields, &reversal.writes);
        let mut link = then.link.clone();
        let mut entries = reversal.entries.iter().map(done);
        let broken =
            entries.any(|done| matches!(done.entry.effect, Effect::Unlink | Effect::Delete));
        if let (Some(link), Some(now), false) = (&mut link, &contact.link, broken) {
            let mut base = now.base.clone();
            for put_back in &reversal.writes {
                let value = then.base(&put_back.name).map(str::to_owned);
                let name = put_back.name.clone();
                write(&mut base, &[FieldWrite { name, value }]);
            }
            for given in reversal.directory.iter().filter(|given| given.answered) {
                let (name, value) = (given.field.clone(), given.change.after.clone());
                write(&mut base, &[FieldWrite { name, value }]);
            }
            link.base = base;
        }
        // A part that is no longer as it was left stays as it is.
        let (was_active, was_linked) = (contact.active, contact.link.is_some());
        if left.is_none_or(|left| left.active == contact.active) {
            contact.active = then.active;
        }
        contact.former = then.former.clone().filter(|_| link.is_none());
        contact.link = link;
        let taken_off = (was_active && !contact.active) || (was_linked && contact.link.is_none());
        let joins = then.lists.iter().any(|list| !contact.lists.contains(list));
        let untouched = !was_there || version == newest.entry.version;
        let may_join = untouched || (contact.active && contact.link.is_some());
        if taken_off {
            contact.lists.clear();
        } else if left.is_none_or(|left| left.lists == contact.lists) && (may_join || !joins) {
            contact.lists.clone_from(&then.lists);
        }
        Ok(Some(contact))
    }
}

pub(super) fn write(fields: &mut Vec<Field>, writes: &[FieldWrite]) {
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
    let nothing = Contact {
        fields: Vec::new(),
        ..before.or(after).expect("a change is of a contact").clone()
    };
    let fields = field_changes(before.unwrap_or(&nothing), after.unwrap_or(&nothing));
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
        directory: Vec::new(),
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
