//! The core's types as the contract's, and back. Values move; nothing is copied that can be moved.
//!
//! The file names its two sides through its parent alone: `connector` is the core, `contract` the
//! bindings. So the tests that run the core without a sandbox compile this very file against the
//! host's bindings, and what they exercise is the translation that ships.

use super::connector::contact::{
    Change, Contact, ContactId, ContactList, Create, Effect, Evidence, Field, FieldWrite,
    GivenChange, Link, LinkContact, Membership, ObjectId, Precondition, Reasoned, Removal,
    RemovalKind, Reversal, Update, Who,
};
use super::connector::ports::{
    AttributeChange, Commit, Conflict, Contingency, EditsSince, Expected, FieldChange,
    FieldDescription, FieldKind, FieldRole, JournalEntry, Mark, Marked, Marking, Note, Noted,
    Outcome, PlanEntry, Query, SameContact, Sightings, StateWrite, Statistics, StoreDescription,
    StoreError, StoreLimits, Timestamp,
};

use super::contract::{contact_store as store, plan_sink, types};

fn field(field: Field) -> types::Field {
    types::Field {
        name: field.name,
        value: field.value,
    }
}

fn field_back(field: types::Field) -> Field {
    Field {
        name: field.name,
        value: field.value,
    }
}

fn fields(all: Vec<Field>) -> Vec<types::Field> {
    all.into_iter().map(field).collect()
}

fn writes(all: Vec<FieldWrite>) -> Vec<types::FieldWrite> {
    all.into_iter()
        .map(|write| types::FieldWrite {
            name: write.name,
            value: write.value,
        })
        .collect()
}

fn lists(all: Vec<ContactList>) -> Vec<types::ContactList> {
    all.into_iter()
        .map(|list| types::ContactList {
            name: list.name,
            description: list.description,
        })
        .collect()
}

fn precondition(precondition: Precondition) -> types::Precondition {
    types::Precondition {
        contact: precondition.contact.into_string(),
        version: precondition.version,
    }
}

fn membership(membership: Membership) -> types::Membership {
    types::Membership {
        join: lists(membership.join),
        leave: membership.leave,
    }
}

fn create(create: Create, reason: String) -> types::Create {
    types::Create {
        object_id: create.object_id.into_string(),
        fields: fields(create.fields),
        base: fields(create.base),
        active: create.active,
        lists: lists(create.lists),
        reason,
    }
}

fn update(update: Update, reason: String) -> types::Update {
    types::Update {
        contact: precondition(update.contact),
        object_id: update.object_id.into_string(),
        writes: writes(update.writes),
        base: update.base.map(fields),
        membership: membership(update.membership),
        active: update.reactivate.then_some(true),
        directory: update.directory.into_iter().map(given).collect(),
        reason,
    }
}

fn link(link: LinkContact, reason: String) -> types::LinkContact {
    types::LinkContact {
        contact: precondition(link.contact),
        object_id: link.object_id.into_string(),
        writes: writes(link.writes),
        base: fields(link.base),
        membership: membership(link.membership),
        active: link.reactivate.then_some(true),
        reason,
    }
}

pub(super) fn evidence(evidence: Evidence) -> types::Evidence {
    match evidence {
        Evidence::DeletedSoft => types::Evidence::DeletedSoft,
        Evidence::DeletedPermanently => types::Evidence::DeletedPermanently,
        Evidence::FoundInDeletedItems => types::Evidence::FoundInDeletedItems,
        Evidence::NotFoundAnywhere => types::Evidence::NotFoundAnywhere,
        Evidence::AccountDisabled => types::Evidence::AccountDisabled,
        Evidence::LeftScope(clause) => types::Evidence::LeftScope(clause),
        Evidence::Undone(run) => types::Evidence::Undone(run),
    }
}

/// `None` for evidence of a kind this connector does not know, and so has not put.
fn evidence_back(evidence: types::Evidence) -> Option<Evidence> {
    Some(match evidence {
        types::Evidence::DeletedSoft => Evidence::DeletedSoft,
        types::Evidence::DeletedPermanently => Evidence::DeletedPermanently,
        types::Evidence::FoundInDeletedItems => Evidence::FoundInDeletedItems,
        types::Evidence::NotFoundAnywhere => Evidence::NotFoundAnywhere,
        types::Evidence::AccountDisabled => Evidence::AccountDisabled,
        types::Evidence::LeftScope(clause) => Evidence::LeftScope(clause),
        types::Evidence::Undone(run) => Evidence::Undone(run),
        types::Evidence::Other(_) => return None,
    })
}

