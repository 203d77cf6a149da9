//! What both floors are: tables of a file that pages of people are written into.

use std::path::Path;

use rusqlite::Connection;

use crate::first_sync::people::Person;

/// Tables that people are written into.
pub(super) trait Tables: Sized {
    /// Makes them in a new file.
    fn make(path: &Path) -> rusqlite::Result<Self>;

    /// Writes the people of one page, in one transaction.
    fn page(&mut self, people: &[Person]) -> rusqlite::Result<()>;

    /// Writes what is still to be written, and closes the file.
    fn close(self) -> rusqlite::Result<()>;
}

/// A new file, opened as better-sqlite3 opens one that is told to keep a log.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(connection)
}
