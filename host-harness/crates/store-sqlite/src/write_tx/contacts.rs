//! Rows of contacts: with what they hold, the link that stands beside them, and the index by which their
//! address is found.

use connector_contract::Field;
use rusqlite::params;
use rusqlite::types::Null;

use super::{ContactState, WriteTx};
use crate::address_hash;
use crate::custom;
use crate::errors::DatabaseError;
use crate::fields::{DESCRIBED_FIELDS, Filled, email_key};
use crate::levels::ADDRESSES;
use crate::object_key::ObjectText;
use crate::rules::Values;
use crate::statements::{INSERT_ADDRESS, INSERT_CONTACT, INSERT_CUSTOM_VALUE, UPDATE_CONTACT};

/// A contact on its way into the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewContact {
    /// Of one that was deleted and is made again.
    pub(crate) id: Option<i64>,
    pub(crate) version: i64,
    pub(crate) active: bool,
}

impl WriteTx<'_> {
    /// A contact as it stands now, where there is one.
    pub(crate) fn contact_state(
        &self,
        contact: i64,
    ) -> Result<Option<ContactState>, DatabaseError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT c.version, c.active, c.filled, c.base IS NULL, c.source_id, c.object_id, \
                 l.source_id, l.object_id \
             FROM contacts c LEFT JOIN links l ON l.contact_id = c.id WHERE c.id = ?1 \
             ORDER BY l.source_id",
        )?;
        let mut rows = statement.query([contact])?;
        let mut current: Option<ContactState> = None;
        while let Some(row) = rows.next()? {
            let link = |column| -> rusqlite::Result<Option<(i64, String)>> {
                let Some(source) = row.get(column)? else {
                    return Ok(None);
                };
                let ObjectText(object_id) = row.get(column + 1)?;
                Ok(Some((source, object_id)))
            };
            let found = match &mut current {
                Some(found) => found,
                None => current.insert(ContactState {
                    id: contact,
                    version: row.get(0)?,
                    active: row.get(1)?,
                    filled: Filled(row.get(2)?),
                    base_is_held: row.get(3)?,
                    links: link(4)?.into_iter().collect(),
                }),
            };
            found.links.extend(link(6)?);
        }
        Ok(current)
    }

    /// Inserts a contact without a link.
    pub(crate) fn insert_contact(
        &mut self,
        new: NewContact,
        values: &Values<'_>,
    ) -> Result<ContactState, DatabaseError> {
        let filled = self.filled_after(Filled::default(), values)?;
        {
            let mut statement = self.transaction.prepare_cached(&INSERT_CONTACT)?;
            statement.raw_bind_parameter(1, new.id)?;
            statement.raw_bind_parameter(2, new.version)?;
            statement.raw_bind_parameter(3, new.active)?;
            statement.raw_bind_parameter(4, filled.0)?;
            for of_a_link in 5..=10 {
                statement.raw_bind_parameter(of_a_link, Null)?;
            }
            for (place, value) in values.columns().enumerate() {
                statement.raw_bind_parameter(place + 11, value)?;
            }
            statement.raw_execute()?;
        }
        let id = new
            .id
            .unwrap_or_else(|| self.transaction.last_insert_rowid());
        self.write_custom(id, values)?;
        if let Some(key) = values.email_key() {
            self.insert_address(&key, id)?;
        }
        Ok(ContactState {
            id,
            version: new.version,
            active: new.active,
            filled,
            links: Vec::new(),
            base_is_held: true,
        })
    }

    fn insert_address(&mut self, key: &str, contact: i64) -> Result<(), DatabaseError> {
        self.is_indexed = true;
        let hash = address_hash::hash(key);
        self.note_address(hash);
        self.transaction
            .prepare_cached(INSERT_ADDRESS)?
            .execute([hash, contact])?;
        Ok(())
    }

    /// A contact is found by this hash of an address.
    pub(super) fn note_address(&mut self, hash: i64) {
        if let Some(presence) = &mut self.presence {
            presence.add_address(hash);
        }
    }

    /// Writes values and the active flag, and counts the version up; the contact as it stands then. The
    /// base is that of the contact's link of that source afterwards; it stays what it was where there is
    /// none.
    pub(crate) fn update_contact(
        &mut self,
        before: &ContactState,
        active: bool,
        values: &Values<'_>,
        base: Option<(i64, &[Field])>,
    ) -> Result<ContactState, DatabaseError> {
        let first = before.links.first().map(|(source, _)| *source);
        let replaces_base = first.is_some() && base.map(|(source, _)| source) == first;
        if !replaces_base && !values.is_empty() {
            self.write_base_down(before)?;
        }
        let after = ContactState {
            version: before.version + 1,
            active,
            filled: self.filled_after(before.filled, values)?,
            base_is_held: before.base_is_held && values.is_empty(),
            ..before.clone()
        };
        if values.writes_email() {
            self.move_address(before.id, values.email_key())?;
        }
        self.update_row(&after, values)?;
        self.write_custom(after.id, values)?;
        for (source, user) in &after.links {
            self.note_edit(*source, user)?;
            self.tallies.leave(*source, before.class());
            self.tallies.join(*source, after.class());
        }
        match base {
            Some((source_id, base)) => self.write_base(source_id, &after, base),
            None => Ok(after),
        }
    }

    fn move_address(&mut self, contact: i64, to: Option<String>) -> Result<(), DatabaseError> {
        let from = self.address_key(contact)?;
        if from == to {
            return Ok(());
        }
        if let Some(from) = from {
            self.delete_address(&from, contact)?;
        }
        match to {
            Some(to) => self.insert_address(&to, contact),
            None => Ok(()),
        }
    }

    fn address_key(&self, contact: i64) -> Result<Option<String>, DatabaseError> {
        let address: Option<String> = self
            .transaction
            .prepare_cached("SELECT email FROM contacts WHERE id = ?1")?
            .query_row([contact], |row| row.get(0))?;
        Ok(address.as_deref().map(email_key))
    }

    fn delete_address(&self, key: &str, contact: i64) -> Result<(), DatabaseError> {
        let hash = address_hash::hash(key);
        ADDRESSES.delete(
            &self.transaction,
            "hash = ?1 AND contact_id = ?2",
            [hash, contact],
        )?;
        Ok(())
    }

    fn update_row(&self, after: &ContactState, values: &Values<'_>) -> Result<(), DatabaseError> {
        let mut statement = self.transaction.prepare_cached(&UPDATE_CONTACT)?;
        statement.raw_bind_parameter(1, after.id)?;
        statement.raw_bind_parameter(2, after.version)?;
        statement.raw_bind_parameter(3, after.active)?;
        statement.raw_bind_parameter(4, after.filled.0)?;
        statement.raw_bind_parameter(5, values.written().0)?;
        for (place, value) in values.columns().enumerate() {
            statement.raw_bind_parameter(place + 6, value)?;
        }
        statement.raw_execute()?;
        Ok(())
    }

    /// Deletes a contact with all that hangs on it.
    pub(crate) fn delete_contact(&mut self, current: &ContactState) -> Result<(), DatabaseError> {
        self.write_creation_out(current.id)?;
        if let Some(key) = self.address_key(current.id)? {
            self.delete_address(&key, current.id)?;
        }
        for (source, user) in &current.links {
            self.forget_object(*source, user)?;
            self.note_edit(*source, user)?;
            self.tallies.leave(*source, current.class());
        }
        for table in ["custom_values", "memberships", "links", "former_links"] {
            self.transaction
                .prepare_cached(&format!("DELETE FROM {table} WHERE contact_id = ?1"))?
                .execute([current.id])?;
        }
        self.transaction
            .prepare_cached("DELETE FROM contacts WHERE id = ?1")?
            .execute([current.id])?;
        Ok(())
    }

    /// Which fields a contact holds once the values are written. Makes new custom fields.
    pub(super) fn filled_after(
        &mut self,
        before: Filled,
        values: &Values<'_>,
    ) -> Result<Filled, DatabaseError> {
        let mut filled = before;
        for place in 0..DESCRIBED_FIELDS {
            if let Some(write) = values.described(place) {
                filled = filled.with(place, write.is_some());
            }
        }
        for (name, value) in &values.custom {
            let field = match value {
                Some(_) => Some(self.custom.make(&self.transaction, name)?),
                None => self.custom.id(name),
            };
            if let Some(field) = field {
                filled = filled.with(custom::bit(field), value.is_some());
            }
        }
        Ok(filled)
    }

    fn write_custom(&self, contact: i64, values: &Values<'_>) -> Result<(), DatabaseError> {
        for (name, value) in &values.custom {
            let Some(field) = self.custom.id(name) else {
                continue;
            };
            match value {
                Some(text) => self
                    .transaction
                    .prepare_cached(INSERT_CUSTOM_VALUE)?
                    .execute(params![contact, field, text])?,
                None => self
                    .transaction
                    .prepare_cached(
                        "DELETE FROM custom_values WHERE contact_id = ?1 AND field_id = ?2",
                    )?
                    .execute([contact, field])?,
            };
        }
        Ok(())
    }
}
