//! The outcome of deciding about one directory user.

use contact_identity::list::is_same;

use guest_kit::ordered;

use crate::contact::{
    Change, ContactId, Create, Effect, Evidence, Field, Invitation, LinkContact, Mark, ObjectId,
    Precondition, Removal, RemovalKind, StagedUpdate, Update,
};
use crate::effects::{FieldChange, PlanEntry};
use crate::mapping::person::PersonKind;

use super::asking::Question;
use super::reason::Reason;

/// A change that adds or alters, and takes nothing away.
///
/// Kept apart from [`Removal`], so that the engine cannot apply a removal where it applies these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addition {
    /// A new contact.
    Create(Create),
    /// New values for a linked one.
    Update(Update),
    /// An unlinked one is tied to the user.
    Link(LinkContact),
}

impl From<Addition> for Change {
    fn from(addition: Addition) -> Self {
        match addition {
            Addition::Create(create) => Self::Create(create),
            Addition::Update(update) => Self::Update(update),
            Addition::Link(link) => Self::Link(link),
        }
    }
}

/// What is to be done about one directory user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Add or alter; may be applied at once.
    Add(Addition),
    /// Take away; to be staged until the round is closed and the breakers were asked.
    Remove(Removal),
    /// Nothing at once: all there is to do is to empty fields, or to give the directory something, see
    /// [`Decision::staged`].
    Wait,
    /// Invite somebody who is in the store alone; to be staged as a removal is.
    Invite(Invitation),
    /// Nothing: the linked contact is as it should be.
    Leave(Precondition),
    /// Nothing: the linked contact is as it was when it was as it should be. It was not fetched.
    Same,
    /// Nothing: the user leads to no change.
    Skip(Option<ContactId>),
    /// Nothing can be done with this record; it hurts only itself.
    Fail {
        /// The field at fault.
        field: Option<String>,
        /// Stable, in kebab case.
        code: String,
    },
}

/// Why the directory is not given what a contact holds although the row says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The application is not permitted to write it.
    NotPermitted,
    /// It is mastered in another directory, and can be changed only there.
    MasteredElsewhere,
}

/// An action, with its reason and what a report wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The user.
    pub object_id: ObjectId,
    /// What is to be done.
    pub action: Action,
    /// Fields to empty, and what to give the directory; to be staged like a removal.
    pub staged: Option<StagedUpdate>,
    /// Why.
    pub reason: Reason,
    /// The fields of an existing contact that change, before and after, ordered by field. Those of a
    /// new one stand in its [`Create`]; only a plan writes them out again. Of somebody whom a plan skips,
    /// who they are: see [`skip_preview`](super::decide::Rules::skip_preview).
    pub fields: Vec<FieldChange>,
    /// Positions of the mapping's rows that hold no value for this person.
    pub missing: Vec<usize>,
    /// Positions of the rows that both sides had edited; the directory's value was taken.
    pub overruled: Vec<usize>,
    /// Positions of the rows that both sides had edited; the directory is given the contact's value.
    pub prevailing: Vec<usize>,
    /// Positions of the rows whose values the directory is not given although they differ, and why.
    pub withheld: Vec<(usize, Withheld)>,
    /// Fields that both sides had edited where a person decides, with what was decided.
    pub asked: Vec<Question>,
    /// The contact stays inactive although the person is in scope: nothing tells who made it so.
    pub left_inactive: bool,
    /// The page states the person only in part.
    pub is_partial: bool,
    /// Something that is stated was taken for what the directory held before it was given something a moment ago.
    pub is_late: bool,
    /// The base of a row does not tell what the directory holds, and nothing is to be done about it.
    pub is_open: bool,
    /// What the person is to the directory, as far as that is told: of who is gone it is not.
    pub kind: PersonKind,
    /// The address by which the person's contact is found, where nothing is done: an administrator
    /// who asks why knows the person by it.
    pub address: Option<String>,
    /// What the contact is known by from now on, see [`mark`](super::mark).
    pub mark: Option<Mark>,
}

impl Decision {
    /// A decision without field changes.
    #[must_use]
    pub fn plain(object_id: ObjectId, action: Action, reason: Reason) -> Self {
        Self {
            object_id,
            action,
            staged: None,
            reason,
            fields: Vec::new(),
            missing: Vec::new(),
            overruled: Vec::new(),
            prevailing: Vec::new(),
            withheld: Vec::new(),
            asked: Vec::new(),
            left_inactive: false,
            is_partial: false,
            is_late: false,
            is_open: false,
            kind: PersonKind::User,
            address: None,
            mark: None,
        }
    }

