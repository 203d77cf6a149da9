//! What a host says, in the words of the kit: the same records, generated for another side.

use connector_contract as host;
use destination_kit::contract as kit;

pub(crate) fn query(query: host::Query) -> kit::Query {
    kit::Query {
        source: query.source,
        object_ids: query.object_ids,
        match_keys: query.match_keys,
        contacts: query.contacts,
        fields: query.fields,
    }
}

pub(crate) fn who(who: &host::Who) -> kit::Who {
    match who.clone() {
        host::Who::User(user) => kit::Who::User(user),
        host::Who::Contact(contact) => kit::Who::Contact(contact),
        host::Who::Address(address) => kit::Who::Address(address),
    }
}

pub(crate) fn expected(expected: host::Expected) -> kit::Expected {
    kit::Expected {
        object_id: expected.object_id,
        mark: mark(expected.mark),
    }
}

fn mark(mark: host::Mark) -> kit::Mark {
    kit::Mark {
        high: mark.high,
        low: mark.low,
    }
}

pub(crate) fn commit(commit: host::Commit) -> kit::Commit {
    kit::Commit {
        source: commit.source,
        run: commit.run,
        changes: all(commit.changes, change),
        otherwise: all(commit.otherwise, |contingency| kit::Contingency {
            changes: contingency.changes,
            key_prefix: contingency.key_prefix,
            value: contingency.value,
        }),
        notes: all(commit.notes, |note| kit::Note {
            object_id: note.object_id,
            address: note.address,
            contact: note.contact,
            reason: note.reason,
        }),
        settled: commit.settled,
        sightings: commit.sightings.map(|sightings| kit::Sightings {
            round: sightings.round,
            object_ids: sightings.object_ids,
            links: all(sightings.links, |link| kit::LinkNumber {
                number: link.number,
            }),
        }),
        marks: all(commit.marks, marking),
        state: all(commit.state, |write| kit::StateWrite {
            key: write.key,
            value: write.value,
        }),
    }
}

fn all<A, B>(from: Vec<A>, to: impl Fn(A) -> B) -> Vec<B> {
    from.into_iter().map(to).collect()
}

fn marking(marking: host::Marking) -> kit::Marking {
    kit::Marking {
        what: match marking.what {
            host::Marked::Change(place) => kit::Marked::Change(place),
            host::Marked::Contact(contact) => kit::Marked::Contact(precondition(contact)),
        },
        mark: mark(marking.mark),
    }
}

fn change(change: host::Change) -> kit::Change {
    match change {
        host::Change::Create(create) => kit::Change::Create(kit::Create {
            object_id: create.object_id,
            fields: all(create.fields, field),
            base: all(create.base, field),
            active: create.active,
            lists: all(create.lists, list),
            reason: create.reason,
        }),
        host::Change::Update(update) => kit::Change::Update(kit::Update {
            contact: precondition(update.contact),
            object_id: update.object_id,
            writes: all(update.writes, write),
            base: update.base.map(|base| all(base, field)),
            membership: membership(update.membership),
            active: update.active,
            directory: all(update.directory, given),
            reason: update.reason,
        }),
        host::Change::Link(link) => kit::Change::Link(kit::LinkContact {
            contact: precondition(link.contact),
            object_id: link.object_id,
            writes: all(link.writes, write),
            base: all(link.base, field),
            membership: membership(link.membership),
            active: link.active,
            reason: link.reason,
        }),
        host::Change::Remove(removal) => kit::Change::Remove(kit::Removal {
            contact: precondition(removal.contact),
            object_id: removal.object_id,
            kind: match removal.kind {
                host::RemovalKind::Unlink => kit::RemovalKind::Unlink,
                host::RemovalKind::Deactivate => kit::RemovalKind::Deactivate,
                host::RemovalKind::Delete => kit::RemovalKind::Delete,
            },
            evidence: evidence(removal.evidence),
            reason: removal.reason,
        }),
        host::Change::Revert(reversal) => kit::Change::Revert(kit::Reversal {
            contact: precondition(reversal.contact),
            object_id: reversal.object_id,
            entries: all(reversal.entries, |entry| kit::JournalNumber {
                number: entry.number,
            }),
            writes: all(reversal.writes, write),
            evidence: evidence(reversal.evidence),
            directory: all(reversal.directory, given),
            reason: reversal.reason,
        }),
    }
}

fn given(given: host::GivenValue) -> kit::GivenValue {
    let host::AttributeChange {
        attribute,
        before,
        after,
    } = given.change;
    kit::GivenValue {
        change: kit::AttributeChange {
            attribute,
            before,
            after,
        },
        field: given.field,
        answered: given.answered,
    }
}

fn precondition(contact: host::Precondition) -> kit::Precondition {
    kit::Precondition {
        contact: contact.contact,
        version: contact.version,
    }
}

fn field(field: host::Field) -> kit::Field {
    kit::Field {
        name: field.name,
        value: field.value,
    }
}

fn write(write: host::FieldWrite) -> kit::FieldWrite {
    kit::FieldWrite {
        name: write.name,
        value: write.value,
    }
}

fn list(list: host::ContactList) -> kit::ContactList {
    kit::ContactList {
        name: list.name,
        description: list.description,
    }
}

fn membership(membership: host::Membership) -> kit::Membership {
    kit::Membership {
        join: all(membership.join, list),
        leave: membership.leave,
    }
}

fn evidence(evidence: host::Evidence) -> kit::Evidence {
    use host::Evidence as Said;
    match evidence {
        Said::DeletedSoft => kit::Evidence::DeletedSoft,
        Said::DeletedPermanently => kit::Evidence::DeletedPermanently,
        Said::FoundInDeletedItems => kit::Evidence::FoundInDeletedItems,
        Said::NotFoundAnywhere => kit::Evidence::NotFoundAnywhere,
        Said::AccountDisabled => kit::Evidence::AccountDisabled,
        Said::LeftScope(clause) => kit::Evidence::LeftScope(clause),
        Said::Undone(run) => kit::Evidence::Undone(run),
        Said::Other(kind) => kit::Evidence::Other(kind),
    }
}
