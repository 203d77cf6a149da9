//! What a change comes to: what is asked of the service, and what the contact is to be afterwards. Pure
//! functions of the change and of the contact as it is.

use std::collections::BTreeSet;

use contact_identity::list;

use crate::contract::{
    Applied, Conflict, ContactList, Create, Effect, FieldWrite, LinkContact, Membership, Outcome,
    Precondition, Refusal, Removal, RemovalKind, Update,
};
use crate::destination::{Capabilities, RemoteListId, Tie};
use crate::known::{Known, as_values};
use crate::records::{ContactRecord, LinkRecord, Operation, Request, StoredEvidence, effect_name};
use crate::rules;

/// Where a change is decided.
pub(crate) struct Scene<'s> {
    pub(crate) capabilities: &'s Capabilities,
    pub(crate) source: &'s str,
    pub(crate) run: Option<&'s str>,
    pub(crate) at_ms: u64,
    /// The number that a link made by this change gets.
    pub(crate) link_number: u64,
}

/// A change that is to be performed, but for the lists: their ids are known once those that are new are made.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) operation: Operation,
    pub(crate) lists: Lists,
}

/// The lists of the source that a contact is to be on.
#[derive(Clone, Debug)]
pub(crate) enum Lists {
    /// Those it is on, without some and with some.
    Moved {
        join: Vec<ContactList>,
        leave: Vec<String>,
    },
    /// These.
    Exactly(BTreeSet<RemoteListId>),
}

/// Why a change is not performed.
pub(crate) type Not = Outcome;

pub(crate) fn conflict(conflict: Conflict) -> Not {
    Outcome::Conflict(conflict)
}

pub(crate) fn refused(refusal: Refusal) -> Not {
    Outcome::Refused(refusal)
}

/// The outcome of a change that was performed.
pub(crate) fn applied(contact: &str, version: u64) -> Outcome {
    Outcome::Applied(Applied {
        contact: contact.to_owned(),
        version,
    })
}