fn removal(removal: Removal, reason: String) -> types::Removal {
    types::Removal {
        contact: precondition(removal.contact),
        object_id: removal.object_id.into_string(),
        kind: match removal.kind {
            RemovalKind::Unlink => types::RemovalKind::Unlink,
            RemovalKind::Deactivate => types::RemovalKind::Deactivate,
            RemovalKind::Delete => types::RemovalKind::Delete,
        },
        evidence: evidence(removal.evidence),
        reason,
    }
}

fn reversal(reversal: Reversal, reason: String) -> types::Reversal {
    types::Reversal {
        contact: precondition(reversal.contact),
        object_id: reversal.object_id.into_string(),
        entries: reversal
            .entries
            .into_iter()
            .map(|number| types::JournalNumber { number })
            .collect(),
        writes: writes(reversal.writes),
        directory: reversal.directory.into_iter().map(given).collect(),
        evidence: evidence(reversal.evidence),
        reason,
    }
}

fn change(Reasoned { change, reason }: Reasoned) -> types::Change {
    let reason = reason.to_owned();
    match change {
        Change::Create(inner) => types::Change::Create(create(inner, reason)),
        Change::Update(inner) => types::Change::Update(update(inner, reason)),
        Change::Link(inner) => types::Change::Link(link(inner, reason)),
        Change::Remove(inner) => types::Change::Remove(removal(inner, reason)),
        Change::Revert(inner) => types::Change::Revert(reversal(inner, reason)),
    }
}

pub(super) fn commit(commit: Commit) -> store::Commit {
    store::Commit {
        source: commit.source,
        run: commit.run,
        changes: commit.changes.into_iter().map(change).collect(),
        otherwise: commit.otherwise.into_iter().map(contingency).collect(),
        notes: commit.notes.into_iter().map(note).collect(),
        settled: commit
            .settled
            .into_iter()
            .map(ObjectId::into_string)
            .collect(),
        sightings: commit.sightings.map(sightings),
        marks: commit.marks.into_iter().map(marking).collect(),
        state: commit.state.into_iter().map(state_write).collect(),
    }
}

fn sightings(sightings: Sightings) -> store::Sightings {
    let Sightings {
        round,
        object_ids,
        links,
    } = sightings;
    store::Sightings {
        round,
        object_ids: object_ids.into_iter().map(ObjectId::into_string).collect(),
        links: links
            .into_iter()
            .map(|number| store::LinkNumber { number })
            .collect(),
    }
}

fn mark(Mark { high, low }: Mark) -> store::Mark {
    store::Mark { high, low }
}

fn marking(marking: Marking) -> store::Marking {
    store::Marking {
        what: match marking.what {
            Marked::Change(position) => store::Marked::Change(position),
            Marked::Contact(contact) => store::Marked::Contact(precondition(contact)),
        },
        mark: mark(marking.mark),
    }
}

pub(super) fn expected(expected: Expected) -> store::Expected {
    store::Expected {
        object_id: expected.object_id.into_string(),
        mark: mark(expected.mark),
    }
}

pub(super) fn same_contact(same: store::SameContact) -> SameContact {
    SameContact {
        user: same.user,
        link: same.link.number,
    }
}

pub(super) fn edits_since(told: store::EditsSince) -> EditsSince {
    match told {
        store::EditsSince::Edits(edits) => EditsSince::Edits {
            users: edits.users.into_iter().map(ObjectId::new).collect(),
            next: edits.next,
        },
        store::EditsSince::TokenLost => EditsSince::TokenLost,
    }
}

fn state_write(StateWrite { key, value }: StateWrite) -> store::StateWrite {
    store::StateWrite { key, value }
}

fn contingency(contingency: Contingency) -> store::Contingency {
    store::Contingency {
        changes: contingency.changes,
        key_prefix: contingency.key_prefix,
        value: contingency.value,
    }
}

fn note(note: Note) -> store::Note {
    store::Note {
        object_id: note.object_id.into_string(),
        address: note.address,
        contact: note.contact.map(ContactId::into_string),
        reason: note.reason,
    }
}

pub(super) fn who(who: &Who) -> types::Who {
    match who {
        Who::User(user) => types::Who::User(user.as_str().to_owned()),
        Who::Contact(contact) => types::Who::Contact(contact.as_str().to_owned()),
        Who::Address(address) => types::Who::Address(address.clone()),
    }
}

