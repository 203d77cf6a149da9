//! What an administrator looks up after the fact: entries of plans, and the runs that changed
//! something.

use connector_contract::{Effect, PlanEntry};
use contact_identity::ObjectId;
use rusqlite::{Connection, params};

use super::errors::DatabaseError;
use super::plan::{number, read_entries};
use super::{SqliteStore, journal, lookup};

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
    let mut statement = connection.prepare_cached(
        "SELECT p.object_id, p.effect, p.reason, p.contact_id, p.version, p.detail \
         FROM plan_entries p WHERE p.plan_id = ?1 AND p.object_id > ?2 \
         AND (?3 OR p.effect IN rarray(?4)) AND (?5 IS NULL OR p.object_id = ?5) \
         AND (?6 IS NULL OR NOT EXISTS \
             (SELECT 1 FROM journal j WHERE j.run_id = ?6 AND j.object_id = p.object_id)) \
         ORDER BY p.object_id LIMIT ?7",
    )?;
    let user = filter.user.as_deref().map(ObjectId::canonical);
    let rows = statement.query(params![
        plan,
        after.unwrap_or_default(),
        filter.effects.is_empty(),
        effects,
        user,
        run,
        limit
    ])?;
    read_entries(connection, plan, rows)
}

fn changed_runs(connection: &Connection, limit: u32) -> Result<Vec<ChangedRun>, DatabaseError> {
    // The index of the journal answers for each run by itself: runs are few, changes are not.
    let mut statement = connection.prepare_cached(
        "SELECT r.name, \
             (SELECT at_ms FROM journal WHERE run_id = r.id LIMIT 1), \
             (SELECT count(DISTINCT object_id) FROM journal WHERE run_id = r.id), \
             (SELECT count(*) FROM journal WHERE run_id = r.id) \
         FROM run_names r WHERE EXISTS (SELECT 1 FROM journal WHERE run_id = r.id) \
         ORDER BY r.id DESC LIMIT ?1",
    )?;
    let runs = statement
        .query_map([limit], |row| {
            let (at_ms, people, changes): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(ChangedRun {
                run: row.get(0)?,
                at_ms: at_ms.unsigned_abs(),
                people: people.unsigned_abs(),
                changes: changes.unsigned_abs(),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PlanRecord, StoreOptions};
    use connector_contract::imports::PlanSink as _;

    fn entry(user: &str, effect: Effect) -> PlanEntry {
        PlanEntry {
            object_id: user.to_owned(),
            contact: None,
            effect,
            reason: "new-user".to_owned(),
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
            evidence: None,
            version: None,
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
            entries.into_iter().map(|entry| entry.object_id).collect()
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
