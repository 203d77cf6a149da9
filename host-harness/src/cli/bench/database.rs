//! The database of a workspace, looked at from outside.

use std::path::Path;

use anyhow::Context as _;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Row};
use store_sqlite::FILE_NAME;
use store_sqlite::statements::CONTACT_COLUMNS;

/// Contacts of one portion: those of a page of the directory.
const PORTION: u32 = 999;

/// A database that is only read.
pub(super) struct Database(Connection);

/// One row, as its insertion takes it.
pub(super) type Values = Vec<Value>;

/// Everything about some contacts, in the order of their ids.
#[derive(Default)]
pub(super) struct Portion {
    pub(super) contacts: Vec<Values>,
    pub(super) links: Vec<Values>,
    pub(super) custom_values: Vec<Values>,
    pub(super) memberships: Vec<Values>,
    /// The id of the last contact.
    pub(super) last: i64,
}

impl Portion {
    pub(super) fn rows(&self) -> u64 {
        let tables = [
            &self.contacts,
            &self.links,
            &self.custom_values,
            &self.memberships,
        ];
        tables.iter().map(|table| table.len() as u64).sum()
    }
}

impl Database {
    /// Opens the database of a data directory.
    pub(super) fn open(data: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(data.join(FILE_NAME), flags)
            .context("the measured database cannot be read")?;
        Ok(Self(connection))
    }

    /// How often contacts were written since the database was made, as long as none was deleted:
    /// every write of a contact, its link or its membership counts its version up.
    pub(super) fn contact_writes(&self) -> anyhow::Result<u64> {
        let sum: i64 = self.0.query_row(
            "SELECT coalesce(sum(version), 0) FROM contacts",
            [],
            |row| row.get(0),
        )?;
        Ok(sum.try_into()?)
    }

    /// Contacts with an id after that one.
    pub(super) fn portion(&self, after: i64) -> anyhow::Result<Portion> {
        let columns = CONTACT_COLUMNS.as_str();
        let mut last = after;
        let contacts = self
            .0
            .prepare_cached(&format!(
                "SELECT {columns}, id FROM contacts WHERE id > ?1 ORDER BY id LIMIT ?2"
            ))?
            .query_map([after, PORTION.into()], |row| {
                let mut contact = values(row)?;
                contact.pop();
                last = row.get("id")?;
                Ok(contact)
            })?
            .collect::<Result<_, _>>()?;
        let belonging = |sql: &str| -> rusqlite::Result<Vec<Values>> {
            self.0
                .prepare_cached(sql)?
                .query_map([after, last], values)?
                .collect()
        };
        Ok(Portion {
            contacts,
            links: belonging(
                "SELECT source_id, object_id, contact_id, base FROM links \
                 WHERE contact_id > ?1 AND contact_id <= ?2 ORDER BY contact_id",
            )?,
            custom_values: belonging(
                "SELECT contact_id, field_id, value FROM custom_values \
                 WHERE contact_id > ?1 AND contact_id <= ?2",
            )?,
            memberships: belonging(
                "SELECT contact_id, list_id, manager FROM memberships \
                 WHERE contact_id > ?1 AND contact_id <= ?2",
            )?,
            last,
        })
    }
}

fn values(row: &Row<'_>) -> rusqlite::Result<Values> {
    (0..row.as_ref().column_count())
        .map(|column| row.get(column))
        .collect()
}
