//! Numbers that only count up, also across deletions: of links, and of entries of the journal.

use rusqlite::{Connection, params};

use super::errors::DatabaseError;

/// What is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    Link,
    Entry,
}

impl Numbered {
    /// Its name in the table.
    fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Entry => "journal",
        }
    }
}

/// The last number of each kind that a transaction has given out, where it has given out any.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    link: Option<i64>,
    entry: Option<i64>,
}

impl Numbers {
    /// The next number.
    pub(super) fn next(
        &mut self,
        connection: &Connection,
        what: Numbered,
    ) -> Result<i64, DatabaseError> {
        let slot = match what {
            Numbered::Link => &mut self.link,
            Numbered::Entry => &mut self.entry,
        };
        let next = slot.map_or_else(|| last(connection, what), Ok)? + 1;
        *slot = Some(next);
        Ok(next)
    }

    /// Writes what was given out.
    pub(super) fn store(&self, connection: &Connection) -> Result<(), DatabaseError> {
        for (what, last) in [(Numbered::Link, self.link), (Numbered::Entry, self.entry)] {
            if let Some(last) = last {
                connection
                    .prepare_cached("UPDATE numbers SET last = ?2 WHERE name = ?1")?
                    .execute(params![what.name(), last])?;
            }
        }
        Ok(())
    }
}

/// The last number that was given out.
pub(super) fn last(connection: &Connection, what: Numbered) -> Result<i64, DatabaseError> {
    let last = connection
        .prepare_cached("SELECT last FROM numbers WHERE name = ?1")?
        .query_row([what.name()], |row| row.get(0))?;
    Ok(last)
}
