//! What the kit answers, in the words of a host: the same records, generated for another side.

use connector_contract as host;
use destination_kit::contract as kit;

pub(crate) fn all<A, B>(from: Vec<A>, to: impl Fn(A) -> B) -> Vec<B> {
    from.into_iter().map(to).collect()
}

pub(crate) fn error(error: kit::StoreError) -> host::StoreError {
    use kit::StoreError as Failed;
    match error {
        Failed::Unavailable(why) => host::StoreError::Unavailable(why),
        Failed::AccessDenied => host::StoreError::AccessDenied,
        Failed::BatchTooLarge(limit) => host::StoreError::BatchTooLarge(limit),
        Failed::Damaged(what) => host::StoreError::Damaged(what),
        Failed::LeaseLost(to) => host::StoreError::LeaseLost(to),
        Failed::Other(what) => host::StoreError::Other(what),
    }
}

pub(crate) fn description(described: kit::Description) -> host::StoreDescription {
    host::StoreDescription {
        fields: all(described.fields, field_description),
        custom_fields: described.custom_fields,
        atomic: described.atomic,
        max_batch: described.max_batch,
        journal: described.journal,
        marks: described.marks,
        edits: described.edits,
        unlinked: described.unlinked,
        limits: host::StoreLimits {
            custom_fields: described.limits.custom_fields,
            custom_field_label: described.limits.custom_field_label,
            custom_field_value: described.limits.custom_field_value,
            list_name: described.limits.list_name,
        },
        codes: all(described.codes, |code| host::CodeDescription {
            code: code.code,
            kind: match code.kind {
                kit::CodeKind::Change => host::CodeKind::Change,
                kit::CodeKind::Unchanged => host::CodeKind::Unchanged,
                kit::CodeKind::Skip => host::CodeKind::Skip,
                kit::CodeKind::Refusal => host::CodeKind::Refusal,
            },
            label: code.label,
            advice: code.advice,
        }),
    }
}

pub(crate) fn edits_since(edits: kit::EditsSince) -> host::EditsSince {
    match edits {
        kit::EditsSince::Edits(edits) => host::EditsSince::Edits(host::Edits {
            users: edits.users,
            next: edits.next,
        }),
        kit::EditsSince::TokenLost => host::EditsSince::TokenLost,
    }
}

fn field_description(field: kit::FieldDescription) -> host::FieldDescription {
    use kit::{FieldKind as Kind, FieldRole as Role};
    host::FieldDescription {
        name: field.name,
        label: field.label,
        kind: match field.kind {
            Kind::Text => host::FieldKind::Text,
            Kind::Email => host::FieldKind::Email,
            Kind::Phone => host::FieldKind::Phone,
            Kind::Boolean => host::FieldKind::Boolean,
            Kind::Date => host::FieldKind::Date,
            Kind::Other(kind) => host::FieldKind::Other(kind),
        },
        mandatory: field.mandatory,
        max_length: field.max_length,
        role: field.role.map(|role| match role {
            Role::Email => host::FieldRole::Email,
            Role::GivenName => host::FieldRole::GivenName,
            Role::FamilyName => host::FieldRole::FamilyName,
            Role::DisplayName => host::FieldRole::DisplayName,
            Role::Phone => host::FieldRole::Phone,
            Role::Company => host::FieldRole::Company,
            Role::Group => host::FieldRole::Group,
            Role::Other(role) => host::FieldRole::Other(role),
        }),
    }
}

pub(crate) fn contact(contact: kit::Contact) -> host::Contact {
    host::Contact {
        id: contact.id,
        version: contact.version,
        active: contact.active,
        fields: all(contact.fields, field),
        link: contact.link.map(|link| host::Link {
            object_id: link.object_id,
            base: all(link.base, field),
        }),
        former: contact.former,
        lists: contact.lists,
    }
}

fn field(field: kit::Field) -> host::Field {
    host::Field {
        name: field.name,
        value: field.value,
    }
}

