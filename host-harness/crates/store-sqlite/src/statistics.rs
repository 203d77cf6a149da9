//! Numbers for the report, kept up to date instead of counted.
//!
//! The linked contacts of a source fall into classes: active or not, and which fields they hold. The
//! table `tallies` has one row per class that occurs; a directory of a million people has some
//! dozens. Every write moves contacts between classes in its own transaction, so that a report reads
//! the classes and never the contacts: its cost does not grow with the directory.

use std::collections::HashMap;

use connector_contract::{Missing, Statistics};
use rusqlite::{Connection, params};

use super::custom::{self, CustomFields};
use super::errors::DatabaseError;
use super::fields::{self, Filled};
use super::sources;

/// Contacts that the report need not tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Class {
    active: bool,
    filled: Filled,
}

impl Class {
    /// The class of a contact.
    pub(super) fn of(active: bool, filled: Filled) -> Self {
        Self { active, filled }
    }
}

/// How many contacts a transaction has moved into each class, per source.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    moves: HashMap<(i64, Class), i64>,
}

impl Tallies {
    /// A contact of the source comes into the class.
    pub(super) fn join(&mut self, source_id: i64, class: Class) {
        *self.moves.entry((source_id, class)).or_default() += 1;
    }

    /// A contact of the source goes out of the class.
    pub(super) fn leave(&mut self, source_id: i64, class: Class) {
        *self.moves.entry((source_id, class)).or_default() -= 1;
    }

    /// Writes the moves.
    pub(super) fn store(&self, connection: &Connection) -> Result<(), DatabaseError> {
        for ((source_id, class), contacts) in &self.moves {
            if *contacts == 0 {
                continue;
            }
            connection
                .prepare_cached(
                    "INSERT INTO tallies (source_id, active, filled, contacts) \
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (source_id, active, filled) \
                     DO UPDATE SET contacts = contacts + excluded.contacts",
                )?
                .execute(params![source_id, class.active, class.filled.0, contacts])?;
            connection
                .prepare_cached(
                    "DELETE FROM tallies \
                     WHERE source_id = ?1 AND active = ?2 AND filled = ?3 AND contacts = 0",
                )?
                .execute(params![source_id, class.active, class.filled.0])?;
        }
        Ok(())
    }
}

/// How many contacts a source links.
pub(super) fn linked_contacts(
    connection: &Connection,
    source_id: i64,
) -> Result<i64, DatabaseError> {
    let linked = connection
        .prepare_cached("SELECT coalesce(sum(contacts), 0) FROM tallies WHERE source_id = ?1")?
        .query_row([source_id], |row| row.get(0))?;
    Ok(linked)
}

/// The numbers of a source, with one entry for each field in the order asked for.
pub(super) fn read(
    connection: &Connection,
    source: &str,
    asked: &[String],
) -> Result<Statistics, DatabaseError> {
    let custom = CustomFields::read(connection)?;
    let mut report = Report::new(asked, &custom);
    if let Some(source_id) = sources::find_source(connection, source)? {
        let mut statement = connection
            .prepare_cached("SELECT active, filled, contacts FROM tallies WHERE source_id = ?1")?;
        let mut rows = statement.query([source_id])?;
        while let Some(row) = rows.next()? {
            let class = Class::of(row.get(0)?, Filled(row.get(1)?));
            let contacts: i64 = row.get(2)?;
            report.add(class, u64::try_from(contacts).unwrap_or_default());
        }
    }
    Ok(report.statistics)
}

/// The bit of a field; `None` for one that no contact ever held.
pub(super) fn bit_of(name: &str, custom: &CustomFields) -> Option<usize> {
    fields::position(name).or_else(|| custom.id(name).map(custom::bit))
}

struct Report {
    /// The bit of each field asked for; `None` for one that no contact ever held.
    bits: Vec<Option<usize>>,
    statistics: Statistics,
}

impl Report {
    fn new(asked: &[String], custom: &CustomFields) -> Self {
        let missing = asked.iter().map(|field| Missing {
            field: field.clone(),
            contacts: 0,
        });
        Self {
            bits: asked.iter().map(|name| bit_of(name, custom)).collect(),
            statistics: Statistics {
                active: 0,
                linked: 0,
                missing: missing.collect(),
                incomplete: 0,
            },
        }
    }

    fn add(&mut self, class: Class, contacts: u64) {
        self.statistics.linked += contacts;
        if !class.active {
            return;
        }
        self.statistics.active += contacts;
        let mut incomplete = false;
        for (bit, missing) in self.bits.iter().zip(&mut self.statistics.missing) {
            if !bit.is_some_and(|bit| class.filled.contains(bit)) {
                missing.contacts += contacts;
                incomplete = true;
            }
        }
        if incomplete {
            self.statistics.incomplete += contacts;
        }
    }
}
