//! Which linked users a full round has read, so that the others can be asked for by id.
//!
//! A round remembers the last link that existed when it was opened; a link made later has a greater
//! sequence and is none of its business. A sighting is kept as the sequence of the user's link: a
//! user without a link, or with a younger one, cannot be unseen, and a sequence never comes back. So
//! a sighting is a few bytes, and forgetting a link needs no care here.

use connector_contract::{Contact, RoundInfo, Sightings};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::errors::DatabaseError;
use super::statistics;
use super::writing::{Terms, Writing};
use super::{identity, lookup};

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
    terms: Terms<'_>,
    source: &str,
    name: &str,
    resume: bool,
) -> Result<RoundInfo, DatabaseError> {
    let writing = Writing::begin(connection, terms)?;
    let source_id = writing.source_id(source)?;
    let existing = Round::find(writing.connection(), source_id, name)?;
    let known_links = match existing {
        Some(round) if resume => round.known_links,
        _ => begin(writing.connection(), source_id, name)?,
    };
    writing.commit()?;
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
             VALUES (?1, ?2, (SELECT coalesce(max(sequence), 0) FROM links), ?3)",
        )?
        .execute(params![source_id, name, known_links])?;
    Ok(known_links)
}

/// Forgets a round and its sightings.
pub(super) fn close(
    connection: &mut Connection,
    terms: Terms<'_>,
    source: &str,
    name: &str,
) -> Result<(), DatabaseError> {
    let writing = Writing::begin(connection, terms)?;
    let source_id = lookup::source_or_none(writing.connection(), source)?;
    forget(writing.connection(), source_id, name)?;
    writing.commit()
}

fn forget(connection: &Connection, source_id: i64, name: &str) -> Result<(), DatabaseError> {
    connection
        .prepare_cached("DELETE FROM rounds WHERE source_id = ?1 AND name = ?2")?
        .execute(params![source_id, name])?;
    Ok(())
}

/// Notes users that a round has read.
pub(super) fn note(
    connection: &Connection,
    source_id: i64,
    sightings: &Sightings,
) -> Result<(), DatabaseError> {
    let round = Round::open(connection, source_id, &sightings.round)?;
    let users = lookup::texts(sightings.object_ids.iter().cloned());
    connection
        .prepare_cached(
            "INSERT INTO sightings (round_id, link) \
             SELECT ?1, l.sequence FROM rarray(?2) AS seen \
             CROSS JOIN links l ON l.source_id = ?3 AND l.object_id = seen.value \
             WHERE l.sequence <= ?4 ON CONFLICT DO NOTHING",
        )?
        .execute(params![round.id, users, source_id, round.high_water])?;
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
    let source_id = lookup::source_or_none(connection, source)?;
    let round = Round::open(connection, source_id, name)?;
    // An object id is never empty, so the empty text comes before all of them.
    let ids: Vec<i64> = connection
        .prepare_cached(
            "SELECT l.contact_id FROM links l \
             WHERE l.source_id = ?1 AND l.object_id > ?2 AND l.sequence <= ?3 \
             AND NOT EXISTS \
                 (SELECT 1 FROM sightings s WHERE s.round_id = ?4 AND s.link = l.sequence) \
             ORDER BY l.object_id LIMIT ?5",
        )?
        .query_map(
            params![
                source_id,
                after.unwrap_or_default(),
                round.high_water,
                round.id,
                limit
            ],
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    lookup::contacts(connection, source_id, &ids, fields)
}
