//! The floor: what the first full sync costs without a connector.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rusqlite::{Connection, Transaction, params_from_iter};
use store_sqlite::FILE_NAME;
use store_sqlite::statements::{
    INSERT_CONTACT, INSERT_CUSTOM_VALUE, INSERT_LINK, INSERT_MEMBERSHIP,
};

use super::database::{Database, Values};
use super::directory::Directory;
use super::findings::Floor;

/// Measures both halves, one after the other: the answers of `urls`, and the rows of the database in
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
    let mut target = store_sqlite::open_writer(&empty.join(FILE_NAME))?;
    copy_what_rows_refer_to(&target, synced)?;
    let mut inserted = Inserted::default();
    let mut after = 0;
    loop {
        let portion = source.portion(after)?;
        if portion.contacts.is_empty() {
            return Ok(inserted);
        }
        after = portion.last;
        // Reading the rows back is no part of the floor.
        let started = Instant::now();
        let transaction = target.transaction()?;
        insert(&transaction, &INSERT_CONTACT, &portion.contacts)?;
        insert(&transaction, INSERT_LINK, &portion.links)?;
        insert(&transaction, INSERT_CUSTOM_VALUE, &portion.custom_values)?;
        insert(&transaction, INSERT_MEMBERSHIP, &portion.memberships)?;
        transaction.commit()?;
        inserted.duration += started.elapsed();
        inserted.rows += portion.rows();
        inserted.transactions += 1;
    }
}

fn insert(transaction: &Transaction<'_>, sql: &str, rows: &[Values]) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(sql)?;
    for row in rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}

/// The few rows that foreign keys point to.
fn copy_what_rows_refer_to(target: &Connection, synced: &Path) -> anyhow::Result<()> {
    let path = synced.join(FILE_NAME);
    let path = path
        .to_str()
        .context("the temporary directory's name is no text")?;
    target.execute("ATTACH ?1 AS synced", [path])?;
    target.execute_batch(
        "INSERT INTO sources SELECT * FROM synced.sources WHERE id <> 0;
         INSERT INTO lists SELECT * FROM synced.lists;
         INSERT INTO custom_fields SELECT * FROM synced.custom_fields;
         DETACH synced;",
    )?;
    Ok(())
}
