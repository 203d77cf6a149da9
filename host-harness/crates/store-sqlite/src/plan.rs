//! Plans: maps from directory user to decision, with their summaries.
//!
//! One plan is in the making; its entries come page by page while the connector plans. Once its
//! summary is there it is kept under its digest, until newer ones take its place. Entries are read
//! in order of the object id, so that neither side ever holds a whole plan in memory; they are written in the
//! order in which they come, and an index in levels (`levels.rs`) has the other one.

use std::collections::{HashMap, HashSet};

use connector_contract::{
    AttributeChange, Claim, Effect, EffectOnContact, Evidence, FieldChange, PlanEntry, Tally,
};
use contact_identity::list::comparable;
use rusqlite::{Connection, Params, Row, Rows, params};
use serde::{Deserialize, Serialize};
use store_api::PlanRecord;

use super::errors::DatabaseError;
use super::evidence::StoredEvidence;
use super::lease;
use super::levels::PLAN_USERS;
use super::lists::Spelling;
use super::room::Room;
use super::write_tx::TxContext;
use super::{identity, lookup};

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
    /// What the directory is to be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    directory: Vec<(String, Option<String>, Option<String>)>,
}

/// Bits of an entry's id that tell it from others of its plan.
const ENTRY_BITS: u32 = 32;

/// How many finished plans are kept.
const KEPT: u32 = 10;

/// Begins a plan; one that was begun and not finished is forgotten.
pub(super) fn begin(
    connection: &mut Connection,
    context: TxContext<'_>,
) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, context.lease, context.now_ms)?;
    forget(&transaction, "digest IS NULL", [])?;
    transaction.execute("INSERT INTO plans DEFAULT VALUES", [])?;
    transaction.commit()?;
    Ok(())
}