pub(super) fn journal_entry(entry: types::JournalEntry) -> JournalEntry {
    let what = entry.what;
    JournalEntry {
        number: entry.number.number,
        run: entry.run,
        at: Timestamp(entry.at_ms),
        object_id: ObjectId::new(what.object_id),
        contact: ContactId::new(entry.contact),
        effect: effect_back(what.effect),
        reason: what.reason,
        evidence: what.evidence.and_then(evidence_back),
        fields: field_changes_back(what.fields),
        joins: what.joins,
        leaves: what.leaves,
        version: entry.version,
        directory: entry.directory.into_iter().map(given_back).collect(),
    }
}

pub(super) fn noted(noted: types::Noted) -> Noted {
    Noted {
        object_id: ObjectId::new(noted.object_id),
        contact: noted.contact.map(ContactId::new),
        reason: noted.reason,
        run: noted.run,
        since: Timestamp(noted.since_ms),
    }
}

pub(super) fn field_changes(changes: Vec<FieldChange>) -> Vec<types::FieldChange> {
    changes
        .into_iter()
        .map(|change| types::FieldChange {
            field: change.field,
            before: change.before,
            after: change.after,
        })
        .collect()
}

fn field_changes_back(changes: Vec<types::FieldChange>) -> Vec<FieldChange> {
    changes
        .into_iter()
        .map(|change| FieldChange {
            field: change.field,
            before: change.before,
            after: change.after,
        })
        .collect()
}

pub(super) fn query(query: &Query) -> store::Query {
    store::Query {
        source: query.source.clone(),
        object_ids: query
            .object_ids
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect(),
        match_keys: query.match_keys.clone(),
        contacts: query
            .contacts
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect(),
        fields: query.fields.clone(),
    }
}

pub(super) fn contact(contact: types::Contact) -> Contact {
    Contact {
        id: ContactId::new(contact.id),
        version: contact.version,
        active: contact.active,
        fields: contact.fields.into_iter().map(field_back).collect(),
        link: contact.link.map(|link| Link {
            object_id: ObjectId::new(link.object_id),
            base: link.base.into_iter().map(field_back).collect(),
        }),
        former: contact.former.map(ObjectId::new),
        lists: contact.lists,
    }
}

pub(super) fn outcome(outcome: store::Outcome) -> Outcome {
    match outcome {
        store::Outcome::Applied(applied) => Outcome::Applied {
            contact: ContactId::new(applied.contact),
            version: applied.version,
        },
        store::Outcome::Conflict(store::Conflict::Version) => Outcome::Conflict(Conflict::Version),
        store::Outcome::Conflict(store::Conflict::Gone) => Outcome::Conflict(Conflict::Gone),
        store::Outcome::Conflict(store::Conflict::Linked) => Outcome::Conflict(Conflict::Linked),
        store::Outcome::Refused(refusal) => Outcome::Refused {
            field: refusal.field,
            code: refusal.code,
        },
        store::Outcome::Other(code) => Outcome::Refused { field: None, code },
    }
}

pub(super) fn statistics(statistics: store::Statistics) -> Statistics {
    Statistics {
        active: statistics.active,
        linked: statistics.linked,
        missing: statistics
            .missing
            .into_iter()
            .map(|missing| (missing.field, missing.contacts))
            .collect(),
        incomplete: statistics.incomplete,
    }
}

pub(super) fn description(description: store::Description) -> StoreDescription {
    StoreDescription {
        fields: description
            .fields
            .into_iter()
            .map(field_description)
            .collect(),
        custom_fields: description.custom_fields,
        atomic: description.atomic,
        max_batch: description.max_batch,
        journal: description.journal,
        marks: description.marks,
        edits: description.edits,
        unlinked: description.unlinked,
        limits: StoreLimits {
            custom_fields: description.limits.custom_fields,
            custom_field_label: description.limits.custom_field_label,
            custom_field_value: description.limits.custom_field_value,
            list_name: description.limits.list_name,
        },
    }
}

