//! Which linked users a full round has read, so that the others can be asked for by id.
//!
//! A round remembers the last link that existed when it was opened; a link made later has a greater
//! number and is none of its business. A sighting is kept as the number of the user's link: a
//! user without a link, or with a younger one, cannot be unseen, and a number never comes back. So
//! a sighting is a few bytes, and forgetting a link needs no care here.

use connector_contract::{Contact, RoundInfo, Sightings};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::errors::DatabaseError;
use super::levels::OBJECTS;
use super::object_key::{ObjectText, Order};
use super::sequences::{self, Sequence};
use super::write_tx::{TxContext, WriteTx};
use super::{identity, lookup, sources, statistics};

struct Round {
    id: i64,
    high_water: i64,
    known_links: i64,
}

impl Round {
    fn find(
        connection: &Connection,
        source_id: i64,
        name: &str,
    ) -> Result<Option<Self>, DatabaseError> {
        let round = connection
            .prepare_cached(
                "SELECT id, high_water, known_links FROM rounds WHERE source_id = ?1 AND name = ?2",
            )?
            .query_row(params![source_id, name], |row| {
                Ok(Self {
                    id: row.get(0)?,
                    high_water: row.get(1)?,
                    known_links: row.get(2)?,
                })
            })
            .optional()?;
        Ok(round)
    }

    fn open(connection: &Connection, source_id: i64, name: &str) -> Result<Self, DatabaseError> {
        Self::find(connection, source_id, name)?.ok_or_else(|| {
            DatabaseError::Other(
                "the round is not open; open it before its users are noted or asked for".to_owned(),
            )
        })
    }
}

/// Opens a round, or goes on with it.
pub(super) fn open(
    connection: &mut Connection,
    context: TxContext<'_>,
    source: &str,
    name: &str,
    resume: bool,
) -> Result<RoundInfo, DatabaseError> {
    let tx = WriteTx::begin(connection, context)?;
    let source_id = tx.source_id(source)?;
    let existing = Round::find(tx.connection(), source_id, name)?;
    let known_links = match existing {
        Some(round) if resume => round.known_links,
        _ => begin(tx.connection(), source_id, name)?,
    };
    tx.commit()?;
    Ok(RoundInfo {
        known_links: identity::to_version(known_links),
    })
}

fn begin(connection: &Connection, source_id: i64, name: &str) -> Result<i64, DatabaseError> {
    forget(connection, source_id, name)?;
    let known_links = statistics::linked_contacts(connection, source_id)?;
    connection
        .prepare_cached(
            "INSERT INTO rounds (source_id, name, high_water, known_links) \
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            source_id,
            name,
            sequences::last(connection, Sequence::Link)?,
            known_links
        ])?;
    Ok(known_links)
}

/// Forgets a round and its sightings.
pub(super) fn close(
    connection: &mut Connection,
    context: TxContext<'_>,
    source: &str,
    name: &str,
) -> Result<(), DatabaseError> {
    let tx = WriteTx::begin(connection, context)?;
    let source_id = sources::source_or_none(tx.connection(), source)?;
    forget(tx.connection(), source_id, name)?;
    tx.commit()
}

fn forget(connection: &Connection, source_id: i64, name: &str) -> Result<(), DatabaseError> {
    let Some(round) = Round::find(connection, source_id, name)? else {
        return Ok(());
    };
    connection
        .prepare_cached("DELETE FROM sightings WHERE round_id = ?1")?
        .execute([round.id])?;
    connection
        .prepare_cached("DELETE FROM rounds WHERE id = ?1")?
        .execute([round.id])?;
    Ok(())
}

/// Notes users that a round has read.
pub(super) fn note(
    connection: &Connection,
    source_id: i64,
    sightings: &Sightings,
) -> Result<(), DatabaseError> {
    let round = Round::open(connection, source_id, &sightings.round)?;
    let users = lookup::object_keys(sightings.object_ids.iter().map(String::as_str));
    let seen = OBJECTS.over(|objects| {
        format!(
            "SELECT ?1, o.link FROM rarray(?2) AS seen \
             CROSS JOIN {objects} o ON o.source_id = ?3 AND o.object_id = seen.value \
             WHERE o.link <= ?4"
        )
    });
    connection
        .prepare_cached(&format!(
            "INSERT OR IGNORE INTO sightings (round_id, link) {seen}"
        ))?
        .execute(params![round.id, users, source_id, round.high_water])?;
    // A number that no link has sees nobody.
    let links = lookup::numbers(
        sightings
            .links
            .iter()
            .filter_map(|link| i64::try_from(link.number).ok()),
    );
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO sightings (round_id, link) \
             SELECT ?1, seen.value FROM rarray(?2) AS seen WHERE seen.value <= ?3",
        )?
        .execute(params![round.id, links, round.high_water])?;
    Ok(())
}

/// Contacts whose link is as old as the round and whose user it has not read.
pub(super) fn unseen(
    connection: &Connection,
    source: &str,
    name: &str,
    after: Option<&str>,
    limit: u32,
    fields: &[String],
) -> Result<Vec<Contact>, DatabaseError> {
    let source_id = sources::source_or_none(connection, source)?;
    let round = Round::open(connection, source_id, name)?;
    let unseen = OBJECTS.over(|objects| {
        format!(
            "SELECT o.object_id AS object_id, o.contact_id FROM {objects} o \
             WHERE o.source_id = ?1 AND o.object_id >= ?2 AND o.object_id < ?3 AND o.link <= ?4 \
             AND NOT EXISTS \
                 (SELECT 1 FROM sightings s WHERE s.round_id = ?5 AND s.link = o.link)"
        )
    });
    let mut statement =
        connection.prepare_cached(&format!("{unseen} ORDER BY object_id LIMIT ?6"))?;
    let mut found: Vec<(String, i64)> = Vec::new();
    for (from, to) in Order::after(after).ranges() {
        let place = params![source_id, from, to, round.high_water, round.id, limit];
        let mut rows = statement.query(place)?;
        while let Some(row) = rows.next()? {
            let ObjectText(user) = row.get(0)?;
            found.push((user, row.get(1)?));
        }
    }
    found.sort_unstable();
    found.truncate(limit as usize);
    let ids: Vec<i64> = found.into_iter().map(|(_, contact)| contact).collect();
    lookup::contacts(connection, source_id, &ids, fields)
}
