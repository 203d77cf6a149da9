//! The core's types as the contract's, and back: what the component's shell does at the boundary.

use entra_connector::contact as core;
use entra_connector::ports;
use host_harness::contract as host;

pub fn commit(commit: ports::Commit) -> host::Commit {
    host::Commit {
        source: commit.source,
        run: commit.run,
        changes: commit.changes.into_iter().map(change).collect(),
        otherwise: commit
            .otherwise
            .into_iter()
            .map(|contingency| host::Contingency {
                changes: contingency.changes,
                key_prefix: contingency.key_prefix,
                value: contingency.value,
            })
            .collect(),
        notes: commit
            .notes
            .into_iter()
            .map(|note| host::Note {
                object_id: note.object_id.into_string(),
                address: note.address,
                contact: note.contact.map(core::ContactId::into_string),
                reason: note.reason,
            })
            .collect(),
        settled: texts(commit.settled),
        sightings: commit.sightings.map(|sightings| host::Sightings {
            round: sightings.round,
            object_ids: texts(sightings.object_ids),
        }),
        state: commit
            .state
            .into_iter()
            .map(|write| host::StateWrite {
                key: write.key,
                value: write.value,
            })
            .collect(),
    }
}

pub fn query(query: &ports::Query) -> host::Query {
    host::Query {
        source: query.source.clone(),
        object_ids: texts(query.object_ids.clone()),
        match_keys: query.match_keys.clone(),
        contacts: query.contacts.iter().map(ToString::to_string).collect(),
        fields: query.fields.clone(),
    }
}

pub fn contact(contact: host::Contact) -> core::Contact {
    core::Contact {
        id: core::ContactId::new(contact.id),
        version: contact.version,
        active: contact.active,
        fields: fields_back(contact.fields),
        link: contact.link.map(|link| core::Link {
            object_id: core::ObjectId::new(link.object_id),
            base: fields_back(link.base),
        }),
        former: contact.former.map(core::ObjectId::new),
        lists: contact.lists,
    }
}

pub fn outcome(outcome: host::Outcome) -> ports::Outcome {
    match outcome {
        host::Outcome::Applied(applied) => ports::Outcome::Applied {
            contact: core::ContactId::new(applied.contact),
            version: applied.version,
        },
        host::Outcome::Conflict(conflict) => ports::Outcome::Conflict(match conflict {
            host::Conflict::Version => ports::Conflict::Version,
            host::Conflict::Gone => ports::Conflict::Gone,
            host::Conflict::Linked => ports::Conflict::Linked,
        }),
        host::Outcome::Refused(refusal) => ports::Outcome::Refused {
            field: refusal.field,
            code: refusal.code,
        },
        host::Outcome::Other(code) => ports::Outcome::Refused { field: None, code },
    }
}