    /// Whether it takes something away, or gives the directory something, and so has to wait.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        matches!(self.action, Action::Remove(_) | Action::Invite(_)) || self.staged.is_some()
    }

    /// Whether a plan would count it among its changes.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        matches!(
            self.action,
            Action::Add(_) | Action::Remove(_) | Action::Wait | Action::Invite(_)
        )
    }

    /// The effect under which the decision is counted; `None` for a failure.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        match &self.action {
            Action::Add(Addition::Create(_)) => Some(Effect::Create),
            Action::Add(Addition::Update(update)) if update.reactivate => Some(Effect::Reactivate),
            Action::Add(Addition::Update(_)) | Action::Wait => Some(Effect::Update),
            Action::Add(Addition::Link(_)) => Some(Effect::Link),
            Action::Remove(removal) => Some(removal.kind.into()),
            Action::Invite(_) => Some(Effect::Invite),
            Action::Leave(_) | Action::Same => Some(Effect::Unchanged),
            Action::Skip(_) => Some(Effect::Skip),
            Action::Fail { .. } => None,
        }
    }

    /// The decision as an entry of a plan. A failure becomes a skip under its own code: a plan says
    /// what a sync would do, and a sync would not write this person.
    #[must_use]
    pub fn into_plan_entry(self) -> PlanEntry {
        let effect = self.effect().unwrap_or(Effect::Skip);
        let mut entry = PlanEntry {
            object_id: self.object_id,
            contact: None,
            effect,
            reason: self.reason.code().to_owned(),
            fields: self.fields,
            joins: Vec::new(),
            leaves: Vec::new(),
            evidence: None,
            directory: self
                .staged
                .as_ref()
                .map(|staged| staged.directory.clone())
                .unwrap_or_default(),
            version: None,
        };
        match self.action {
            Action::Add(Addition::Create(create)) => {
                entry.fields = all_new(create.fields);
                entry.joins = create.lists.into_iter().map(|list| list.name).collect();
                ordered::sort(&mut entry.joins);
            }
            Action::Add(
                Addition::Update(Update {
                    contact,
                    membership,
                    ..
                })
                | Addition::Link(LinkContact {
                    contact,
                    membership,
                    ..
                }),
            ) => {
                entry.contact = Some(contact.contact);
                entry.version = Some(contact.version);
                entry.joins = membership.join.into_iter().map(|list| list.name).collect();
                entry.leaves = membership.leave;
            }
            Action::Remove(removal) => return removal_entry(removal, self.reason),
            Action::Invite(invitation) => return invitation_entry(&invitation),
            Action::Wait => {
                let precondition = self.staged.map(|staged| staged.contact);
                entry.version = precondition.as_ref().map(|contact| contact.version);
                entry.contact = precondition.map(|contact| contact.contact);
            }
            Action::Leave(contact) => entry.contact = Some(contact.contact),
            Action::Same => {}
            Action::Skip(contact) => entry.contact = contact,
            Action::Fail { code, .. } => entry.reason = code,
        }
        entry
    }
}

/// The fields of a contact that does not exist yet, ordered by field.
fn all_new(fields: Vec<Field>) -> Vec<FieldChange> {
    let mut changes: Vec<_> = fields
        .into_iter()
        .map(|field| FieldChange {
            field: field.name,
            before: None,
            after: Some(field.value),
        })
        .collect();
    ordered::sort(&mut changes);
    changes
}

/// A staged removal as an entry of a plan.
#[must_use]
pub fn removal_entry(removal: Removal, reason: Reason) -> PlanEntry {
    PlanEntry {
        object_id: removal.object_id,
        contact: Some(removal.contact.contact),
        effect: removal.kind.into(),
        reason: reason.code().to_owned(),
        fields: Vec::new(),
        joins: Vec::new(),
        leaves: removal.leaves,
        evidence: Some(removal.evidence),
        directory: Vec::new(),
        version: Some(removal.contact.version),
    }
}

/// A staged invitation as an entry of a plan: the guest as the directory will have it, where it had nobody.
#[must_use]
pub fn invitation_entry(invitation: &Invitation) -> PlanEntry {
    PlanEntry {
        object_id: invitation.object_id.clone(),
        contact: Some(invitation.contact.contact.clone()),
        effect: Effect::Invite,
        reason: Reason::NotInDirectory.code().to_owned(),
        fields: Vec::new(),
        joins: Vec::new(),
        leaves: Vec::new(),
        evidence: None,
        directory: invitation.guest(),
        version: Some(invitation.contact.version),
    }
}

