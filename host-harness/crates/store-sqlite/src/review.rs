//! What an administrator looks up after the fact: entries of plans, and the runs that changed
//! something.

use connector_contract::{Effect, PlanEntry};
use contact_identity::ObjectId;
use rusqlite::{Connection, params};

use super::errors::DatabaseError;
use super::plan::{in_order, number, read_entries};
use super::{SqliteStore, history, journal, lookup};

/// Which entries of a plan are wanted. The default wants all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Only entries with one of these effects; where there are none, all.
    pub effects: Vec<Effect>,
    /// Only the entry of this directory user.
    pub user: Option<String>,
    /// Only entries of users to whom the run of this id did nothing.
    pub left_out_by: Option<String>,
}

/// A run that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRun {
    /// The connector's id of the run.
    pub run: String,
    /// When one of its changes was made. Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: u64,
    /// How many directory users its changes are about.
    pub people: u64,
    /// How many changes it made.
    pub changes: u64,
}

impl SqliteStore {
    /// Entries of the plan that is kept under a digest, in byte order of the object id, after
    /// `after`, at most `limit`. None where no such plan is kept.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn planned(
        &self,
        digest: &str,
        filter: &PlanFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, DatabaseError> {
        self.look(|connection| planned(connection, digest, filter, after, limit))
    }

    /// The last runs with changes that are in the journal, newest first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn changed_runs(&self, limit: u32) -> Result<Vec<ChangedRun>, DatabaseError> {
        self.look(|connection| changed_runs(connection, limit))
    }

    /// The runs that journal or notes know and whose id begins so, newest first, at most `limit`. One
    /// whose id is exactly this is the only one.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn runs_named(&self, beginning: &str, limit: u32) -> Result<Vec<String>, DatabaseError> {
        self.look(|connection| {
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
        })
    }
}

fn planned(
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

fn changed_runs(connection: &Connection, limit: u32) -> Result<Vec<ChangedRun>, DatabaseError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PlanRecord, StoreOptions};
    use connector_contract::EffectOnContact;
    use connector_contract::imports::PlanSink as _;

    fn entry(user: &str, effect: Effect) -> PlanEntry {
        PlanEntry {
            contact: None,
            version: None,
            what: EffectOnContact {
                object_id: user.to_owned(),
                effect,
                reason: "new-user".to_owned(),
                evidence: None,
                fields: Vec::new(),
                joins: Vec::new(),
                leaves: Vec::new(),
            },
        }
    }

    #[test]
    fn entries_of_a_kept_plan_are_read_by_effect_and_user_page_by_page() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
        store.begin_plan().unwrap();
        store
            .put(vec![
                entry("c", Effect::Create),
                entry("a", Effect::Create),
                entry("b", Effect::Skip),
            ])
            .unwrap();
        store
            .keep_plan(&PlanRecord {
                digest: "d1".to_owned(),
                mode: "full".to_owned(),
                created_at_ms: 0,
                summary: "{}".to_owned(),
            })
            .unwrap();
        let users = |filter: &PlanFilter, after: Option<&str>, limit| -> Vec<String> {
            let entries = store.planned("d1", filter, after, limit).unwrap();
            entries
                .into_iter()
                .map(|entry| entry.what.object_id)
                .collect()
        };
        let all = PlanFilter::default();
        assert_eq!(users(&all, None, 2), ["a", "b"]);
        assert_eq!(users(&all, Some("b"), 2), ["c"]);
        let created = PlanFilter {
            effects: vec![Effect::Create],
            ..PlanFilter::default()
        };
        assert_eq!(users(&created, None, 9), ["a", "c"]);
        let one = PlanFilter {
            user: Some("b".to_owned()),
            ..PlanFilter::default()
        };
        assert_eq!(users(&one, None, 9), ["b"]);
        assert!(store.planned("d2", &all, None, 9).unwrap().is_empty());
        assert!(store.changed_runs(9).unwrap().is_empty());
        assert!(store.runs_named("17", 9).unwrap().is_empty());
    }
}
