//! Plans: maps from directory user to decision, with their summaries.
//!
//! One plan is in the making; its entries come page by page while the connector plans. Once its
//! summary is there it is kept under its digest, until newer ones take its place. Entries are read
//! in order of the object id, so that neither side ever holds a whole plan in memory.

use std::collections::HashMap;

use connector_contract::{Claim, Effect, Evidence, FieldChange, PlanEntry, Tally};
use contact_identity::list::comparable;
use rusqlite::{Connection, Row, Rows, params};
use serde::{Deserialize, Serialize};

use super::errors::DatabaseError;
use super::evidence::StoredEvidence;
use super::lease;
use super::lists::Spelling;
use super::room::Room;
use super::writing::Terms;
use super::{identity, lookup};

/// What the host keeps of a finished plan beside its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// As the connector computed it over the changes.
    pub digest: String,
    /// `incremental`, `full`, or `undo`.
    pub mode: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub created_at_ms: i64,
    /// The whole summary, as JSON text of the host's own shape.
    pub summary: String,
}

/// The effect of this name, as a column has it.
pub(super) fn effect_named(name: &str) -> Result<Effect, DatabaseError> {
    Effect::named(name).ok_or_else(|| DatabaseError::unreadable("an effect"))
}

/// What an entry holds beside its columns.
#[derive(Serialize, Deserialize)]
struct Detail {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<(String, Option<String>, Option<String>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    joins: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<StoredEvidence>,
}

/// How many finished plans are kept.
const KEPT: u32 = 10;

/// Begins a plan; one that was begun and not finished is forgotten.
pub(super) fn begin(connection: &mut Connection, terms: Terms<'_>) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, terms.lease, terms.now_ms)?;
    transaction.execute("DELETE FROM plans WHERE digest IS NULL", [])?;
    transaction.execute("INSERT INTO plans DEFAULT VALUES", [])?;
    transaction.commit()?;
    Ok(())
}

/// The number of the plan that is kept under a digest, or of the one in the making.
pub(super) fn number(
    connection: &Connection,
    digest: Option<&str>,
) -> Result<Option<i64>, DatabaseError> {
    let number = connection
        .prepare_cached("SELECT max(id) FROM plans WHERE digest IS ?1")?
        .query_row([digest], |row| row.get(0))?;
    Ok(number)
}

fn in_the_making(connection: &Connection) -> Result<i64, DatabaseError> {
    number(connection, None)?
        .ok_or_else(|| DatabaseError::Other("no plan is in the making".to_owned()))
}

/// Adds entries; one of a user that has one already replaces it.
pub(super) fn put(
    connection: &mut Connection,
    terms: Terms<'_>,
    entries: Vec<PlanEntry>,
) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, terms.lease, terms.now_ms)?;
    {
        let plan = in_the_making(&transaction)?;
        note_lists(&transaction, plan, &entries)?;
        let mut statement = transaction.prepare_cached(
            "INSERT OR REPLACE INTO plan_entries \
             (plan_id, object_id, effect, reason, contact_id, version, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for entry in entries {
            // A version beyond what the store counts to belongs to no contact of it.
            let version = entry
                .version
                .and_then(|version| i64::try_from(version).ok());
            statement.execute(params![
                plan,
                entry.object_id,
                entry.effect.name(),
                entry.reason,
                entry.contact,
                version,
                detail_text(entry.fields, entry.joins, entry.leaves, entry.evidence)?,
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Keeps how the smallest object id of those who would join a list spells it.
fn note_lists(
    connection: &Connection,
    plan: i64,
    entries: &[PlanEntry],
) -> Result<(), DatabaseError> {
    let mut smallest: HashMap<&str, &str> = HashMap::new();
    for entry in entries {
        for name in &entry.joins {
            let user = smallest.entry(name).or_insert(&entry.object_id);
            *user = (*user).min(&entry.object_id);
        }
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO plan_lists (plan_id, key, name, named_by) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (plan_id, key) DO UPDATE \
         SET name = excluded.name, named_by = excluded.named_by \
         WHERE excluded.named_by < named_by",
    )?;
    for (name, user) in smallest {
        statement.execute(params![plan, comparable(name), name, user])?;
    }
    Ok(())
}

fn detail_text(
    fields: Vec<FieldChange>,
    joins: Vec<String>,
    leaves: Vec<String>,
    evidence: Option<Evidence>,
) -> Result<Option<String>, DatabaseError> {
    // Nearly every entry of a plan on a store in step is `unchanged`, and has none.
    if fields.is_empty() && joins.is_empty() && leaves.is_empty() && evidence.is_none() {
        return Ok(None);
    }
    let detail = Detail {
        fields: fields
            .into_iter()
            .map(|change| (change.field, change.before, change.after))
            .collect(),
        joins,
        leaves,
        evidence: evidence.map(Into::into),
    };
    serde_json::to_string(&detail)
        .map(Some)
        .map_err(|_| DatabaseError::Other("an entry of the plan cannot be written".to_owned()))
}

/// Those of the contacts that an entry with effect `link` claims.
pub(super) fn claimed(
    connection: &Connection,
    contacts: &[String],
) -> Result<Vec<Claim>, DatabaseError> {
    let plan = in_the_making(connection)?;
    let asked = lookup::distinct(contacts);
    let mut statement = connection.prepare_cached(
        "SELECT p.contact_id, p.object_id FROM rarray(?1) AS asked \
             CROSS JOIN plan_entries p \
             ON p.plan_id = ?2 AND p.contact_id = asked.value AND p.effect = 'link'",
    )?;
    let mut rows = statement.query(params![asked, plan])?;
    let (mut room, mut claims) = (Room::new(), Vec::new());
    while let Some(row) = rows.next()? {
        room.whole(row)?;
        claims.push(Claim {
            contact: row.get(0)?,
            object_id: row.get(1)?,
        });
    }
    Ok(claims)
}

/// Entries that change something, in byte order of the object id, of the plan kept under a digest or
/// of the one in the making.
pub(super) fn changes(
    connection: &Connection,
    digest: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PlanEntry>, DatabaseError> {
    let plan = number(connection, digest)?;
    let mut statement = connection.prepare_cached(
        "SELECT object_id, effect, reason, contact_id, version, detail FROM plan_entries \
         WHERE plan_id = ?1 AND effect NOT IN ('unchanged', 'skip') AND object_id > ?2 \
         ORDER BY object_id LIMIT ?3",
    )?;
    let rows = statement.query(params![plan, after.unwrap_or_default(), limit])?;
    read_entries(connection, plan, rows)
}

/// Entries of these users that change something.
pub(super) fn entries(
    connection: &Connection,
    digest: Option<&str>,
    users: &[String],
) -> Result<Vec<PlanEntry>, DatabaseError> {
    let plan = number(connection, digest)?;
    let asked = lookup::distinct(users);
    let mut statement = connection.prepare_cached(
        "SELECT p.object_id, p.effect, p.reason, p.contact_id, p.version, p.detail \
         FROM rarray(?2) AS asked \
         CROSS JOIN plan_entries p ON p.plan_id = ?1 AND p.object_id = asked.value \
         WHERE p.effect NOT IN ('unchanged', 'skip')",
    )?;
    let rows = statement.query(params![plan, asked])?;
    read_entries(connection, plan, rows)
}

/// Entries of a plan, with the names of lists as they are, or would be, spelt.
pub(super) fn read_entries(
    connection: &Connection,
    plan: Option<i64>,
    mut rows: Rows<'_>,
) -> Result<Vec<PlanEntry>, DatabaseError> {
    let mut spelling = Spelling::in_plan(plan);
    let (mut room, mut entries) = (Room::new(), Vec::new());
    while let Some(row) = rows.next()? {
        room.whole(row)?;
        let entry = read_entry(row)?;
        entries.push(PlanEntry {
            joins: spelling.of_all(connection, entry.joins)?,
            leaves: spelling.of_all(connection, entry.leaves)?,
            ..entry
        });
    }
    Ok(entries)
}

fn read_entry(row: &Row<'_>) -> Result<PlanEntry, DatabaseError> {
    let effect: String = row.get(1)?;
    let version: Option<i64> = row.get(4)?;
    let text: Option<String> = row.get(5)?;
    let detail: Detail = serde_json::from_str(text.as_deref().unwrap_or("{}"))
        .map_err(|_| DatabaseError::unreadable("an entry of the plan"))?;
    let fields = detail
        .fields
        .into_iter()
        .map(|(field, before, after)| FieldChange {
            field,
            before,
            after,
        });
    Ok(PlanEntry {
        object_id: row.get(0)?,
        contact: row.get(3)?,
        effect: effect_named(&effect)?,
        reason: row.get(2)?,
        fields: fields.collect(),
        joins: detail.joins,
        leaves: detail.leaves,
        evidence: detail.evidence.map(Into::into),
        version: version.map(identity::to_version),
    })
}

/// Every effect and reason that occurs, ordered by both.
pub(super) fn count(connection: &Connection) -> Result<Vec<Tally>, DatabaseError> {
    let plan = in_the_making(connection)?;
    let mut statement = connection.prepare_cached(
        "SELECT effect, reason, count(*) FROM plan_entries WHERE plan_id = ?1 \
         GROUP BY effect, reason ORDER BY effect, reason",
    )?;
    let mut rows = statement.query([plan])?;
    let (mut room, mut tallies) = (Room::new(), Vec::new());
    while let Some(row) = rows.next()? {
        room.whole(row)?;
        let effect: String = row.get(0)?;
        let entries: i64 = row.get(2)?;
        tallies.push(Tally {
            effect: effect_named(&effect)?,
            reason: row.get(1)?,
            entries: entries.unsigned_abs(),
        });
    }
    Ok(tallies)
}

/// Keeps the plan in the making under its digest. An older one of the same digest, and the oldest of
/// too many, are forgotten.
pub(super) fn keep(
    connection: &mut Connection,
    terms: Terms<'_>,
    record: &PlanRecord,
) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, terms.lease, terms.now_ms)?;
    let plan = in_the_making(&transaction)?;
    transaction.execute("DELETE FROM plans WHERE digest = ?1", [&record.digest])?;
    transaction.execute(
        "UPDATE plans SET digest = ?2, mode = ?3, created_at_ms = ?4, summary = ?5 WHERE id = ?1",
        params![
            plan,
            record.digest,
            record.mode,
            record.created_at_ms,
            record.summary
        ],
    )?;
    transaction.execute(
        "DELETE FROM plans WHERE id NOT IN (SELECT id FROM plans ORDER BY id DESC LIMIT ?1)",
        [KEPT],
    )?;
    transaction.commit()?;
    Ok(())
}

/// The plans that are kept, newest first.
pub(super) fn kept(connection: &Connection) -> Result<Vec<PlanRecord>, DatabaseError> {
    let records = connection
        .prepare_cached(
            "SELECT digest, mode, created_at_ms, summary FROM plans \
             WHERE digest IS NOT NULL ORDER BY id DESC",
        )?
        .query_map([], |row| {
            Ok(PlanRecord {
                digest: row.get(0)?,
                mode: row.get(1)?,
                created_at_ms: row.get(2)?,
                summary: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(records)
}
