//! New contacts of one commit, which are checked one after another and written together: with one statement
//! for each table, and in each index in the order of its keys.

use std::collections::HashSet;

use connector_contract::{Field, Mark};
use rusqlite::params;
use rusqlite::types::Null;

use super::WriteTx;
use super::links::NewLink;
use crate::errors::DatabaseError;
use crate::fields::{DESCRIBED_FIELDS, Filled};
use crate::identity::FIRST_VERSION;
use crate::object_key::IndexKey;
use crate::rules::Values;
use crate::sequences::Sequence;
use crate::statements::{
    INSERT_ADDRESS, INSERT_CONTACT, INSERT_CUSTOM_VALUE, INSERT_MEMBERSHIP, INSERT_OBJECT,
};
use crate::statistics::Class;
use crate::{address_hash, base, marks};

/// A contact that a directory's user is to have.
#[derive(Debug)]
pub(crate) struct Created<'a> {
    pub(crate) active: bool,
    pub(crate) link: NewLink<'a>,
    pub(crate) values: Values<'a>,
    /// What the values hold.
    pub(crate) held: &'a [Field],
    /// The lists that its connection puts it on.
    pub(crate) lists: Vec<i64>,
    pub(crate) mark: Option<Mark>,
}

/// A contact with everything that it gets by being made.
struct Row<'a> {
    id: i64,
    user: IndexKey<'a>,
    filled: Filled,
    /// The number of the link.
    number: i64,
    /// The base, where it is not what the fields hold.
    base: Option<String>,
    address: Option<i64>,
    created: Created<'a>,
}

/// Contacts that are made and not yet written.
#[derive(Default)]
pub(crate) struct NewContacts<'a>(Vec<Row<'a>>);

impl NewContacts<'_> {
    /// Whether one of these users is among those of the contacts.
    pub(crate) fn any_of<'u>(&self, mut users: impl Iterator<Item = &'u str>) -> bool {
        let Some(first) = users.next() else {
            return false;
        };
        let new = self.0.iter().map(|row| row.created.link.object_id);
        let new: HashSet<&str> = new.collect();
        new.contains(first) || users.any(|user| new.contains(user))
    }
}

impl WriteTx<'_> {
    /// Makes a contact of a user who is linked to none, and gives its id. It is not there for any look before
    /// [`Self::write_new`], but for [`Self::is_known_unlinked`].
    pub(crate) fn create<'a>(
        &mut self,
        new: &mut NewContacts<'a>,
        created: Created<'a>,
    ) -> Result<i64, DatabaseError> {
        let NewLink {
            source_id,
            object_id,
            base,
        } = created.link;
        let base_is_held = base::is_held(base, created.held);
        let address = created.values.email_key();
        let row = Row {
            id: self.sequences.next(&self.transaction, Sequence::Contact)?,
            user: object_id.into(),
            filled: self.filled_after(Filled::default(), &created.values)?,
            number: self.sequences.next(&self.transaction, Sequence::Link)?,
            base: (!base_is_held).then(|| base::to_text(base)).transpose()?,
            address: address.map(|key| address_hash::hash(&key)),
            created,
        };
        self.note_presence(source_id, object_id);
        if let Some(hash) = row.address {
            self.note_address(hash);
        }
        let class = Class::of(row.created.active, row.filled);
        self.tallies.join(source_id, class);
        let id = row.id;
        new.0.push(row);
        Ok(id)
    }

    /// Writes the contacts that were made.
    pub(crate) fn write_new(&mut self, new: &mut NewContacts<'_>) -> Result<(), DatabaseError> {
        let rows = std::mem::take(&mut new.0);
        if rows.is_empty() {
            return Ok(());
        }
        self.write_rows(&rows)?;
        self.write_custom_values(&rows)?;
        self.write_memberships(&rows)?;
        self.index_users(&rows)?;
        self.index_addresses(&rows)?;
        if self.any_former {
            for row in &rows {
                let link = row.created.link;
                self.forget_former(link.source_id, link.object_id, row.id)?;
            }
        }
        Ok(())
    }

    fn write_rows(&self, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
        let mut statement = self.transaction.prepare_cached(&INSERT_CONTACT)?;
        // What is bound stays bound from one row to the next; so most of what is null is bound once.
        let mut bound = [true; DESCRIBED_FIELDS];
        for row in rows {
            let Created {
                active,
                link,
                values,
                mark,
                ..
            } = &row.created;
            statement.raw_bind_parameter(1, row.id)?;
            statement.raw_bind_parameter(2, FIRST_VERSION)?;
            statement.raw_bind_parameter(3, active)?;
            statement.raw_bind_parameter(4, row.filled.0)?;
            statement.raw_bind_parameter(5, link.source_id)?;
            statement.raw_bind_parameter(6, row.user)?;
            statement.raw_bind_parameter(7, row.number)?;
            statement.raw_bind_parameter(8, &row.base)?;
            statement.raw_bind_parameter(9, mark.map(marks::to_bytes))?;
            statement.raw_bind_parameter(10, mark.map(|_| FIRST_VERSION))?;
            for ((place, value), bound) in values.columns().enumerate().zip(&mut bound) {
                match value {
                    Some(value) => statement.raw_bind_parameter(place + 11, value)?,
                    None if *bound => statement.raw_bind_parameter(place + 11, Null)?,
                    None => {}
                }
                *bound = value.is_some();
            }
            statement.raw_execute()?;
        }
        Ok(())
    }

    fn write_custom_values(&self, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
        let mut statement = self.transaction.prepare_cached(INSERT_CUSTOM_VALUE)?;
        for row in rows {
            for (name, value) in &row.created.values.custom {
                if let (Some(field), Some(value)) = (self.custom.id(name), value) {
                    statement.execute(params![row.id, field, value])?;
                }
            }
        }
        Ok(())
    }

    fn write_memberships(&self, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
        let mut statement = self.transaction.prepare_cached(INSERT_MEMBERSHIP)?;
        for row in rows {
            for list in &row.created.lists {
                statement.execute([row.id, *list, row.created.link.source_id])?;
            }
        }
        Ok(())
    }

    fn index_users(&mut self, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
        self.is_indexed = true;
        let mut order: Vec<&Row<'_>> = rows.iter().collect();
        order.sort_unstable_by_key(|row| row.user);
        let mut statement = self.transaction.prepare_cached(INSERT_OBJECT)?;
        for row in order {
            let source_id = row.created.link.source_id;
            statement.execute(params![source_id, row.user, row.id, row.number])?;
        }
        Ok(())
    }

    fn index_addresses(&self, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
        let addresses = rows
            .iter()
            .filter_map(|row| row.address.map(|hash| [hash, row.id]));
        let mut addresses: Vec<_> = addresses.collect();
        addresses.sort_unstable();
        let mut statement = self.transaction.prepare_cached(INSERT_ADDRESS)?;
        for address in addresses {
            statement.execute(address)?;
        }
        Ok(())
    }
}
