//! Custom fields: labels that became fields when they were first written.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;

use super::errors::DatabaseError;
use super::fields::{self, FIRST_CUSTOM_BIT, MAX_CUSTOM_FIELDS};

/// The custom fields that exist, by label. There are few, so they are read whole.
#[derive(Debug, Default)]
pub(super) struct CustomFields {
    ids: HashMap<String, i64>,
}

impl CustomFields {
    /// Reads the labels that exist now.
    pub(super) fn read(connection: &Connection) -> Result<Self, DatabaseError> {
        let ids = connection
            .prepare_cached("SELECT name, id FROM custom_fields")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Self { ids })
    }

    /// Their labels.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Of fields that are to be written, how many have no room any more.
    pub(super) fn without_room(&self, fields: &BTreeSet<&str>) -> usize {
        let is_new = |name: &&&str| fields::position(name).is_none() && self.id(name).is_none();
        let new = fields.iter().filter(is_new).count();
        (self.len() + new).saturating_sub(MAX_CUSTOM_FIELDS)
    }

    /// The id of a field, where it was ever written.
    pub(super) fn id(&self, name: &str) -> Option<i64> {
        self.ids.get(name).copied()
    }

    /// The id of a field, which is made where it is new.
    pub(super) fn make(
        &mut self,
        connection: &Connection,
        name: &str,
    ) -> Result<i64, DatabaseError> {
        if let Some(id) = self.id(name) {
            return Ok(id);
        }
        // Fields are never deleted, so their number is the next id.
        let id: i64 = connection
            .prepare_cached(
                "INSERT INTO custom_fields (id, name) \
                 VALUES ((SELECT count(*) FROM custom_fields), ?1) RETURNING id",
            )?
            .query_row([name], |row| row.get(0))?;
        self.ids.insert(name.to_owned(), id);
        Ok(id)
    }
}

/// The bit of a custom field in `contacts.filled`.
pub(super) fn bit(field_id: i64) -> usize {
    FIRST_CUSTOM_BIT + usize::try_from(field_id).unwrap_or_default()
}
