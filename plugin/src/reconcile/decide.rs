//! Policies on top of correlation and merge: one decision for each element of a page.

use crate::config::settings::{Disabled, Existing, Policies, Removing};
use crate::contact::{
    Blanking, Contact, Create, Evidence, Field, LinkContact, Membership, ObjectId, Removal,
    RemovalKind, Update,
};
use crate::graph::user::Tombstone;
use crate::mapping::person::{Person, Scope, Stated, WantedLists};
use crate::mapping::rows::Row;

use super::correlate::Correlation;
use super::decision::{Action, Addition, Decision};
use super::merge::{Merged, Occasion, merge};
use super::reason::Reason;

/// What decisions are made by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The mapping's rows.
    pub rows: &'a [Row],
    /// The product's behaviour.
    pub policies: &'a Policies,
}

/// What asking for one user by id has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The user is there.
    Present,
    /// Not among the users; among the deleted items.
    Deleted,
    /// Neither among the users nor among the deleted items.
    Nowhere,
    /// The question was not answered; the code says why. Nobody is removed for that.
    Unknown(String),
}

impl Rules<'_> {
    /// Decides about a person who is in the directory.
    #[must_use]
    pub fn live(&self, person: &Person, correlation: Correlation<'_>) -> Decision {
        let mut decision = match correlation {
            Correlation::Linked(contact) => self.linked(person, contact),
            unlinked => match self.turned_away(person) {
                Some((reason, contact)) => skip(person, reason, contact),
                None => self.unlinked(person, unlinked),
            },
        };
        if !matches!(
            decision.reason,
            Reason::OutOfScope | Reason::AccountDisabled | Reason::NotWritten
        ) {
            decision.missing = missing(
                &person.fields,
                matches!(correlation, Correlation::Linked(_)),
            );
        }
        decision
    }

    /// Decides about a user whom the change feed says is gone.
    #[must_use]
    pub fn gone(
        &self,
        user: &ObjectId,
        tombstone: Tombstone,
        linked: Option<&Contact>,
    ) -> Decision {
        let evidence = match tombstone {
            Tombstone::Soft => Evidence::DeletedSoft,
            Tombstone::Permanent => Evidence::DeletedPermanently,
        };
        match linked {
            Some(contact) => take_away(
                user,
                contact,
                self.policies.removed,
                evidence,
                Reason::Deleted,
            ),
            None => Decision::plain(user.clone(), Action::Skip(None), Reason::NotLinked),
        }
    }

    /// Decides about a linked user whom a complete round did not show, and who was then asked for.
    #[must_use]
    pub fn unseen(&self, user: &ObjectId, contact: &Contact, finding: Finding) -> Decision {
        let evidence = match finding {
            Finding::Deleted => Evidence::FoundInDeletedItems,
            Finding::Nowhere => Evidence::NotFoundAnywhere,
            Finding::Present => {
                return Decision::plain(
                    user.clone(),
                    Action::Leave(contact.id.clone()),
                    Reason::StillPresent,
                );
            }
            Finding::Unknown(code) => return fail(user, None, code),
        };
        take_away(
            user,
            contact,
            self.policies.removed,
            evidence,
            Reason::Deleted,
        )
    }

    fn linked(&self, person: &Person, contact: &Contact) -> Decision {
        if let Scope::Outside {
            clause,
            stated: true,
        } = &person.scope
        {
            let evidence = Evidence::LeftScope(clause.clone());
            return take_away(
                &person.object_id,
                contact,
                self.policies.left_scope,
                evidence,
                Reason::OutOfScope,
            );
        }
        if self.policies.disabled == Disabled::Deactivate && person.enabled == Some(false) {
            let evidence = Evidence::AccountDisabled;
            return take_away(
                &person.object_id,
                contact,
                Removing::Deactivate,
                evidence,
                Reason::AccountDisabled,
            );
        }
        if let Some(invalid) = &person.invalid {
            return fail(
                &person.object_id,
                invalid.field.clone(),
                invalid.code.to_owned(),
            );
        }
        self.bring_up_to_date(person, contact)
    }

    fn bring_up_to_date(&self, person: &Person, contact: &Contact) -> Decision {
        let reactivate = self.becomes_active(person, contact);
        let leave = |reason| {
            Decision::plain(
                person.object_id.clone(),
                Action::Leave(contact.id.clone()),
                reason,
            )
        };
        if !self.policies.update && !reactivate {
            return leave(Reason::UpdatesOff);
        }
        let merged = if self.policies.update {
            merge(
                self.rows,
                &person.fields,
                contact,
                self.policies.conflict,
                Occasion::Linked,
            )
        } else {
            Merged::default()
        };
        // Who is inactive is on no list, and stays so until active again.
        let membership = if contact.active || reactivate {
            membership(&person.lists, contact)
        } else {
            Membership::default()
        };
        let adds =
            !merged.writes.is_empty() || merged.save_base || !membership.is_empty() || reactivate;
        if !adds && merged.blanks.is_empty() {
            return leave(Reason::InStep);
        }
        let reason = if reactivate {
            Reason::ActiveAgain
        } else {
            Reason::DirectoryChanged
        };
        let fields = merged.changes(contact);
        let save_base = merged.save_base || !merged.writes.is_empty();
        let update = Update {
            contact: contact.precondition(),
            object_id: person.object_id.clone(),
            writes: merged.writes,
            base: save_base.then_some(merged.base),
            membership,
            reactivate,
        };
        let action = if adds {
            Action::Add(Addition::Update(update))
        } else {
            Action::Wait
        };
        Decision {
            blanking: blanking(person, contact, merged.blanks),
            fields,
            overruled: merged.overruled,
            ..Decision::plain(person.object_id.clone(), action, reason)
        }
    }

    /// Why a person without a linked contact gets none, if so.
    fn turned_away(&self, person: &Person) -> Option<(Reason, Option<crate::contact::ContactId>)> {
        if matches!(person.scope, Scope::Outside { .. }) {
            return Some((Reason::OutOfScope, None));
        }
        let enabled_only = matches!(
            self.policies.disabled,
            Disabled::NotCreated | Disabled::Deactivate
        );
        if enabled_only && person.enabled == Some(false) {
            return Some((Reason::AccountDisabled, None));
        }
        None
    }

    fn unlinked(&self, person: &Person, correlation: Correlation<'_>) -> Decision {
        if let Some(invalid) = &person.invalid {
            return fail(
                &person.object_id,
                invalid.field.clone(),
                invalid.code.to_owned(),
            );
        }
        match correlation {
            Correlation::Ambiguous => skip(person, Reason::AddressAmbiguous, None),
            Correlation::Matching(contact) if self.policies.existing == Existing::Skip => {
                skip(person, Reason::AddressExists, Some(contact.id.clone()))
            }
            Correlation::Matching(contact) => self.link(person, contact),
            Correlation::Nobody | Correlation::Linked(_) => self.create(person),
        }
    }

    fn create(&self, person: &Person) -> Decision {
        let filled = |position: usize| person.fields.get(position).and_then(Stated::value_for_new);
        if self.lacks_mandatory(filled) {
            return skip(person, Reason::MissingMandatory, None);
        }
        let values: Vec<Field> = self
            .rows
            .iter()
            .zip(&person.fields)
            .filter_map(|(row, stated)| {
                let value = stated.value_for_new()?.to_owned();
                Some(Field {
                    name: row.field.clone(),
                    value,
                })
            })
            .collect();
        let create = Create {
            object_id: person.object_id.clone(),
            base: values.clone(),
            fields: values,
            active: true,
            lists: match &person.lists {
                WantedLists::Unstated => Vec::new(),
                WantedLists::Exactly(lists) => lists.clone(),
            },
        };
        Decision::plain(
            person.object_id.clone(),
            Action::Add(Addition::Create(create)),
            Reason::NewUser,
        )
    }

    fn link(&self, person: &Person, contact: &Contact) -> Decision {
        let filled = |position: usize| {
            let local = self
                .rows
                .get(position)
                .and_then(|row| contact.field(&row.field));
            person
                .fields
                .get(position)
                .and_then(Stated::value_for_new)
                .or(local)
        };
        if self.lacks_mandatory(filled) {
            return skip(person, Reason::MissingMandatory, Some(contact.id.clone()));
        }
        let merged = merge(
            self.rows,
            &person.fields,
            contact,
            self.policies.conflict,
            Occasion::Linking,
        );
        let fields = merged.changes(contact);
        let link = LinkContact {
            contact: contact.precondition(),
            object_id: person.object_id.clone(),
            writes: merged.writes,
            base: merged.base,
            membership: membership(&person.lists, contact),
            reactivate: self.becomes_active(person, contact),
        };
        Decision {
            fields,
            ..Decision::plain(
                person.object_id.clone(),
                Action::Add(Addition::Link(link)),
                Reason::MatchedByAddress,
            )
        }
    }

    fn lacks_mandatory<'v>(&self, filled: impl Fn(usize) -> Option<&'v str>) -> bool {
        self.rows
            .iter()
            .enumerate()
            .any(|(position, row)| row.mandatory && filled(position).is_none())
    }

    /// A contact becomes active again only under policies that make contacts inactive: elsewhere the
    /// flag is the host's own.
    fn becomes_active(&self, person: &Person, contact: &Contact) -> bool {
        let policies = self.policies;
        let by_account = policies.disabled == Disabled::Deactivate;
        let by_removal =
            policies.removed == Removing::Deactivate || policies.left_scope == Removing::Deactivate;
        !contact.active
            && (by_account || by_removal)
            && (!by_account || person.enabled == Some(true))
    }
}

