//! What an administrator looks up after the fact: entries of plans, and the runs that changed
//! something.

use connector_contract::{Effect, PlanEntry};
use contact_identity::ObjectId;
use rusqlite::{Connection, params};
use store_api::{ChangedRun, PlanFilter};

use super::errors::DatabaseError;
use super::plan::{in_order, number, read_entries};
use super::{history, journal, lookup};

/// The runs that journal or notes know and whose id begins so, newest first.
pub(super) fn runs_named(
    connection: &Connection,
    beginning: &str,
    limit: u32,
) -> Result<Vec<String>, DatabaseError> {
    if journal::find_run(connection, beginning)?.is_some() {
        return Ok(vec![beginning.to_owned()]);
    }
    let names = connection
        .prepare_cached(
            "SELECT name FROM run_names WHERE substr(name, 1, length(?1)) = ?1 \
             ORDER BY id DESC LIMIT ?2",
        )?
        .query_map(params![beginning, limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}

/// Entries of the plan that is kept under a digest, in byte order of the object id.
pub(super) fn planned(
    connection: &Connection,
    digest: &str,
    filter: &PlanFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PlanEntry>, DatabaseError> {
    let plan = number(connection, Some(digest))?;
    let effects = lookup::texts(
        filter
            .effects
            .iter()
            .copied()
            .map(Effect::name)
            .map(str::to_owned),
    );
    // A run without a name has done nothing to anybody.
    let run = filter
        .left_out_by
        .as_deref()
        .map(|run| journal::find_run(connection, run))
        .transpose()?
        .flatten();
    let sql = in_order(
        "u.plan_id = ?1 AND u.object_id > ?2 AND (?3 OR p.effect IN rarray(?4)) \
         AND (?5 IS NULL OR u.object_id = ?5)",
        "?6",
    );
    let user = filter.user.as_deref().map(ObjectId::canonical);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut next = |after: &str| {
        let rows = statement.query(params![
            plan,
            after,
            filter.effects.is_empty(),
            effects,
            user,
            limit
        ])?;
        read_entries(connection, plan, rows)
    };
    let Some(run) = run else {
        return next(after.unwrap_or_default());
    };
    let mut left_out = Vec::new();
    let mut after = after.unwrap_or_default().to_owned();
    while left_out.len() < limit as usize {
        let entries = next(&after)?;
        let Some(last) = entries.last() else {
            break;
        };
        after.clone_from(&last.what.object_id);
        for entry in entries {
            if !history::has_done(connection, run, &entry.what.object_id)? {
                left_out.push(entry);
            }
        }
    }
    left_out.truncate(limit as usize);
    Ok(left_out)
}

/// The last runs with changes that are in the journal, newest first.
pub(super) fn changed_runs(
    connection: &Connection,
    limit: u32,
) -> Result<Vec<ChangedRun>, DatabaseError> {
    // The indexes of the journal answer for each run by itself: runs are few, changes are not.
    let mut statement = connection.prepare_cached(
        "SELECT r.name, r.id, coalesce( \
             (SELECT at_ms FROM creations WHERE run_id = r.id LIMIT 1), \
             (SELECT at_ms FROM journal WHERE run_id = r.id LIMIT 1)) AS at_ms \
         FROM run_names r WHERE EXISTS (SELECT 1 FROM creations WHERE run_id = r.id) \
             OR EXISTS (SELECT 1 FROM journal WHERE run_id = r.id) \
         ORDER BY r.id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([limit])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        let at_ms: i64 = row.get(2)?;
        let (people, changes) = history::extent_of(connection, row.get(1)?)?;
        runs.push(ChangedRun {
            run: row.get(0)?,
            at_ms: at_ms.unsigned_abs(),
            people,
            changes,
        });
    }
    Ok(runs)
}
