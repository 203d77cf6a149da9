//! What contacts hold before a commit changes them, read for the journal: all contacts of a commit at
//! once.

use std::collections::{BTreeSet, HashMap};

use connector_contract::{Change, Contact};
use rusqlite::Connection;

use super::errors::DatabaseError;
use super::{base, identity, lookup};

/// Contacts as they are before a commit, with the fields that it writes.
#[derive(Default)]
pub(super) struct Preimages(HashMap<i64, Contact>);

impl Preimages {
    /// Reads what the changes are about to replace. New contacts replace nothing.
    pub(super) fn read(
        connection: &Connection,
        source_id: i64,
        changes: &[Change],
    ) -> Result<Self, DatabaseError> {
        let mut fields = BTreeSet::new();
        let mut contacts = BTreeSet::new();
        for change in changes {
            let (contact, writes) = match change {
                Change::Create(_) => continue,
                Change::Update(update) => (&update.contact, update.writes.as_slice()),
                Change::Link(link) => (&link.contact, link.writes.as_slice()),
                Change::Remove(removal) => (&removal.contact, [].as_slice()),
                Change::Revert(reversal) => (&reversal.contact, reversal.writes.as_slice()),
            };
            fields.extend(writes.iter().map(|write| write.name.clone()));
            contacts.extend(identity::from_text(&contact.contact));
        }
        let fields: Vec<_> = fields.into_iter().collect();
        let contacts: Vec<_> = contacts.into_iter().collect();
        let found = lookup::contacts(connection, source_id, &contacts, &fields)?;
        Ok(Self(
            found
                .into_iter()
                .filter_map(|contact| Some((identity::from_text(&contact.id)?, contact)))
                .collect(),
        ))
    }

    /// A contact was changed: what was read of it no longer holds, and no second change of the same
    /// commit can name its new version.
    pub(super) fn forget(&mut self, contact: i64) {
        self.0.remove(&contact);
    }

    /// The value of a field.
    pub(super) fn field(&self, contact: i64, name: &str) -> Option<String> {
        let fields = &self.0.get(&contact)?.fields;
        let field = fields.iter().find(|field| field.name == name)?;
        Some(field.value.clone())
    }

    /// Lists that the connection put the contact on, ordered.
    pub(super) fn lists(&self, contact: i64) -> Vec<String> {
        let mut lists = self
            .0
            .get(&contact)
            .map(|contact| contact.lists.clone())
            .unwrap_or_default();
        lists.sort_unstable();
        lists
    }

    /// The user whose contact it was until their link was taken away.
    pub(super) fn former(&self, contact: i64) -> Option<String> {
        self.0.get(&contact)?.former.clone()
    }

    /// The base of the link, as its column holds it.
    pub(super) fn base(&self, contact: i64) -> Result<Option<String>, DatabaseError> {
        self.0
            .get(&contact)
            .and_then(|contact| contact.link.as_ref())
            .map(|link| base::to_text(&link.base))
            .transpose()
    }
}