impl Scene<'_> {
    /// A new contact. `is_linked`: the user has one, or may be getting one.
    pub(crate) fn create(&self, create: &Create, is_linked: bool) -> Result<Decided, Not> {
        rules::accept_object_id(&create.object_id).map_err(refused)?;
        rules::accept_new(self.capabilities, &create.fields).map_err(refused)?;
        rules::accept_lists(self.capabilities, &create.lists).map_err(refused)?;
        rules::accept_base(&create.base).map_err(refused)?;
        if !create.active {
            self.may_be_inactive()?;
        }
        if is_linked {
            return Err(conflict(Conflict::Linked));
        }
        let mut after = ContactRecord {
            writes: 1,
            fields: as_values(&create.fields),
            active: create.active,
            ..ContactRecord::default()
        };
        self.link_up(&mut after, &create.object_id, as_values(&create.base));
        let effect = (
            Effect::Create,
            create.object_id.as_str(),
            create.reason.as_str(),
        );
        let mut operation = self.operation(effect, None, Some(after));
        operation.request = Request::Create;
        Ok(Decided {
            operation,
            lists: Lists::Moved {
                join: create.lists.clone(),
                leave: Vec::new(),
            },
        })
    }

    pub(crate) fn update(&self, update: &Update, known: Option<&Known>) -> Result<Decided, Not> {
        self.accept(&update.writes, &update.membership, update.active)?;
        rules::accept_base(update.base.as_deref().unwrap_or_default()).map_err(refused)?;
        let known = self.linked(&update.contact, &update.object_id, known)?;
        let mut after = written(known, &update.writes);
        after.active |= update.active == Some(true);
        if let (Some(base), Some(link)) = (&update.base, after.links.get_mut(self.source)) {
            link.base = as_values(base);
        }
        let effect = if after.active == known.record.active {
            Effect::Update
        } else {
            Effect::Reactivate
        };
        let what = (effect, update.object_id.as_str(), update.reason.as_str());
        let mut decided = self.of_contact(what, known, after, moved(&update.membership));
        decided.operation.given = update.directory.iter().map(Into::into).collect();
        Ok(decided)
    }

    /// `is_linked`: the user has a contact, or may be getting one.
    pub(crate) fn link(
        &self,
        link: &LinkContact,
        known: Option<&Known>,
        is_linked: bool,
    ) -> Result<Decided, Not> {
        rules::accept_object_id(&link.object_id).map_err(refused)?;
        self.accept(&link.writes, &link.membership, link.active)?;
        rules::accept_base(&link.base).map_err(refused)?;
        let known = known.ok_or_else(|| conflict(Conflict::Gone))?;
        if known.record.user(self.source).is_some() || is_linked {
            return Err(conflict(Conflict::Linked));
        }
        at_version(known, &link.contact)?;
        let mut after = written(known, &link.writes);
        after.active |= link.active == Some(true);
        self.link_up(&mut after, &link.object_id, as_values(&link.base));
        let what = (Effect::Link, link.object_id.as_str(), link.reason.as_str());
        Ok(self.of_contact(what, known, after, moved(&link.membership)))
    }

    pub(crate) fn remove(&self, removal: &Removal, known: Option<&Known>) -> Result<Decided, Not> {
        let known = self.linked(&removal.contact, &removal.object_id, known)?;
        let mut after = known.record.clone();
        after.writes += 1;
        let effect = match removal.kind {
            RemovalKind::Unlink => {
                self.unlink(&mut after);
                Effect::Unlink
            }
            RemovalKind::Deactivate => {
                self.may_be_inactive()?;
                after.active = false;
                Effect::Deactivate
            }
            RemovalKind::Delete => Effect::Delete,
        };
        let what = (effect, removal.object_id.as_str(), removal.reason.as_str());
        let mut decided = if effect == Effect::Delete {
            self.deleted(what, known)
        } else {
            self.of_contact(what, known, after, Lists::Exactly(BTreeSet::new()))
        };
        decided.operation.evidence = Some(StoredEvidence::from(&removal.evidence));
        Ok(decided)
    }

    /// What a contact that is there is to be. What does not differ from what is there is not sent.
    pub(crate) fn of_contact(
        &self,
        what: (Effect, &str, &str),
        known: &Known,
        after: ContactRecord,
        lists: Lists,
    ) -> Decided {
        let before = &known.record;
        let names: BTreeSet<_> = before.fields.keys().chain(after.fields.keys()).collect();
        let writes: Vec<_> = names
            .into_iter()
            .filter(|name| before.fields.get(*name) != after.fields.get(*name))
            .map(|name| (name.clone(), after.fields.get(name).cloned()))
            .collect();
        let active = (before.active != after.active).then_some(after.active);
        let tie = new_tie(known, &after);
        let mut operation = self.operation(what, Some(known), Some(after));
        if !writes.is_empty() || active.is_some() || tie.is_some() {
            operation.request = Request::Write {
                writes,
                active,
                tie,
            };
        }
        Decided { operation, lists }
    }

    pub(crate) fn deleted(&self, what: (Effect, &str, &str), known: &Known) -> Decided {
        let mut operation = self.operation(what, Some(known), None);
        operation.request = Request::Delete;
        Decided {
            operation,
            lists: Lists::Exactly(BTreeSet::new()),
        }
    }

    pub(crate) fn operation(
        &self,
        (effect, user, reason): (Effect, &str, &str),
        known: Option<&Known>,
        after: Option<ContactRecord>,
    ) -> Operation {
        Operation {
            source: self.source.to_owned(),
            run: self.run.map(str::to_owned),
            user: user.to_owned(),
            effect: effect_name(effect),
            reason: reason.to_owned(),
            evidence: None,
            at_ms: self.at_ms,
            contact: known.map(|known| known.id.clone()),
            before: known.map(|known| known.record.clone()),
            after,
            request: Request::Nothing,
            given: Vec::new(),
            add: BTreeSet::new(),
            remove: BTreeSet::new(),
        }
    }

    /// Ties a contact to a user.
    pub(crate) fn link_up(
        &self,
        contact: &mut ContactRecord,
        user: &str,
        base: crate::records::Values,
    ) {
        let link = LinkRecord {
            user: user.to_owned(),
            base,
            number: self.link_number,
        };
        contact.links.insert(self.source.to_owned(), link);
        contact.formers.remove(self.source);
    }

    fn unlink(&self, contact: &mut ContactRecord) {
        if let Some(link) = contact.links.remove(self.source) {
            contact.formers.insert(self.source.to_owned(), link.user);
        }
    }

    fn accept(
        &self,
        writes: &[FieldWrite],
        membership: &Membership,
        active: Option<bool>,
    ) -> Result<(), Not> {
        rules::accept_writes(self.capabilities, writes).map_err(refused)?;
        rules::accept_lists(self.capabilities, &membership.join).map_err(refused)?;
        rules::accept_active(active).map_err(refused)
    }

    pub(crate) fn may_be_inactive(&self) -> Result<(), Not> {
        if self.capabilities.deactivates {
            Ok(())
        } else {
            Err(refused(rules::refusal(None, "cannot-deactivate")))
        }
    }

    /// The contact of a change that is only right while it is linked to the user. One that has lost its link has
    /// been written since the change was decided.
    fn linked<'k>(
        &self,
        expected: &Precondition,
        user: &str,
        known: Option<&'k Known>,
    ) -> Result<&'k Known, Not> {
        let known = known.ok_or_else(|| conflict(Conflict::Gone))?;
        match known.record.user(self.source) {
            Some(linked) if linked != user => Err(conflict(Conflict::Linked)),
            Some(_) => at_version(known, expected).map(|()| known),
            None => Err(conflict(Conflict::Version)),
        }
    }
}

