//! Policies on top of correlation and merge: one decision for each element of a page.

use crate::contact::AttributeChange;
use crate::contact::Tombstone;
use crate::contact::{
    Contact, ContactId, Create, Evidence, Field, LinkContact, ObjectId, Removal, RemovalKind,
    StagedUpdate, Update,
};
use crate::mapping::person::{Asked, Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::Row;
use crate::settings::{Agents, Disabled, Existing, Policies, Removing};
use guest_kit::ordered::Map;

use super::activity::MadeInactive;
use super::asking::Answer;
use super::correlate::Correlation;
use super::decision::{Action, Addition, Decision, Withheld};
use super::finding::Finding;
use super::membership::{memberships, off_all_lists};
use super::merge::{Merged, Occasion, merge};
use super::reason::Reason;

/// The clause of the scope that the kind of a person is: the setting that takes organisational contacts.
pub const ORG_CONTACTS: &str = "organizationalContacts";

/// What decisions are made by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The mapping's rows.
    pub rows: &'a [Row],
    /// The product's behaviour.
    pub policies: &'a Policies,
    /// Fields of which the base of every link tells, see [`Occasion::Linked`].
    pub reconciled: &'a [String],
    /// Attributes that the application is not permitted to write.
    pub not_permitted: &'a [&'static str],
    /// Of inactive contacts, who made them so, where that is known.
    pub inactive: &'a Map<ContactId, MadeInactive>,
    /// What people decided about values that both sides had edited.
    pub answers: &'a Map<ObjectId, Vec<Answer>>,
}

/// What becomes of a contact's active flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    /// It stays as it is.
    Stays,
    /// It becomes active again.
    Returns,
    /// It stays inactive, and nothing tells why.
    LeftInactive,
}

/// No inactive contact of whom anything is known.
static NOBODY: Map<ContactId, MadeInactive> = Map::new();
/// Nothing was decided.
static NO_ANSWERS: Map<ObjectId, Vec<Answer>> = Map::new();

impl<'a> Rules<'a> {
    /// Rules that know of nothing that was done before.
    #[must_use]
    pub fn new(rows: &'a [Row], policies: &'a Policies) -> Self {
        Self {
            rows,
            policies,
            reconciled: &[],
            not_permitted: &[],
            inactive: &NOBODY,
            answers: &NO_ANSWERS,
        }
    }
}

