//! Notes: why a directory user led to no change.
//!
//! A note is replaced only where its reason is another one, so that a full round of people who are
//! skipped as before writes nothing. Of the address only a keyed hash is kept: people who are out of
//! scope leave no address in the database, and whoever knows theirs finds the note.

use connector_contract::{Note, Noted, Who};
use rusqlite::{Connection, Row, ToSql, params};
use store_api::NotedUser;

use super::errors::DatabaseError;
use super::journal::JournalContext;
use super::{address_key, identity, lookup, marks, sources};

/// Writes the notes of a commit, and forgets those that no longer hold.
pub(super) fn write(
    connection: &Connection,
    source_id: i64,
    journal: &JournalContext,
    notes: &[Note],
    settled: &[String],
) -> Result<(), DatabaseError> {
    if !settled.is_empty() && any(connection)? {
        let settled = lookup::texts(settled.iter().cloned());
        connection
            .prepare_cached("DELETE FROM notes WHERE object_id IN rarray(?1)")?
            .execute([settled])?;
    }
    if notes.is_empty() {
        return Ok(());
    }
    let key = address_key::key(connection)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO notes (object_id, source_id, address, contact_id, reason, run_id, since_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (object_id) DO UPDATE SET source_id = excluded.source_id, \
             address = excluded.address, contact_id = excluded.contact_id, \
             run_id = CASE WHEN reason = excluded.reason THEN run_id ELSE excluded.run_id END, \
             since_ms = CASE WHEN reason = excluded.reason THEN since_ms \
                 ELSE excluded.since_ms END, \
             reason = excluded.reason \
         WHERE reason <> excluded.reason OR contact_id IS NOT excluded.contact_id \
             OR address IS NOT excluded.address",
    )?;
    for note in notes {
        let address = note.address.as_deref();
        let address = address.map(|address| address_key::keyed_hash(&key, address));
        let written = statement.execute(params![
            note.object_id,
            source_id,
            address,
            note.contact,
            note.reason,
            journal.run_id,
            journal.at_ms,
        ])?;
        if written > 0 {
            marks::forget(connection, source_id, &note.object_id)?;
        }
    }
    Ok(())
}

fn any(connection: &Connection) -> Result<bool, DatabaseError> {
    let any = connection
        .prepare_cached("SELECT 1 FROM notes LIMIT 1")?
        .exists([])?;
    Ok(any)
}

/// The notes about somebody.
pub(super) fn about(
    connection: &Connection,
    source: &str,
    who: &Who,
) -> Result<Vec<Noted>, DatabaseError> {
    let source_id = sources::source_or_none(connection, source)?;
    let select = |condition: &str| {
        format!(
            "SELECT n.object_id, n.contact_id, n.reason, r.name, n.since_ms FROM notes n \
             LEFT JOIN run_names r ON r.id = n.run_id \
             WHERE {condition} AND n.source_id = ?2 ORDER BY n.object_id LIMIT 100"
        )
    };
    match who {
        Who::User(user) => read(
            connection,
            &select("n.object_id = ?1"),
            params![user, source_id],
        ),
        Who::Contact(contact) => read(
            connection,
            &select("n.contact_id = ?1"),
            params![contact, source_id],
        ),
        Who::Address(address) => read(
            connection,
            &select("n.address = ?1"),
            params![address_key::hash(connection, address)?, source_id],
        ),
    }
}

/// How many directory users led to no change, by reason: of one connection, or of all.
pub(super) fn reasons(
    connection: &Connection,
    source: Option<&str>,
) -> Result<Vec<(String, u64)>, DatabaseError> {
    let Some(source_id) = known_source(connection, source)? else {
        return Ok(Vec::new());
    };
    let reasons = connection
        .prepare_cached(
            "SELECT reason, count(*) FROM notes WHERE ?1 IS NULL OR source_id = ?1 \
             GROUP BY reason ORDER BY reason",
        )?
        .query_map([source_id], |row| {
            Ok((row.get(0)?, identity::to_version(row.get(1)?)))
        })?
        .collect::<Result<_, _>>()?;
    Ok(reasons)
}

/// Directory users who led to no change for a reason, in byte order of the object id, after `after`.
pub(super) fn people(
    connection: &Connection,
    source: Option<&str>,
    reason: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<NotedUser>, DatabaseError> {
    let Some(source_id) = known_source(connection, source)? else {
        return Ok(Vec::new());
    };
    let people = connection
        .prepare_cached(
            "SELECT object_id, contact_id FROM notes WHERE reason = ?2 AND object_id > ?3 \
             AND (?1 IS NULL OR source_id = ?1) ORDER BY object_id LIMIT ?4",
        )?
        .query_map(
            params![source_id, reason, after.unwrap_or_default(), limit],
            |row| {
                Ok(NotedUser {
                    object_id: row.get(0)?,
                    contact: row.get(1)?,
                })
            },
        )?
        .collect::<Result<_, _>>()?;
    Ok(people)
}

/// The number of a source: none where nothing was ever noted of it, and none within where any is meant.
fn known_source(
    connection: &Connection,
    source: Option<&str>,
) -> Result<Option<Option<i64>>, DatabaseError> {
    let Some(source) = source else {
        return Ok(Some(None));
    };
    Ok(sources::find_source(connection, source)?.map(Some))
}

fn read(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
) -> Result<Vec<Noted>, DatabaseError> {
    let noted = connection
        .prepare_cached(sql)?
        .query_map(parameters, noted)?
        .collect::<Result<_, _>>()?;
    Ok(noted)
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Noted> {
    let since_ms: i64 = row.get(4)?;
    Ok(Noted {
        object_id: row.get(0)?,
        contact: row.get(1)?,
        reason: row.get(2)?,
        run: row.get(3)?,
        since_ms: identity::to_version(since_ms),
    })
}