pub(crate) fn outcome(outcome: kit::Outcome) -> host::Outcome {
    use kit::{Conflict, Outcome};
    match outcome {
        Outcome::Applied(applied) => host::Outcome::Applied(host::Applied {
            contact: applied.contact,
            version: applied.version,
        }),
        Outcome::Conflict(conflict) => host::Outcome::Conflict(match conflict {
            Conflict::Version => host::Conflict::Version,
            Conflict::Gone => host::Conflict::Gone,
            Conflict::Linked => host::Conflict::Linked,
        }),
        Outcome::Refused(refusal) => host::Outcome::Refused(host::Refusal {
            field: refusal.field,
            code: refusal.code,
        }),
        Outcome::Other(code) => host::Outcome::Other(code),
    }
}

pub(crate) fn same(same: kit::SameContact) -> host::SameContact {
    host::SameContact {
        user: same.user,
        link: host::LinkNumber {
            number: same.link.number,
        },
    }
}

pub(crate) fn entry(entry: kit::JournalEntry) -> host::JournalEntry {
    let what = entry.what;
    host::JournalEntry {
        number: host::JournalNumber {
            number: entry.number.number,
        },
        run: entry.run,
        at_ms: entry.at_ms,
        contact: entry.contact,
        version: entry.version,
        what: host::EffectOnContact {
            object_id: what.object_id,
            effect: effect(what.effect),
            reason: what.reason,
            evidence: what.evidence.map(evidence),
            fields: all(what.fields, |field| host::FieldChange {
                field: field.field,
                before: field.before,
                after: field.after,
            }),
            joins: what.joins,
            leaves: what.leaves,
        },
        directory: all(entry.directory, given),
    }
}

fn given(given: kit::GivenValue) -> host::GivenValue {
    let kit::AttributeChange {
        attribute,
        before,
        after,
    } = given.change;
    host::GivenValue {
        change: host::AttributeChange {
            attribute,
            before,
            after,
        },
        field: given.field,
        answered: given.answered,
    }
}

fn effect(effect: kit::Effect) -> host::Effect {
    use kit::Effect;
    match effect {
        Effect::Create => host::Effect::Create,
        Effect::Update => host::Effect::Update,
        Effect::Link => host::Effect::Link,
        Effect::Reactivate => host::Effect::Reactivate,
        Effect::Unlink => host::Effect::Unlink,
        Effect::Deactivate => host::Effect::Deactivate,
        Effect::Delete => host::Effect::Delete,
        Effect::Invite => host::Effect::Invite,
        Effect::Unchanged => host::Effect::Unchanged,
        Effect::Skip => host::Effect::Skip,
    }
}

fn evidence(evidence: kit::Evidence) -> host::Evidence {
    use kit::Evidence as Said;
    match evidence {
        Said::DeletedSoft => host::Evidence::DeletedSoft,
        Said::DeletedPermanently => host::Evidence::DeletedPermanently,
        Said::FoundInDeletedItems => host::Evidence::FoundInDeletedItems,
        Said::NotFoundAnywhere => host::Evidence::NotFoundAnywhere,
        Said::AccountDisabled => host::Evidence::AccountDisabled,
        Said::LeftScope(clause) => host::Evidence::LeftScope(clause),
        Said::Undone(run) => host::Evidence::Undone(run),
        Said::Other(kind) => host::Evidence::Other(kind),
    }
}

pub(crate) fn noted(noted: kit::Noted) -> host::Noted {
    host::Noted {
        object_id: noted.object_id,
        contact: noted.contact,
        reason: noted.reason,
        run: noted.run,
        since_ms: noted.since_ms,
    }
}

pub(crate) fn statistics(numbers: kit::Statistics) -> host::Statistics {
    host::Statistics {
        active: numbers.active,
        linked: numbers.linked,
        missing: all(numbers.missing, |missing| host::Missing {
            field: missing.field,
            contacts: missing.contacts,
        }),
        incomplete: numbers.incomplete,
    }
}

pub(crate) fn state_entry(entry: kit::Entry) -> host::StateEntry {
    host::StateEntry {
        key: entry.key,
        value: entry.value,
    }
}