/// What is staged of a contact, as an entry of a plan: an update that fills nothing.
#[must_use]
pub fn staged_entry(update: StagedUpdate) -> PlanEntry {
    let reason = staged_reason(&update);
    PlanEntry {
        object_id: update.object_id,
        contact: Some(update.contact.contact),
        effect: Effect::Update,
        reason: reason.code().to_owned(),
        fields: update
            .fields
            .into_iter()
            .map(|field| FieldChange {
                field: field.name,
                before: Some(field.value),
                after: None,
            })
            .collect(),
        joins: Vec::new(),
        leaves: Vec::new(),
        evidence: None,
        directory: update.directory,
        version: Some(update.contact.version),
    }
}

/// Why what waits of a contact is to be done.
#[must_use]
pub fn staged_reason(update: &StagedUpdate) -> Reason {
    if update.fields.is_empty() {
        Reason::ContactChanged
    } else {
        Reason::DirectoryChanged
    }
}

/// The part of a planned change that waits for the breakers, as it would be planned alone: a removal, or
/// the fields that are emptied and the attributes that the directory is given.
#[must_use]
pub fn taken_away(mut entry: PlanEntry) -> Option<PlanEntry> {
    if entry.evidence.is_some() || entry.effect == Effect::Invite {
        return Some(entry);
    }
    entry.fields.retain(|field| field.after.is_none());
    let waits = !entry.fields.is_empty() || !entry.directory.is_empty();
    waits.then(|| PlanEntry {
        effect: Effect::Update,
        joins: Vec::new(),
        leaves: Vec::new(),
        ..entry
    })
}

/// What a plan has of somebody whom a later page states again, and only in part: the earlier entry, with
/// what the later one adds. A sync has written the earlier change by the time it reads the later
/// page; a plan has not, and must not forget it.
#[must_use]
pub fn amended(earlier: PlanEntry, later: PlanEntry) -> PlanEntry {
    if later.evidence.is_some() || earlier.evidence.is_some() {
        return later;
    }
    if matches!(later.effect, Effect::Unchanged | Effect::Skip) {
        return earlier;
    }
    // The reason is that of the change that is to be seen.
    let reason = if earlier.fields.is_empty() && !later.fields.is_empty() {
        later.reason.clone()
    } else {
        earlier.reason
    };
    let is_restated = |field: &FieldChange| later.fields.iter().any(|l| l.field == field.field);
    let mut fields: Vec<_> = earlier.fields;
    fields.retain(|field| !is_restated(field));
    fields.extend(later.fields.iter().cloned());
    ordered::sort(&mut fields);
    let mut directory = earlier.directory;
    directory.retain(|change| {
        let attribute = &change.attribute;
        later.directory.iter().all(|l| l.attribute != *attribute)
    });
    directory.extend(later.directory.iter().cloned());
    ordered::sort(&mut directory);
    PlanEntry {
        fields,
        directory,
        effect: earlier.effect,
        reason,
        joins: united(earlier.joins, &later.joins),
        leaves: united(earlier.leaves, &later.leaves),
        ..later
    }
}

/// Names of lists, each list once.
fn united(mut names: Vec<String>, more: &[String]) -> Vec<String> {
    for name in more {
        if !names.iter().any(|known| is_same(known, name)) {
            names.push(name.clone());
        }
    }
    ordered::sort(&mut names);
    names
}

/// Whether the entry is of somebody who cannot be written: its code is none of a decision's.
#[must_use]
pub fn is_failure(planned: &PlanEntry) -> bool {
    planned.effect == Effect::Skip && Reason::of_code(&planned.reason).is_none()
}

/// Whether what is taken away stands on properties of somebody who is there: a filter, a disabled
/// account, emptied fields. A deletion does not, and whoever is shown alive is not deleted.
#[must_use]
pub fn stands_on_properties(taken: &PlanEntry) -> bool {
    matches!(
        taken.evidence,
        None | Some(Evidence::LeftScope(_) | Evidence::AccountDisabled)
    )
}

impl From<RemovalKind> for Effect {
    fn from(kind: RemovalKind) -> Self {
        match kind {
            RemovalKind::Unlink => Self::Unlink,
            RemovalKind::Deactivate => Self::Deactivate,
            RemovalKind::Delete => Self::Delete,
        }
    }
}