/// A removal, where policy removes and there is still something to take away.
fn take_away(
    user: &ObjectId,
    contact: &Contact,
    removing: Removing,
    evidence: Evidence,
    reason: Reason,
) -> Decision {
    let Some(kind) = removing.kind() else {
        return Decision::plain(
            user.clone(),
            Action::Skip(Some(contact.id.clone())),
            Reason::KeptByPolicy,
        );
    };
    if kind == RemovalKind::Deactivate && !contact.active {
        return Decision::plain(
            user.clone(),
            Action::Leave(contact.id.clone()),
            Reason::AlreadyInactive,
        );
    }
    let removal = Removal {
        contact: contact.precondition(),
        object_id: user.clone(),
        kind,
        evidence,
    };
    Decision::plain(user.clone(), Action::Remove(removal), reason)
}

fn blanking(person: &Person, contact: &Contact, fields: Vec<Field>) -> Option<Blanking> {
    (!fields.is_empty()).then(|| Blanking {
        contact: contact.precondition(),
        object_id: person.object_id.clone(),
        fields,
    })
}

fn skip(person: &Person, reason: Reason, contact: Option<crate::contact::ContactId>) -> Decision {
    Decision::plain(person.object_id.clone(), Action::Skip(contact), reason)
}

fn fail(user: &ObjectId, field: Option<String>, code: String) -> Decision {
    Decision::plain(
        user.clone(),
        Action::Fail { field, code },
        Reason::NotWritten,
    )
}

/// Rows without a value. What the page does not state says nothing about a contact that is linked;
/// of somebody new it says that there is nothing.
fn missing(fields: &[Stated], linked: bool) -> Vec<usize> {
    let lacking = |stated: &Stated| match stated {
        Stated::Empty => true,
        Stated::Unstated => !linked,
        Stated::Value(_) | Stated::Assumed(_) => false,
    };
    fields
        .iter()
        .enumerate()
        .filter(|(_, stated)| lacking(stated))
        .map(|(position, _)| position)
        .collect()
}

/// Lists to join and leave, so that the contact is on the wanted ones and on no other of ours.
fn membership(wanted: &WantedLists, contact: &Contact) -> Membership {
    let WantedLists::Exactly(wanted) = wanted else {
        return Membership::default();
    };
    let mut leave: Vec<_> = contact
        .lists
        .iter()
        .filter(|name| !wanted.iter().any(|list| list.name == **name))
        .cloned()
        .collect();
    leave.sort_unstable();
    Membership {
        join: wanted
            .iter()
            .filter(|list| !contact.lists.contains(&list.name))
            .cloned()
            .collect(),
        leave,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