pub(crate) fn at_version(known: &Known, expected: &Precondition) -> Result<(), Not> {
    if known.version() == expected.version {
        Ok(())
    } else {
        Err(conflict(Conflict::Version))
    }
}

/// The contact with other values.
pub(crate) fn written(known: &Known, writes: &[FieldWrite]) -> ContactRecord {
    let mut after = known.record.clone();
    after.writes += 1;
    for FieldWrite { name, value } in writes {
        match value {
            Some(value) => after.fields.insert(name.clone(), value.clone()),
            None => after.fields.remove(name),
        };
    }
    after
}

fn moved(membership: &Membership) -> Lists {
    Lists::Moved {
        join: membership.join.clone(),
        leave: membership.leave.clone(),
    }
}

/// The user to leave at a record, where that changes. A hint that others left there stays.
fn new_tie(known: &Known, after: &ContactRecord) -> Option<Option<(String, String)>> {
    let is_of = |contact: &ContactRecord, tie: &Tie| {
        contact.user(&tie.source) == Some(tie.object_id.as_str())
    };
    let first = || {
        let mut links = after.links.iter();
        links
            .next()
            .map(|(source, link)| (source.clone(), link.user.clone()))
    };
    match &known.remote.tie {
        Some(tie) if is_of(after, tie) => None,
        // Ours until now, and not any more.
        Some(tie) if is_of(&known.record, tie) => Some(first()),
        Some(_) => None,
        None => first().map(Some),
    }
}

impl Decided {
    /// What of the lists is asked of the service, once all of them have ids. `id_of` gives the id of a list by a
    /// name, `name_of` the name of an id.
    pub(crate) fn with_lists(
        mut self,
        id_of: impl Fn(&str) -> Option<RemoteListId>,
        name_of: impl Fn(&str) -> Option<String>,
    ) -> Operation {
        let source = self.operation.source.clone();
        let Some(after) = &mut self.operation.after else {
            return self.operation;
        };
        let now = after.lists_of(&source);
        let target = match self.lists {
            Lists::Exactly(lists) => lists,
            Lists::Moved { join, leave } => {
                let is_left = |id: &RemoteListId| {
                    name_of(id)
                        .is_some_and(|name| leave.iter().any(|left| list::is_same(left, &name)))
                };
                // A list that is named in both is one that the contact is to be on.
                let mut target: BTreeSet<_> =
                    now.iter().filter(|id| !is_left(id)).cloned().collect();
                target.extend(join.iter().filter_map(|list| id_of(&list.name)));
                target
            }
        };
        let is_there_anyhow = |list: &RemoteListId| {
            after.is_on_for_another(&source, list) || after.others.contains(list)
        };
        let (mut add, remove): (BTreeSet<_>, BTreeSet<_>) = (
            (&target - &now)
                .into_iter()
                .filter(|list| !is_there_anyhow(list))
                .collect(),
            (&now - &target)
                .into_iter()
                .filter(|list| !is_there_anyhow(list))
                .collect(),
        );
        after.set_lists(&source, target);
        if self.operation.request == Request::Create {
            // A record that is made is on no list, whoever had it there before.
            add.extend(after.lists.values().flatten().cloned());
            add.extend(after.others.iter().cloned());
        }
        self.operation.add = add;
        self.operation.remove = remove;
        self.operation
    }
}