/// Forgets the plans of a condition, with their entries.
fn forget(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<(), DatabaseError> {
    let plans: Vec<i64> = connection
        .prepare(&format!("SELECT id FROM plans WHERE {condition}"))?
        .query_map(parameters, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for plan in plans {
        let (first, end) = entries_of(plan);
        connection.execute(
            "DELETE FROM plan_entries WHERE id >= ?1 AND id < ?2",
            [first, end],
        )?;
        PLAN_USERS.delete(connection, "plan_id = ?1", [plan])?;
        connection.execute("DELETE FROM plans WHERE id = ?1", [plan])?;
    }
    Ok(())
}

/// The first id that an entry of a plan can have, and the first behind them.
pub(super) fn entries_of(plan: i64) -> (i64, i64) {
    (plan << ENTRY_BITS, (plan + 1) << ENTRY_BITS)
}

/// The plan of an entry.
pub(super) fn plan_of(entry: i64) -> i64 {
    entry >> ENTRY_BITS
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
    context: TxContext<'_>,
    entries: Vec<PlanEntry>,
) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, context.lease, context.now_ms)?;
    {
        let plan = in_the_making(&transaction)?;
        note_lists(&transaction, plan, &entries)?;
        let mut known = users_in(&transaction, plan, &entries)?;
        let (first, end) = entries_of(plan);
        let last: Option<i64> = transaction
            .prepare_cached("SELECT max(id) FROM plan_entries WHERE id >= ?1 AND id < ?2")?
            .query_row([first, end], |row| row.get(0))?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO plan_entries (id, object_id, effect, reason, contact_id, version, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut index = transaction.prepare_cached(
            "INSERT INTO plan_users_0 (plan_id, object_id, entry, changes) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let next = last.map_or(first, |last| last + 1);
        for (id, entry) in (next..).zip(entries) {
            let (what, directory) = (entry.what, entry.directory);
            if known.contains(&what.object_id) {
                take_out(&transaction, plan, &what.object_id)?;
            }
            // A version beyond what the store counts to belongs to no contact of it.
            let version = entry
                .version
                .and_then(|version| i64::try_from(version).ok());
            statement.execute(params![
                id,
                what.object_id,
                what.effect.name(),
                what.reason,
                entry.contact,
                version,
                detail_text(
                    what.fields,
                    what.joins,
                    what.leaves,
                    what.evidence,
                    directory
                )?,
            ])?;
            let changes = !matches!(what.effect, Effect::Unchanged | Effect::Skip);
            index.execute(params![plan, what.object_id, id, changes])?;
            known.insert(what.object_id);
        }
        PLAN_USERS.compact(&transaction, next - first)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Those of the entries' users who are in the plan already.
fn users_in(
    connection: &Connection,
    plan: i64,
    entries: &[PlanEntry],
) -> Result<HashSet<String>, DatabaseError> {
    let asked = lookup::texts(entries.iter().map(|entry| entry.what.object_id.clone()));
    let sql = PLAN_USERS.over(|users| {
        format!(
            "SELECT u.object_id FROM rarray(?2) AS asked \
             CROSS JOIN {users} u ON u.plan_id = ?1 AND u.object_id = asked.value"
        )
    });
    let users = connection
        .prepare_cached(&sql)?
        .query_map(params![plan, asked], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(users)
}

/// Takes a user's entry out of a plan, for another one in its place.
fn take_out(connection: &Connection, plan: i64, user: &str) -> Result<(), DatabaseError> {
    let entry = PLAN_USERS
        .over(|users| format!("SELECT entry FROM {users} WHERE plan_id = ?1 AND object_id = ?2"));
    connection
        .prepare_cached(&format!("DELETE FROM plan_entries WHERE id IN ({entry})"))?
        .execute(params![plan, user])?;
    let entry = params![plan, user];
    PLAN_USERS.delete(connection, "plan_id = ?1 AND object_id = ?2", entry)?;
    Ok(())
}

/// Keeps how the smallest object id of those who would join a list spells it.
fn note_lists(
    connection: &Connection,
    plan: i64,
    entries: &[PlanEntry],
) -> Result<(), DatabaseError> {
    let mut smallest: HashMap<&str, &str> = HashMap::new();
    for PlanEntry { what, .. } in entries {
        for name in &what.joins {
            let user = smallest.entry(name).or_insert(&what.object_id);
            *user = (*user).min(&what.object_id);
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
    directory: Vec<AttributeChange>,
) -> Result<Option<String>, DatabaseError> {
    // Nearly every entry of a plan on a store in step is `unchanged`, and has none.
    let is_bare = fields.is_empty() && joins.is_empty() && leaves.is_empty();
    if is_bare && evidence.is_none() && directory.is_empty() {
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
        directory: directory
            .into_iter()
            .map(|change| (change.attribute, change.before, change.after))
            .collect(),
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
             ON p.contact_id = asked.value AND p.effect = 'link' AND p.id >= ?2 AND p.id < ?3",
    )?;
    let (first, end) = entries_of(plan);
    let mut rows = statement.query(params![asked, first, end])?;
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

/// What [`read_entries`] reads.
const COLUMNS: &str =
    "u.object_id AS object_id, p.effect, p.reason, p.contact_id, p.version, p.detail";

/// A query for entries in the order of their users.
pub(super) fn in_order(condition: &str, limit: &str) -> String {
    let entries = PLAN_USERS.over(|users| {
        format!(
            "SELECT {COLUMNS} FROM {users} u CROSS JOIN plan_entries p ON p.id = u.entry \
             WHERE {condition}"
        )
    });
    format!("{entries} ORDER BY object_id LIMIT {limit}")
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
    let sql = in_order(
        "u.plan_id = ?1 AND u.changes = 1 AND u.object_id > ?2",
        "?3",
    );
    let mut statement = connection.prepare_cached(&sql)?;
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
    let sql = PLAN_USERS.over(|users| {
        format!(
            "SELECT {COLUMNS} FROM rarray(?2) AS asked \
             CROSS JOIN {users} u ON u.plan_id = ?1 AND u.object_id = asked.value \
             CROSS JOIN plan_entries p ON p.id = u.entry WHERE u.changes = 1"
        )
    });
    let mut statement = connection.prepare_cached(&sql)?;
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
        let mut entry = read_entry(row)?;
        let what = &mut entry.what;
        for names in [&mut what.joins, &mut what.leaves] {
            *names = spelling.of_all(connection, std::mem::take(names))?;
        }
        entries.push(entry);
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
        contact: row.get(3)?,
        version: version.map(identity::to_version),
        directory: detail
            .directory
            .into_iter()
            .map(|(attribute, before, after)| AttributeChange {
                attribute,
                before,
                after,
            })
            .collect(),
        what: EffectOnContact {
            object_id: row.get(0)?,
            effect: effect_named(&effect)?,
            reason: row.get(2)?,
            evidence: detail.evidence.map(Into::into),
            fields: fields.collect(),
            joins: detail.joins,
            leaves: detail.leaves,
        },
    })
}

/// Every effect and reason that occurs, ordered by both.
pub(super) fn count(connection: &Connection) -> Result<Vec<Tally>, DatabaseError> {
    let plan = in_the_making(connection)?;
    let mut statement = connection.prepare_cached(
        "SELECT effect, reason, count(*) FROM plan_entries WHERE id >= ?1 AND id < ?2 \
         GROUP BY effect, reason ORDER BY effect, reason",
    )?;
    let (first, end) = entries_of(plan);
    let mut rows = statement.query([first, end])?;
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
    context: TxContext<'_>,
    record: &PlanRecord,
) -> Result<(), DatabaseError> {
    let transaction = lease::begin(connection, context.lease, context.now_ms)?;
    let plan = in_the_making(&transaction)?;
    forget(&transaction, "digest = ?1", [&record.digest])?;
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
    let newest = "id NOT IN (SELECT id FROM plans ORDER BY id DESC LIMIT ?1)";
    forget(&transaction, newest, [KEPT])?;
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
