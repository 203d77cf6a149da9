//! The floor: what the first full sync costs without a connector.
//!
//! The rows are those of a script that somebody would write in an afternoon: one flat table in SQLite, with an
//! index by the object id and one by the address; each person is looked for, and inserted. It has no links, no
//! lists, no journal and no state, and it does not change when the store's own schema does.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rusqlite::{Connection, Transaction, params_from_iter};

use super::database::{Database, FIELDS, Person};
use super::directory::Directory;
use super::findings::Floor;

/// The name of the flat table's file.
const FILE_NAME: &str = "flat.db";

/// Measures both halves, one after the other: the answers of `urls`, and the people of the database in
/// `synced`, inserted into a new one in `empty`.
pub(super) async fn measure(
    directory: &Directory,
    urls: &[String],
    synced: &Path,
    empty: &Path,
) -> anyhow::Result<Floor> {
    let reader = directory.reader().await?;
    let started = Instant::now();
    let mut bytes = 0;
    for url in urls {
        bytes += reader.read(url).await?;
    }
    let fetch = started.elapsed();
    let inserted = tokio::task::block_in_place(|| insert_all(synced, empty))?;
    Ok(Floor {
        fetch,
        answers: urls.len() as u64,
        bytes,
        insert: inserted.duration,
        rows: inserted.rows,
        transactions: inserted.transactions,
    })
}

#[derive(Default)]
struct Inserted {
    duration: Duration,
    rows: u64,
    transactions: u64,
}

fn insert_all(synced: &Path, empty: &Path) -> anyhow::Result<Inserted> {
    let source = Database::open(synced)?;
    let mut target = flat_table(&empty.join(FILE_NAME)).context("the flat table cannot be made")?;
    let mut inserted = Inserted::default();
    let mut after = 0;
    loop {
        let portion = source.portion(after)?;
        if portion.people.is_empty() {
            return Ok(inserted);
        }
        after = portion.last;
        // Reading the rows back is no part of the floor.
        let started = Instant::now();
        let transaction = target.transaction()?;
        insert(&transaction, &portion.people)?;
        transaction.commit()?;
        inserted.duration += started.elapsed();
        inserted.rows += portion.people.len() as u64;
        inserted.transactions += 1;
    }
}

/// As durable as the store: every transaction is flushed.
fn flat_table(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    let fields: String = FIELDS.map(|field| format!(", \"{field}\" TEXT")).concat();
    connection.execute_batch(&format!(
        "CREATE TABLE people (object_id TEXT PRIMARY KEY{fields}); \
         CREATE INDEX people_by_email ON people (email);"
    ))?;
    Ok(connection)
}

fn insert(transaction: &Transaction<'_>, people: &[Person]) -> rusqlite::Result<()> {
    let places: Vec<_> = (1..=FIELDS.len() + 1)
        .map(|place| format!("?{place}"))
        .collect();
    let mut find = transaction.prepare_cached("SELECT 1 FROM people WHERE object_id = ?1")?;
    let mut insert = transaction.prepare_cached(&format!(
        "INSERT INTO people VALUES ({})",
        places.join(", ")
    ))?;
    for person in people {
        if !find.exists([person.first()])? {
            insert.execute(params_from_iter(person))?;
        }
    }
    Ok(())
}
