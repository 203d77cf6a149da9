//! Edits: whose contacts were written by others than their own connection.
//!
//! Each such write gives the contact's users the next number, and a user has one row, so that the table is never
//! longer than there are users. A commit notes nothing about contacts of its own connection: a first sync writes
//! nothing here, and an edit stays to be told whatever is committed after it.
//!
//! A token is the last number that was told.

use connector_contract::{Edits, EditsSince};
use rusqlite::{Connection, params};

use super::errors::DatabaseError;
use super::object_key::{ObjectKey, ObjectText};
use super::sources;

/// Notes that somebody else wrote to the contact of a user.
pub(super) fn note(
    connection: &Connection,
    source_id: i64,
    user: &str,
) -> Result<(), DatabaseError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO edits (source_id, object_id) VALUES (?1, ?2)")?
        .execute(params![source_id, ObjectKey(user)])?;
    Ok(())
}

/// The next users who were noted since a token; nobody, and the last number, where there is none.
pub(super) fn since(
    connection: &Connection,
    source: &str,
    token: Option<&str>,
    limit: u32,
) -> Result<EditsSince, DatabaseError> {
    let last: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'edits'")?
        .query_row([], |row| row.get(0))?;
    let Some(token) = token else {
        return Ok(told(Vec::new(), last));
    };
    let Some(begin) = number(token).filter(|number| *number <= last) else {
        return Ok(EditsSince::TokenLost);
    };
    let source_id = sources::source_or_none(connection, source)?;
    let mut statement = connection.prepare_cached(
        "SELECT number, object_id FROM edits WHERE source_id = ?1 AND number > ?2 \
         ORDER BY number LIMIT ?3",
    )?;
    let mut rows = statement.query(params![source_id, begin, limit])?;
    let (mut users, mut next) = (Vec::new(), begin);
    while let Some(row) = rows.next()? {
        next = row.get(0)?;
        let ObjectText(user) = row.get(1)?;
        users.push(user);
    }
    Ok(told(users, next))
}

fn told(users: Vec<String>, next: i64) -> EditsSince {
    let next = next.to_string();
    EditsSince::Edits(Edits { users, next })
}

/// The number of a token that this store has given.
fn number(token: &str) -> Option<i64> {
    let number: i64 = token.parse().ok()?;
    (number >= 0 && number.to_string() == token).then_some(number)
}