impl Rules<'_> {
    /// Decides about a person who is in the directory.
    #[must_use]
    pub fn live(&self, person: &Person, correlation: Correlation<'_>) -> Decision {
        let mut decision = match correlation {
            found if self.leaves_out(person) => {
                let contact = match found {
                    Correlation::Linked(contact) => Some(contact.id.clone()),
                    _ => None,
                };
                skip(person, Reason::Agent, contact)
            }
            Correlation::Linked(contact) => self.linked(person, contact),
            unlinked => match self.turned_away(person) {
                Some(reason) => skip(person, reason, None),
                None => self.unlinked(person, unlinked),
            },
        };
        if !matches!(
            decision.reason,
            Reason::OutOfScope
                | Reason::Unlicensed
                | Reason::AccountDisabled
                | Reason::Agent
                | Reason::NotWritten
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
                    Action::Leave(contact.precondition()),
                    Reason::StillPresent,
                );
            }
            Finding::InvitedLately => {
                return Decision::plain(
                    user.clone(),
                    Action::Leave(contact.precondition()),
                    Reason::InvitedLately,
                );
            }
            Finding::OtherKind => {
                return take_away(
                    user,
                    contact,
                    self.policies.left_scope,
                    Evidence::LeftScope(ORG_CONTACTS.to_owned()),
                    Reason::OutOfScope,
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

    /// Whether nothing is done about a person because the account is an AI agent's. That takes nothing
    /// away either: a contact that was linked before stays as it is.
    fn leaves_out(&self, person: &Person) -> bool {
        person.is_agent && self.policies.agents == Agents::Skip
    }

    fn linked(&self, person: &Person, contact: &Contact) -> Decision {
        if let Scope::Outside {
            clause,
            stated: true,
            asked,
        } = &person.scope
        {
            let evidence = Evidence::LeftScope(clause.clone());
            return take_away(
                &person.object_id,
                contact,
                self.policies.left_scope,
                evidence,
                left_out(*asked),
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
        if self.policies.disabled == Disabled::NotCreated && person.enabled == Some(false) {
            return Decision::plain(
                person.object_id.clone(),
                Action::Leave(contact.precondition()),
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
        let activity = self.activity(person, contact);
        let reactivate = activity == Activity::Returns;
        let left_inactive = activity == Activity::LeftInactive;
        let leave = |reason| Decision {
            left_inactive,
            ..Decision::plain(
                person.object_id.clone(),
                Action::Leave(contact.precondition()),
                reason,
            )
        };
        if !self.policies.update && !reactivate {
            return leave(Reason::UpdatesOff);
        }
        let mut merged = if self.policies.update {
            merge(
                self.rows,
                &person.fields,
                contact,
                self.policies.conflict,
                Occasion::Linked {
                    reconciled: self.reconciled,
                },
            )
        } else {
            Merged::default()
        };
        if !merged.asked.is_empty() {
            let directory_alone = is_mastered_elsewhere(person);
            for asked in &mut merged.asked {
                asked.directory_alone = directory_alone;
            }
            let answers = self.answers.get(&person.object_id);
            merged.answer(self.rows, contact, answers.map_or(&[], Vec::as_slice));
        }
        let withheld = self.withhold(person, &mut merged);
        let membership = memberships(person, contact, reactivate);
        let adds =
            !merged.writes.is_empty() || merged.save_base || !membership.is_empty() || reactivate;
        if !adds && merged.blanks.is_empty() && merged.gives.is_empty() {
            let is_open = merged.asked.iter().any(|asked| asked.answer.is_none());
            let reason = match is_open {
                true => Reason::Undecided,
                false => Reason::InStep,
            };
            return Decision {
                withheld,
                asked: merged.asked,
                ..leave(reason)
            };
        }
        let fields = merged.changes(contact);
        let reason = if reactivate {
            Reason::ActiveAgain
        } else if !fields.is_empty() {
            Reason::DirectoryChanged
        } else if !merged.gives.is_empty() {
            Reason::ContactChanged
        } else if membership.is_empty() {
            Reason::BaseOnly
        } else if contact.active {
            Reason::ListsChanged
        } else {
            Reason::AlreadyInactive
        };
        let save_base = merged.save_base || !merged.writes.is_empty();
        let update = Update {
            contact: contact.precondition(),
            object_id: person.object_id.clone(),
            writes: merged.writes,
            base: save_base.then_some(merged.base),
            membership,
            reactivate,
            directory: Vec::new(),
        };
        let action = if adds {
            Action::Add(Addition::Update(update))
        } else {
            Action::Wait
        };
        Decision {
            staged: staged_update(person, contact, merged.blanks, merged.gives),
            fields,
            overruled: merged.overruled,
            prevailing: merged.prevailing,
            asked: merged.asked,
            withheld,
            left_inactive,
            ..Decision::plain(person.object_id.clone(), action, reason)
        }
    }

    /// Takes out what the directory cannot be given. Both sides then stay as they are.
    fn withhold(&self, person: &Person, merged: &mut Merged) -> Vec<(usize, Withheld)> {
        if merged.gives.is_empty() {
            return Vec::new();
        }
        let why = |attribute: &str| {
            if is_mastered_elsewhere(person) {
                Some(Withheld::MasteredElsewhere)
            } else if self.not_permitted.contains(&attribute) {
                Some(Withheld::NotPermitted)
            } else {
                None
            }
        };
        let mut withheld = Vec::new();
        for give in &merged.gives {
            let is_its =
                |row: &Row| row.attribute == give.attribute && row.direction.writes_directory();
            let position = self.rows.iter().position(is_its);
            withheld.extend(position.zip(why(&give.attribute)));
        }
        merged.gives.retain(|give| why(&give.attribute).is_none());
        let is_withheld = |row: usize| withheld.iter().any(|(position, _)| *position == row);
        merged.prevailing.retain(|position| !is_withheld(*position));
        withheld
    }

    /// Why a person without a linked contact gets none, if so.
    fn turned_away(&self, person: &Person) -> Option<Reason> {
        if let Scope::Outside { asked, .. } = person.scope {
            return Some(left_out(asked));
        }
        let enabled_only = matches!(
            self.policies.disabled,
            Disabled::NotCreated | Disabled::Deactivate
        );
        if enabled_only && person.enabled == Some(false) {
            return Some(Reason::AccountDisabled);
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
            Correlation::Former(contact) if self.policies.existing == Existing::Skip => {
                skip(person, Reason::FormerlyLinked, Some(contact.id.clone()))
            }
            Correlation::Matching(contact) => self.link(
                person,
                contact,
                Occasion::ByAddress,
                Reason::MatchedByAddress,
            ),
            Correlation::Former(contact) => {
                self.link(person, contact, Occasion::ById, Reason::MatchedById)
            }
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

    fn link(
        &self,
        person: &Person,
        contact: &Contact,
        occasion: Occasion<'_>,
        reason: Reason,
    ) -> Decision {
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
            occasion,
        );
        let activity = self.activity(person, contact);
        let reactivate = activity == Activity::Returns;
        let fields = merged.changes(contact);
        let link = LinkContact {
            contact: contact.precondition(),
            object_id: person.object_id.clone(),
            writes: merged.writes,
            base: merged.base,
            membership: memberships(person, contact, reactivate),
            reactivate,
        };
        Decision {
            fields,
            left_inactive: activity == Activity::LeftInactive,
            ..Decision::plain(
                person.object_id.clone(),
                Action::Add(Addition::Link(link)),
                reason,
            )
        }
    }

    fn lacks_mandatory<'v>(&self, filled: impl Fn(usize) -> Option<&'v str>) -> bool {
        self.rows
            .iter()
            .enumerate()
            .any(|(position, row)| row.mandatory && filled(position).is_none())
    }

    /// Whether a person whose contact is inactive would find it active again, if a sync made it so.
    #[must_use]
    pub fn may_return(&self, person: &Person) -> bool {
        let is_enabled = match self.policies.disabled {
            Disabled::Ignore | Disabled::LeavesScope => true,
            Disabled::NotCreated | Disabled::Deactivate => person.enabled == Some(true),
        };
        is_enabled && person.scope == Scope::Inside
    }

    /// What a sync took away it gives back, whatever the configuration was then; what a person here did
    /// stays. Where nothing tells who it was, the flag is the connector's under policies that make
    /// contacts inactive, and the host's own elsewhere.
    fn activity(&self, person: &Person, contact: &Contact) -> Activity {
        if contact.active || !self.may_return(person) {
            return Activity::Stays;
        }
        let policies = self.policies;
        let deactivates = policies.disabled == Disabled::Deactivate
            || policies.removed == Removing::Deactivate
            || policies.left_scope == Removing::Deactivate;
        match self.inactive.get(&contact.id) {
            Some(MadeInactive::ByConnector) => Activity::Returns,
            Some(MadeInactive::ByPerson) => Activity::Stays,
            None if deactivates => Activity::Returns,
            None => Activity::LeftInactive,
        }
    }
}

/// Why somebody is not in scope whom such a clause leaves out.
const fn left_out(asked: Asked) -> Reason {
    match asked {
        Asked::Value => Reason::OutOfScope,
        Asked::License => Reason::Unlicensed,
    }
}

/// Whether only another directory can change the person: organisational contacts come from on premises or from
/// Exchange, and only users are written.
fn is_mastered_elsewhere(person: &Person) -> bool {
    person.mastered_elsewhere || person.kind == PersonKind::OrgContact
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
        let action = match off_all_lists(contact) {
            membership if membership.is_empty() => Action::Leave(contact.precondition()),
            membership => Action::Add(Addition::Update(Update {
                contact: contact.precondition(),
                object_id: user.clone(),
                writes: Vec::new(),
                base: None,
                membership,
                reactivate: false,
                directory: Vec::new(),
            })),
        };
        return Decision::plain(user.clone(), action, Reason::AlreadyInactive);
    }
    let removal = Removal {
        contact: contact.precondition(),
        object_id: user.clone(),
        kind,
        evidence,
        leaves: off_all_lists(contact).leave,
    };
    Decision::plain(user.clone(), Action::Remove(removal), reason)
}

fn staged_update(
    person: &Person,
    contact: &Contact,
    fields: Vec<Field>,
    directory: Vec<AttributeChange>,
) -> Option<StagedUpdate> {
    (!fields.is_empty() || !directory.is_empty()).then(|| StagedUpdate {
        contact: contact.precondition(),
        object_id: person.object_id.clone(),
        fields,
        directory,
    })
}

fn skip(person: &Person, reason: Reason, contact: Option<ContactId>) -> Decision {
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
pub(super) fn missing(fields: &[Stated], linked: bool) -> Vec<usize> {
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

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