pub fn statistics(statistics: host::Statistics) -> ports::Statistics {
    ports::Statistics {
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

pub fn description(description: host::StoreDescription) -> ports::StoreDescription {
    ports::StoreDescription {
        fields: description
            .fields
            .into_iter()
            .map(field_description)
            .collect(),
        custom_fields: description.custom_fields,
        atomic: description.atomic,
        max_batch: description.max_batch,
        journal: description.journal,
    }
}

pub fn store_error(error: host::StoreError) -> ports::StoreError {
    match error {
        host::StoreError::Unavailable(why) => ports::StoreError::Unavailable(why),
        host::StoreError::AccessDenied => ports::StoreError::AccessDenied,
        host::StoreError::BatchTooLarge(limit) => ports::StoreError::BatchTooLarge(limit),
        host::StoreError::Damaged(what) => ports::StoreError::Damaged(what),
        host::StoreError::LeaseLost(who) => ports::StoreError::LeaseLost(who),
        host::StoreError::Other(what) => ports::StoreError::Other(what),
    }
}

pub fn plan_entry(entry: ports::PlanEntry) -> host::PlanEntry {
    host::PlanEntry {
        object_id: entry.object_id.into_string(),
        contact: entry.contact.map(core::ContactId::into_string),
        effect: effect(entry.effect),
        reason: entry.reason,
        fields: entry
            .fields
            .into_iter()
            .map(|field| host::FieldChange {
                field: field.field,
                before: field.before,
                after: field.after,
            })
            .collect(),
        joins: entry.joins,
        leaves: entry.leaves,
        evidence: entry.evidence.map(evidence),
        version: entry.version,
    }
}

pub fn plan_entry_back(entry: host::PlanEntry) -> ports::PlanEntry {
    ports::PlanEntry {
        object_id: core::ObjectId::new(entry.object_id),
        contact: entry.contact.map(core::ContactId::new),
        effect: effect_back(entry.effect),
        reason: entry.reason,
        fields: field_changes_back(entry.fields),
        joins: entry.joins,
        leaves: entry.leaves,
        evidence: entry.evidence.map(evidence_back),
        version: entry.version,
    }
}

pub fn effect_back(effect: host::Effect) -> core::Effect {
    match effect {
        host::Effect::Create => core::Effect::Create,
        host::Effect::Update => core::Effect::Update,
        host::Effect::Link => core::Effect::Link,
        host::Effect::Reactivate => core::Effect::Reactivate,
        host::Effect::Unlink => core::Effect::Unlink,
        host::Effect::Deactivate => core::Effect::Deactivate,
        host::Effect::Delete => core::Effect::Delete,
        host::Effect::Unchanged => core::Effect::Unchanged,
        host::Effect::Skip => core::Effect::Skip,
    }
}

fn effect(effect: core::Effect) -> host::Effect {
    match effect {
        core::Effect::Create => host::Effect::Create,
        core::Effect::Update => host::Effect::Update,
        core::Effect::Link => host::Effect::Link,
        core::Effect::Reactivate => host::Effect::Reactivate,
        core::Effect::Unlink => host::Effect::Unlink,
        core::Effect::Deactivate => host::Effect::Deactivate,
        core::Effect::Delete => host::Effect::Delete,
        core::Effect::Unchanged => host::Effect::Unchanged,
        core::Effect::Skip => host::Effect::Skip,
    }
}

fn evidence(evidence: core::Evidence) -> host::Evidence {
    match evidence {
        core::Evidence::DeletedSoft => host::Evidence::DeletedSoft,
        core::Evidence::DeletedPermanently => host::Evidence::DeletedPermanently,
        core::Evidence::FoundInDeletedItems => host::Evidence::FoundInDeletedItems,
        core::Evidence::NotFoundAnywhere => host::Evidence::NotFoundAnywhere,
        core::Evidence::AccountDisabled => host::Evidence::AccountDisabled,
        core::Evidence::LeftScope(clause) => host::Evidence::LeftScope(clause),
        core::Evidence::Undone(run) => host::Evidence::Undone(run),
    }
}

fn evidence_back(evidence: host::Evidence) -> core::Evidence {
    match evidence {
        host::Evidence::DeletedSoft => core::Evidence::DeletedSoft,
        host::Evidence::DeletedPermanently => core::Evidence::DeletedPermanently,
        host::Evidence::FoundInDeletedItems => core::Evidence::FoundInDeletedItems,
        host::Evidence::NotFoundAnywhere => core::Evidence::NotFoundAnywhere,
        host::Evidence::AccountDisabled => core::Evidence::AccountDisabled,
        host::Evidence::LeftScope(clause) => core::Evidence::LeftScope(clause),
        host::Evidence::Undone(run) => core::Evidence::Undone(run),
        host::Evidence::Other(kind) => panic!("the connector put evidence of no kind: {kind}"),
    }
}

fn change(reasoned: core::Reasoned) -> host::Change {
    let reason = reasoned.reason.to_owned();
    match reasoned.change {
        core::Change::Create(create) => host::Change::Create(host::Create {
            object_id: create.object_id.into_string(),
            fields: fields(create.fields),
            base: fields(create.base),
            active: create.active,
            lists: lists(create.lists),
            reason,
        }),
        core::Change::Update(update) => host::Change::Update(host::Update {
            contact: precondition(update.contact),
            object_id: update.object_id.into_string(),
            writes: writes(update.writes),
            base: update.base.map(fields),
            membership: membership(update.membership),
            active: update.reactivate.then_some(true),
            reason,
        }),
        core::Change::Link(link) => host::Change::Link(host::LinkContact {
            contact: precondition(link.contact),
            object_id: link.object_id.into_string(),
            writes: writes(link.writes),
            base: fields(link.base),
            membership: membership(link.membership),
            active: link.reactivate.then_some(true),
            reason,
        }),
        core::Change::Remove(removal) => host::Change::Remove(host::Removal {
            contact: precondition(removal.contact),
            object_id: removal.object_id.into_string(),
            kind: match removal.kind {
                core::RemovalKind::Unlink => host::RemovalKind::Unlink,
                core::RemovalKind::Deactivate => host::RemovalKind::Deactivate,
                core::RemovalKind::Delete => host::RemovalKind::Delete,
            },
            evidence: evidence(removal.evidence),
            reason,
        }),
        core::Change::Revert(reversal) => host::Change::Revert(host::Reversal {
            contact: precondition(reversal.contact),
            object_id: reversal.object_id.into_string(),
            entries: reversal.entries,
            writes: writes(reversal.writes),
            evidence: evidence(reversal.evidence),
            reason,
        }),
    }
}

pub fn who(who: &core::Who) -> host::Who {
    match who {
        core::Who::User(user) => host::Who::User(user.to_string()),
        core::Who::Contact(contact) => host::Who::Contact(contact.to_string()),
        core::Who::Address(address) => host::Who::Address(address.clone()),
    }
}

pub fn journal_entry(entry: host::JournalEntry) -> ports::JournalEntry {
    ports::JournalEntry {
        number: entry.number,
        run: entry.run,
        at: ports::Timestamp(entry.at_ms),
        object_id: core::ObjectId::new(entry.object_id),
        contact: core::ContactId::new(entry.contact),
        effect: effect_back(entry.effect),
        reason: entry.reason,
        evidence: entry.evidence.map(evidence_back),
        fields: field_changes_back(entry.fields),
        joins: entry.joins,
        leaves: entry.leaves,
        version: entry.version,
    }
}

pub fn noted(noted: host::Noted) -> ports::Noted {
    ports::Noted {
        object_id: core::ObjectId::new(noted.object_id),
        contact: noted.contact.map(core::ContactId::new),
        reason: noted.reason,
        run: noted.run,
        since: ports::Timestamp(noted.since_ms),
    }
}

fn field_changes_back(changes: Vec<host::FieldChange>) -> Vec<ports::FieldChange> {
    changes
        .into_iter()
        .map(|change| ports::FieldChange {
            field: change.field,
            before: change.before,
            after: change.after,
        })
        .collect()
}

fn texts(ids: Vec<core::ObjectId>) -> Vec<String> {
    ids.into_iter().map(core::ObjectId::into_string).collect()
}

fn fields(fields: Vec<core::Field>) -> Vec<host::Field> {
    let field = |core::Field { name, value }| host::Field { name, value };
    fields.into_iter().map(field).collect()
}

fn fields_back(fields: Vec<host::Field>) -> Vec<core::Field> {
    let field = |host::Field { name, value }| core::Field { name, value };
    fields.into_iter().map(field).collect()
}

fn writes(writes: Vec<core::FieldWrite>) -> Vec<host::FieldWrite> {
    let write = |core::FieldWrite { name, value }| host::FieldWrite { name, value };
    writes.into_iter().map(write).collect()
}

fn lists(lists: Vec<core::ContactList>) -> Vec<host::ContactList> {
    let list = |core::ContactList { name, description }| host::ContactList { name, description };
    lists.into_iter().map(list).collect()
}

fn precondition(precondition: core::Precondition) -> host::Precondition {
    host::Precondition {
        contact: precondition.contact.into_string(),
        version: precondition.version,
    }
}

fn membership(membership: core::Membership) -> host::Membership {
    host::Membership {
        join: lists(membership.join),
        leave: membership.leave,
    }
}

fn field_description(field: host::FieldDescription) -> ports::FieldDescription {
    ports::FieldDescription {
        name: field.name,
        label: field.label,
        kind: match field.kind {
            host::FieldKind::Text => ports::FieldKind::Text,
            host::FieldKind::Email => ports::FieldKind::Email,
            host::FieldKind::Phone => ports::FieldKind::Phone,
            host::FieldKind::Boolean => ports::FieldKind::Boolean,
            host::FieldKind::Date => ports::FieldKind::Date,
            host::FieldKind::Other(kind) => ports::FieldKind::Other(kind),
        },
        mandatory: field.mandatory,
        max_length: field.max_length,
        role: field.role.map(|role| match role {
            host::FieldRole::Email => ports::FieldRole::Email,
            host::FieldRole::GivenName => ports::FieldRole::GivenName,
            host::FieldRole::FamilyName => ports::FieldRole::FamilyName,
            host::FieldRole::DisplayName => ports::FieldRole::DisplayName,
            host::FieldRole::Phone => ports::FieldRole::Phone,
            host::FieldRole::Company => ports::FieldRole::Company,
            host::FieldRole::Group => ports::FieldRole::Group,
            host::FieldRole::Other(role) => ports::FieldRole::Other(role),
        }),
    }
}
