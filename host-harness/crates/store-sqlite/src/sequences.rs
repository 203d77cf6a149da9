//! Numbers that only count up, also across deletions: of contacts, of links, and of entries of the journal.

use rusqlite::{Connection, params};

use super::errors::DatabaseError;

/// What is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    Contact,
    Link,
    Entry,
}

impl Sequence {
    /// Its name in the table; SQLite keeps that of contacts by itself
    /// (<https://www.sqlite.org/autoinc.html>).
    fn name(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Link => "link",
            Self::Entry => "journal",
        }
    }
}

/// The last number of each kind that a transaction has given out, where it has given out any.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    contact: Option<i64>,
    link: Option<i64>,
    entry: Option<i64>,
}

impl Sequences {
    /// The next number.
    pub(super) fn next(
        &mut self,
        connection: &Connection,
        what: Sequence,
    ) -> Result<i64, DatabaseError> {
        let slot = match what {
            Sequence::Contact => &mut self.contact,
            Sequence::Link => &mut self.link,
            Sequence::Entry => &mut self.entry,
        };
        let next = slot.map_or_else(|| last(connection, what), Ok)? + 1;
        *slot = Some(next);
        Ok(next)
    }

    /// Writes what was given out.
    pub(super) fn store(&self, connection: &Connection) -> Result<(), DatabaseError> {
        for (what, last) in [(Sequence::Link, self.link), (Sequence::Entry, self.entry)] {
            if let Some(last) = last {
                connection
                    .prepare_cached("UPDATE sequences SET last = ?2 WHERE name = ?1")?
                    .execute(params![what.name(), last])?;
            }
        }
        Ok(())
    }
}

/// The last number that was given out.
pub(super) fn last(connection: &Connection, what: Sequence) -> Result<i64, DatabaseError> {
    let sql = match what {
        // It has no row before the first contact.
        Sequence::Contact => "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1",
        Sequence::Link | Sequence::Entry => "SELECT last FROM sequences WHERE name = ?1",
    };
    let last = connection
        .prepare_cached(sql)?
        .query_row([what.name()], |row| row.get(0))?;
    Ok(last)
}
