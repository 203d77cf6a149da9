//! The floors: what the first full sync costs without a connector.
//!
//! Both write the people of a synced database, a transaction a page of 999, into tables that stay as they are
//! while the store's own change. [`flat`] is what somebody would write in an afternoon. [`sorted`] is the
//! cheapest schema that was found, of two dozen that were measured, to keep what a sync must keep. Neither
//! waits for the disk at each commit, as better-sqlite3 by itself does not: the store, which promises that what
//! it has taken is on the disk, pays for that alone.

mod flat;
mod sorted;

use std::path::Path;

use anyhow::Context as _;
use rusqlite::Connection;

use self::flat::FlatTable;
use self::sorted::SortedTables;
use super::findings::{Fetched, Written};
use super::people::{Database, Person};
use crate::Cost;
use crate::cost::Meter;
use crate::directory::Directory;

/// Pages that are read into memory at once, so that reading them back is no part of the floor.
const PAGES_AT_ONCE: usize = 100;

/// Tables that people are written into.
trait Tables: Sized {
    /// Makes them in a new file.
    fn make(path: &Path) -> rusqlite::Result<Self>;

    /// Writes the people of one page, in one transaction.
    fn page(&mut self, people: &[Person]) -> rusqlite::Result<()>;

    /// Writes what is still to be written, and closes the file.
    fn close(self) -> rusqlite::Result<()>;
}

/// The people of the database in `synced`, in one flat table in `empty`.
pub(super) fn flat(synced: &Path, empty: &Path) -> anyhow::Result<Written> {
    write_all::<FlatTable>(synced, &empty.join("flat.db")).context("the flat table")
}

/// The people of the database in `synced`, in tables with indexes written in order in `empty`.
pub(super) fn sorted(synced: &Path, empty: &Path) -> anyhow::Result<Written> {
    write_all::<SortedTables>(synced, &empty.join("sorted.db")).context("the sorted tables")
}

/// Reads every answer to its end.
pub(super) async fn fetch(directory: &Directory, urls: &[String]) -> anyhow::Result<Fetched> {
    let reader = directory.reader().await?;
    let meter = Meter::start();
    let mut bytes = 0;
    for url in urls {
        bytes += reader.read(url).await?;
    }
    Ok(Fetched {
        cost: meter.stop(),
        answers: urls.len() as u64,
        bytes,
    })
}

fn write_all<T: Tables>(synced: &Path, file: &Path) -> anyhow::Result<Written> {
    let source = Database::open(synced)?;
    let mut tables = T::make(file)?;
    let mut costs = Vec::new();
    let (mut after, mut rows, mut transactions) = (0, 0, 0);
    loop {
        let mut pages = Vec::with_capacity(PAGES_AT_ONCE);
        while pages.len() < PAGES_AT_ONCE {
            let portion = source.portion(after)?;
            if portion.people.is_empty() {
                break;
            }
            after = portion.last;
            pages.push(portion.people);
        }
        if pages.is_empty() {
            break;
        }
        let meter = Meter::start();
        for people in &pages {
            tables.page(people)?;
        }
        costs.push(meter.stop());
        rows += pages.iter().map(|people| people.len() as u64).sum::<u64>();
        transactions += pages.len() as u64;
    }
    let meter = Meter::start();
    tables.close()?;
    costs.push(meter.stop());
    Ok(Written {
        cost: costs.into_iter().sum::<Cost>(),
        rows,
        transactions,
        file_bytes: std::fs::metadata(file)?.len(),
    })
}

/// A new file, opened as better-sqlite3 opens one that is told to keep a log.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::super::people::FIELDS;
    use super::*;

    /// Somebody with a first name and an address.
    pub(super) fn person(number: u32) -> Person {
        let text = |text: String| Value::Text(text);
        let mut person = vec![text(format!("00000000-0000-4000-8000-{number:012x}"))];
        person.extend(FIELDS.map(|field| match field {
            "first_name" => text(format!("Zoe {number}")),
            "email" => text(format!("zoe{number}@contoso.example")),
            _ => Value::Null,
        }));
        person
    }

    fn count(path: &Path, table: &str) -> u32 {
        let connection = Connection::open(path).unwrap();
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// Writes 60,000 people, of whom the last page is written twice.
    fn filled<T: Tables>(path: &Path) {
        let mut tables = T::make(path).unwrap();
        let people: Vec<_> = (0..60_000).map(person).collect();
        for page in people.chunks(999) {
            tables.page(page).unwrap();
        }
        tables.page(people.chunks(999).last().unwrap()).unwrap();
        tables.close().unwrap();
    }

    #[test]
    fn the_flat_table_has_everybody_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flat.db");
        filled::<FlatTable>(&path);
        assert_eq!(count(&path, "contacts"), 60_000);
    }

    #[test]
    fn the_sorted_tables_have_everybody_once_and_find_them_by_id_and_by_address() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sorted.db");
        filled::<SortedTables>(&path);
        for table in ["contacts", "objects", "addresses", "members"] {
            assert_eq!(count(&path, table), 60_000, "{table}");
        }
        // One entry a page; the last one, which came again, created nobody.
        assert_eq!(count(&path, "journal"), 61);
    }
}
