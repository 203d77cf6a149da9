//! A contact as it is now: what the service tells of its record, and what only the ledger knows.

use std::collections::BTreeSet;

use crate::contract::{Contact, Field, Link};
use crate::destination::{Record, RemoteListId};
use crate::records::{ContactRecord, Values};
use crate::version::version;

/// A contact that is there.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    /// What the ledger has, brought up to what the service tells.
    pub(crate) record: ContactRecord,
    /// As the service has it.
    pub(crate) remote: Record,
}

impl Known {
    /// Brings the two together. `stored`: what the ledger has, where it knows the contact.
    pub(crate) fn of(id: String, stored: Option<&ContactRecord>, remote: Record) -> Self {
        let mut record = stored.cloned().unwrap_or_else(|| ContactRecord {
            active: true,
            ..ContactRecord::default()
        });
        record.remote.clone_from(&remote.id);
        record.deleted = false;
        record.fields = values(&remote);
        record.active = remote.active.unwrap_or(record.active);
        if let Some(told) = &remote.lists {
            meet_lists(&mut record, &told.iter().cloned().collect());
        }
        Self { id, record, remote }
    }

    pub(crate) fn version(&self) -> u64 {
        version(self.record.writes, &self.remote, self.record.active)
    }

    /// As the contract tells it. `spelt` gives the name of a list that is there.
    pub(crate) fn contact(
        &self,
        source: &str,
        fields: &[String],
        spelt: impl Fn(&str) -> Option<String>,
    ) -> Contact {
        let link = self.record.links.get(source);
        let asked = |(name, value): (&String, &String)| {
            fields.contains(name).then(|| Field {
                name: name.clone(),
                value: value.clone(),
            })
        };
        let lists = self.record.lists_of(source);
        Contact {
            id: self.id.clone(),
            version: self.version(),
            active: self.record.active,
            fields: self.record.fields.iter().filter_map(asked).collect(),
            link: link.map(|link| Link {
                object_id: link.user.clone(),
                base: as_fields(&link.base),
            }),
            former: self
                .record
                .formers
                .get(source)
                .filter(|_| link.is_none())
                .cloned(),
            lists: lists.iter().filter_map(|list| spelt(list)).collect(),
        }
    }
}

/// The lists that a record is on are told: one that a person took it off is none of ours any more, and the rest
/// others put it on. A list that it was on before it was put there here stays theirs, too.
fn meet_lists(record: &mut ContactRecord, told: &BTreeSet<RemoteListId>) {
    let mut ours = BTreeSet::new();
    for lists in record.lists.values_mut() {
        lists.retain(|list| told.contains(list));
        ours.extend(lists.iter().cloned());
    }
    record.lists.retain(|_, lists| !lists.is_empty());
    record
        .others
        .retain(|list| told.contains(list) && ours.contains(list));
    record.others.extend(told.difference(&ours).cloned());
}

/// The fields of a record by name.
pub(crate) fn values(remote: &Record) -> Values {
    remote.fields.iter().cloned().collect()
}

/// Values as the contract tells them.
pub(crate) fn as_fields(values: &Values) -> Vec<Field> {
    let field = |(name, value): (&String, &String)| Field {
        name: name.clone(),
        value: value.clone(),
    };
    values.iter().map(field).collect()
}

/// Fields of the contract by name.
pub(crate) fn as_values(fields: &[Field]) -> Values {
    let pair = |field: &Field| (field.name.clone(), field.value.clone());
    fields.iter().map(pair).collect()
}