fn field_description(field: store::FieldDescription) -> FieldDescription {
    FieldDescription {
        name: field.name,
        label: field.label,
        kind: match field.kind {
            store::FieldKind::Text => FieldKind::Text,
            store::FieldKind::Email => FieldKind::Email,
            store::FieldKind::Phone => FieldKind::Phone,
            store::FieldKind::Boolean => FieldKind::Boolean,
            store::FieldKind::Date => FieldKind::Date,
            store::FieldKind::Other(kind) => FieldKind::Other(kind),
        },
        mandatory: field.mandatory,
        max_length: field.max_length,
        role: field.role.map(|role| match role {
            store::FieldRole::Email => FieldRole::Email,
            store::FieldRole::GivenName => FieldRole::GivenName,
            store::FieldRole::FamilyName => FieldRole::FamilyName,
            store::FieldRole::DisplayName => FieldRole::DisplayName,
            store::FieldRole::Phone => FieldRole::Phone,
            store::FieldRole::Company => FieldRole::Company,
            store::FieldRole::Group => FieldRole::Group,
            store::FieldRole::Other(role) => FieldRole::Other(role),
        }),
    }
}

pub(super) fn store_error(error: types::StoreError) -> StoreError {
    match error {
        types::StoreError::Unavailable(why) => StoreError::Unavailable(why),
        types::StoreError::AccessDenied => StoreError::AccessDenied,
        types::StoreError::BatchTooLarge(limit) => StoreError::BatchTooLarge(limit),
        types::StoreError::Damaged(what) => StoreError::Damaged(what),
        types::StoreError::LeaseLost(who) => StoreError::LeaseLost(who),
        types::StoreError::Other(what) => StoreError::Other(what),
    }
}

pub(super) fn effect(effect: Effect) -> types::Effect {
    match effect {
        Effect::Create => types::Effect::Create,
        Effect::Update => types::Effect::Update,
        Effect::Link => types::Effect::Link,
        Effect::Reactivate => types::Effect::Reactivate,
        Effect::Unlink => types::Effect::Unlink,
        Effect::Deactivate => types::Effect::Deactivate,
        Effect::Delete => types::Effect::Delete,
        Effect::Invite => types::Effect::Invite,
        Effect::Unchanged => types::Effect::Unchanged,
        Effect::Skip => types::Effect::Skip,
    }
}

pub(super) fn effect_back(effect: types::Effect) -> Effect {
    match effect {
        types::Effect::Create => Effect::Create,
        types::Effect::Update => Effect::Update,
        types::Effect::Link => Effect::Link,
        types::Effect::Reactivate => Effect::Reactivate,
        types::Effect::Unlink => Effect::Unlink,
        types::Effect::Deactivate => Effect::Deactivate,
        types::Effect::Delete => Effect::Delete,
        types::Effect::Invite => Effect::Invite,
        types::Effect::Unchanged => Effect::Unchanged,
        types::Effect::Skip => Effect::Skip,
    }
}

pub(super) fn given(given: GivenChange) -> types::GivenValue {
    types::GivenValue {
        change: attribute_change(given.change),
        field: given.field,
        answered: given.answered,
    }
}

fn given_back(given: types::GivenValue) -> GivenChange {
    GivenChange {
        change: attribute_change_back(given.change),
        field: given.field,
        answered: given.answered,
    }
}

fn attribute_change(change: AttributeChange) -> types::AttributeChange {
    types::AttributeChange {
        attribute: change.attribute,
        before: change.before,
        after: change.after,
    }
}

fn attribute_change_back(change: types::AttributeChange) -> AttributeChange {
    AttributeChange {
        attribute: change.attribute,
        before: change.before,
        after: change.after,
    }
}

pub(super) fn plan_entry(entry: PlanEntry) -> plan_sink::Entry {
    plan_sink::Entry {
        contact: entry.contact.map(ContactId::into_string),
        version: entry.version,
        directory: entry.directory.into_iter().map(attribute_change).collect(),
        what: types::EffectOnContact {
            object_id: entry.object_id.into_string(),
            effect: effect(entry.effect),
            reason: entry.reason,
            evidence: entry.evidence.map(evidence),
            fields: field_changes(entry.fields),
            joins: entry.joins,
            leaves: entry.leaves,
        },
    }
}

pub(super) fn plan_entry_back(entry: plan_sink::Entry) -> PlanEntry {
    let what = entry.what;
    PlanEntry {
        object_id: ObjectId::new(what.object_id),
        contact: entry.contact.map(ContactId::new),
        effect: effect_back(what.effect),
        reason: what.reason,
        fields: field_changes_back(what.fields),
        joins: what.joins,
        leaves: what.leaves,
        evidence: what.evidence.and_then(evidence_back),
        directory: entry
            .directory
            .into_iter()
            .map(attribute_change_back)
            .collect(),
        version: entry.version,
    }
}
