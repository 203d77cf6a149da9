//! Workspaces: how each is set, how far its set-up is, and what the scheduler has to remember.

use api_types::views::SetupStep;
use rusqlite::{Connection, params};
use store_sqlite::DatabaseError;

use super::audit::{Act, append};
use super::record::{NewWorkspace, Outcome, WorkspaceRecord, find, outcome_name, step_name};
use super::secrets::{SecretChange, change_secret};
use super::{Books, Writing};

/// Why settings were not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Unsaved {
    /// Somebody else saved since the form was drawn.
    #[error("{by} has changed these settings meanwhile")]
    Conflict {
        /// Who.
        by: String,
        /// Milliseconds since 1970-01-01T00:00:00Z.
        at_ms: i64,
    },
    /// The workspace is being disconnected.
    #[error("this workspace is being disconnected; try again when that is done")]
    Disconnecting,
    /// The database did not do what was asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Settings that somebody saves.
#[derive(Clone, Copy, Debug)]
pub struct NewSettings<'a> {
    /// The version that they were made from.
    pub version: i64,
    /// The document.
    pub settings: &'a str,
    /// IANA name.
    pub time_zone: &'a str,
    /// Where the set-up goes on.
    pub step: SetupStep,
    /// What the connector makes of them, where it was asked.
    pub in_force: Option<&'a str>,
    /// What is known of the connection from now on, where it is another one.
    pub tested: Option<&'a str>,
    /// Another directory is to be read: nothing is synced until the first plan of it was approved, as in a
    /// new workspace.
    pub anew: bool,
    /// The document that goes on waiting to be put into force beside these settings.
    pub proposal: Option<&'a str>,
}

/// How a run begins.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// What it is to do, to go on with it after a crash.
    pub job: &'a str,
    /// Who starts it.
    pub starter: Starter,
    /// It is the first of a set-up, which it ends.
    pub connects: bool,
    /// It is the approved plan of settings that wait to be put into force, which it does.
    pub confirms: bool,
}

/// Who starts a job, as far as schedules are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// The scheduler.
    Schedule,
    /// A person who asks for a sync: a schedule that waits for one goes on.
    Person,
    /// A person who takes a run back: the schedule waits from now on until somebody syncs, or it would do
    /// at once what was just taken back.
    Undoing,
}

/// How a job ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// How.
    pub outcome: Outcome,
    /// Why it could not even begin, and what kind of failure that is.
    pub failure: Option<(&'a str, &'a str)>,
}

/// Whether a text can be the id of a workspace: it is part of addresses and the name of a folder.
pub fn is_workspace_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&id.len()) && id.bytes().all(plain) && !id.starts_with('-')
}

impl Books {
    /// Makes a workspace; `false` where one has that id already, which stays as it is.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn add_workspace(
        &self,
        workspace: &NewWorkspace,
        act: Act<'_>,
    ) -> Result<bool, DatabaseError> {
        self.write(|connection| {
            let added = connection.execute(
                "INSERT INTO workspaces (id, name, plan, state, step, created_at_ms, settings, \
                     changed_by, changed_at_ms, time_zone) \
                 VALUES (?1, ?2, ?3, 'setting-up', 'connect', ?4, ?5, ?6, ?4, ?7) \
                 ON CONFLICT DO NOTHING",
                params![
                    workspace.id,
                    workspace.name,
                    workspace.plan,
                    act.at_ms,
                    workspace.settings,
                    act.who,
                    workspace.time_zone
                ],
            )?;
            if added == 1 {
                append(connection, Some(&workspace.id), act)?;
            }
            Ok(added == 1)
        })
    }

    /// A workspace.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn workspace(&self, id: &str) -> Result<Option<WorkspaceRecord>, DatabaseError> {
        self.read(|connection| find(connection, id))
    }

    /// The ids of all workspaces, in order.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn workspace_ids(&self) -> Result<Vec<String>, DatabaseError> {
        self.read(|connection| ids(connection, "SELECT id FROM workspaces ORDER BY id", []))
    }

    /// Saves settings, and moves the set-up on to a step at least; the new version.
    ///
    /// # Errors
    ///
    /// [`Unsaved::Conflict`] where the settings have another version by now, and
    /// [`Unsaved::Disconnecting`].
    pub fn save_settings(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        act: Act<'_>,
    ) -> Result<i64, Unsaved> {
        self.write(|connection| save(connection, id, new, act))
    }

    /// Saves settings as [`Books::save_settings`] does, and what becomes of a secret with them: both or
    /// neither.
    ///
    /// # Errors
    ///
    /// As [`Books::save_settings`].
    pub fn save_with_secret(
        &self,
        id: &str,
        new: &NewSettings<'_>,
        (name, change): (&str, &SecretChange),
        act: Act<'_>,
    ) -> Result<i64, Unsaved> {
        self.write(|connection| {
            let saved = save(connection, id, new, act)?;
            change_secret(connection, id, name, change, act)?;
            Ok(saved)
        })
    }

    /// Keeps what a connection test found, where the connection still is the one of the settings that were
    /// tested; and what the connector makes of them, where they still have that version.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn save_test(
        &self,
        id: &str,
        (settings, version): (&str, i64),
        tested: &str,
        in_force: Option<&str>,
        act: Act<'_>,
    ) -> Result<(), DatabaseError> {
        self.update(
            id,
            Some(act),
            "UPDATE workspaces SET \
                 tested = CASE WHEN settings -> 'tenant' IS ?3 -> 'tenant' \
                     AND settings -> 'credentials' IS ?3 -> 'credentials' THEN ?2 ELSE tested END, \
                 in_force = CASE WHEN version = ?4 THEN coalesce(?5, in_force) ELSE in_force END \
             WHERE id = ?1",
            params![id, tested, settings, version, in_force],
        )
    }

    /// A set-up goes on from its first step.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn reach_step(&self, id: &str, step: SetupStep) -> Result<(), DatabaseError> {
        self.update(
            id,
            None,
            "UPDATE workspaces SET step = ?2 WHERE id = ?1 AND state = 'setting-up' \
                 AND step = 'connect'",
            params![id, step_name(step)],
        )
    }

    /// Keeps the digest of the plan for the review, or why there is none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn save_plan(
        &self,
        id: &str,
        version: i64,
        plan: Result<&str, &str>,
        act: Act<'_>,
    ) -> Result<(), DatabaseError> {
        self.update(
            id,
            Some(act),
            "UPDATE workspaces SET plan_digest = ?2, plan_version = ?3, plan_failure = ?4 \
             WHERE id = ?1",
            params![id, plan.ok(), version, plan.err()],
        )
    }

    /// A workspace is connected without anybody's review, at the wish of whoever operates the server.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn set_connected(&self, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
        self.write(|connection| connect(connection, id, act))
    }

    /// A run begins, unless the workspace is being disconnected: then `false`. It is gone on with after a
    /// crash until it has ended.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written; then it must not begin.
    pub fn begin_job(
        &self,
        id: &str,
        begun: Begun<'_>,
        act: Act<'_>,
    ) -> Result<bool, DatabaseError> {
        self.write(|connection| {
            if begun.connects {
                connect(connection, id, act)?;
            }
            if begun.confirms {
                confirm(connection, id, act)?;
            }
            let begins = connection
                .prepare_cached(
                    "UPDATE workspaces SET job = ?2, last_started_ms = ?3, \
                         last_scheduled_ms = CASE WHEN ?4 THEN coalesce(next_run_ms, ?3) END, \
                         next_run_ms = NULL, \
                         held_since_ms = CASE WHEN ?5 THEN ?3 WHEN ?4 THEN held_since_ms END \
                     WHERE id = ?1 AND state NOT IN ('disconnecting', 'disconnected')",
                )?
                .execute(params![
                    id,
                    begun.job,
                    act.at_ms,
                    begun.starter == Starter::Schedule,
                    begun.starter == Starter::Undoing
                ])?;
            if begins == 1 {
                append(connection, Some(id), act)?;
            }
            Ok(begins == 1)
        })
    }

    /// A run has ended.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn end_job(&self, id: &str, ended: Ended<'_>, act: Act<'_>) -> Result<(), DatabaseError> {
        let (succeeded, failed) = match ended.outcome {
            Outcome::Succeeded => (true, false),
            Outcome::Stopped => (false, false),
            Outcome::Failed => (false, true),
        };
        let (failure, kind) = ended.failure.unzip();
        self.update(
            id,
            Some(act),
            "UPDATE workspaces SET job = NULL, failure = ?5, failure_kind = ?7, outcome = ?6, \
                 last_success_ms = CASE WHEN ?2 THEN ?4 ELSE last_success_ms END, \
                 failing_since_ms = CASE WHEN ?3 THEN coalesce(failing_since_ms, ?4) END, \
                 failures = CASE WHEN ?2 THEN 0 \
                     WHEN ?3 AND last_scheduled_ms IS NOT NULL THEN failures + 1 \
                     ELSE failures END \
             WHERE id = ?1",
            params![
                id,
                succeeded,
                failed,
                act.at_ms,
                failure,
                outcome_name(ended.outcome),
                kind
            ],
        )
    }

    /// A job has ended that says nothing about how the connection stands: a run was taken back.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn end_undo(&self, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
        self.update(
            id,
            Some(act),
            "UPDATE workspaces SET job = NULL WHERE id = ?1",
            params![id],
        )
    }

    /// Saves settings beside those in force, until a plan of them is approved; the new version.
    ///
    /// # Errors
    ///
    /// As [`Books::save_settings`].
    pub fn propose(&self, id: &str, new: &NewSettings<'_>, act: Act<'_>) -> Result<i64, Unsaved> {
        self.write(|connection| {
            is_current(connection, id, new.version)?;
            connection
                .execute(
                    "UPDATE workspaces SET proposed = ?2, proposed_time_zone = ?3, \
                         proposed_in_force = ?4, proposed_by = ?5, proposed_at_ms = ?6, \
                         version = version + 1, plan_failure = NULL WHERE id = ?1",
                    params![
                        id,
                        new.settings,
                        new.time_zone,
                        new.in_force,
                        act.who,
                        act.at_ms
                    ],
                )
                .map_err(DatabaseError::from)?;
            append(connection, Some(id), act)?;
            Ok(new.version + 1)
        })
    }

    /// Gives up settings that wait to be put into force; `false` where there are none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn discard_proposal(&self, id: &str, act: Act<'_>) -> Result<bool, DatabaseError> {
        self.write(|connection| {
            let discarded = connection.execute(
                "UPDATE workspaces SET proposed = NULL, proposed_time_zone = NULL, \
                     proposed_in_force = NULL, proposed_by = NULL, proposed_at_ms = NULL, \
                     plan_digest = NULL, plan_version = NULL, plan_failure = NULL, \
                     version = version + 1 \
                 WHERE id = ?1 AND proposed IS NOT NULL",
                [id],
            )?;
            if discarded == 1 {
                append(connection, Some(id), act)?;
            }
            Ok(discarded == 1)
        })
    }

    /// The runs that had begun and not ended when the server did: workspace and job.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn unfinished_jobs(&self) -> Result<Vec<(String, String)>, DatabaseError> {
        self.read(|connection| {
            let jobs = connection
                .prepare_cached("SELECT id, job FROM workspaces WHERE job IS NOT NULL ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            Ok(jobs)
        })
    }

    /// Says when the workspace is due next.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn set_next_run(&self, id: &str, at_ms: Option<i64>) -> Result<(), DatabaseError> {
        self.update(
            id,
            None,
            "UPDATE workspaces SET next_run_ms = ?2 WHERE id = ?1 AND job IS NULL",
            params![id, at_ms],
        )
    }

    /// The workspaces that are due, the longest overdue first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn due(&self, now_ms: i64, limit: u32) -> Result<Vec<String>, DatabaseError> {
        self.read(|connection| {
            ids(
                connection,
                "SELECT id FROM workspaces WHERE next_run_ms <= ?1 AND state = 'connected' \
                 AND job IS NULL ORDER BY next_run_ms LIMIT ?2",
                params![now_ms, limit],
            )
        })
    }

    /// When the next workspace is due.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn earliest_run_ms(&self) -> Result<Option<i64>, DatabaseError> {
        self.read(|connection| {
            let earliest = connection
                .prepare_cached(
                    "SELECT min(next_run_ms) FROM workspaces WHERE next_run_ms IS NOT NULL",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(earliest)
        })
    }

    /// The first half of a disconnection: schedules stop, and secrets are forgotten, whatever becomes of
    /// the second.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn begin_disconnecting(&self, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute("DELETE FROM secrets WHERE workspace = ?1", [id])?;
            connection.execute("DELETE FROM consents WHERE workspace = ?1", [id])?;
            connection.execute(
                "UPDATE workspaces SET state = 'disconnecting', next_run_ms = NULL, job = NULL \
                 WHERE id = ?1",
                [id],
            )?;
            append(connection, Some(id), act)
        })
    }

    /// The second half, when nothing goes on any more: what was found with the secrets is forgotten too.
    /// Settings that waited to be put into force are those that a new set-up begins with.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    pub fn set_disconnected(&self, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
        self.write(|connection| {
            connection.execute("DELETE FROM secrets WHERE workspace = ?1", [id])?;
            connection.execute("DELETE FROM consents WHERE workspace = ?1", [id])?;
            connection.execute(
                "UPDATE workspaces SET state = 'disconnected', step = 'connect', tested = NULL, in_force = NULL, \
                     plan_digest = NULL, plan_version = NULL, plan_failure = NULL, job = NULL, \
                     settings = coalesce(proposed, settings), \
                     time_zone = coalesce(proposed_time_zone, time_zone), \
                     proposed = NULL, proposed_time_zone = NULL, proposed_in_force = NULL, \
                     proposed_by = NULL, proposed_at_ms = NULL, held_since_ms = NULL, \
                     failure = NULL, failure_kind = NULL, failing_since_ms = NULL, \
                     next_run_ms = NULL, failures = 0, connected_at_ms = NULL, version = version + 1 \
                 WHERE id = ?1",
                [id],
            )?;
            append(connection, Some(id), act)
        })
    }

    fn update(
        &self,
        id: &str,
        act: Option<Act<'_>>,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<(), DatabaseError> {
        self.write(|connection: &Writing<'_>| {
            connection.prepare_cached(sql)?.execute(parameters)?;
            match act {
                Some(act) => append(connection, Some(id), act),
                None => Ok(()),
            }
        })
    }
}

/// A set-up ends: from now on the workspace is connected.
fn connect(connection: &Writing<'_>, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
    let connects = connection
        .prepare_cached(
            "UPDATE workspaces SET state = 'connected', step = 'done', connected_at_ms = ?2, \
                 failures = 0 WHERE id = ?1 AND state = 'setting-up'",
        )?
        .execute(params![id, act.at_ms])?;
    if connects == 0 {
        return Ok(());
    }
    let act = Act {
        action: "connected",
        subject: None,
        ..act
    };
    append(connection, Some(id), act)
}

/// What was proposed is in force from now on.
fn confirm(connection: &Writing<'_>, id: &str, act: Act<'_>) -> Result<(), DatabaseError> {
    let confirms = connection
        .prepare_cached(
            "UPDATE workspaces SET settings = proposed, time_zone = proposed_time_zone, \
                 in_force = coalesce(proposed_in_force, in_force), changed_by = proposed_by, \
                 changed_at_ms = ?2, proposed = NULL, proposed_time_zone = NULL, \
                 proposed_in_force = NULL, proposed_by = NULL, proposed_at_ms = NULL \
             WHERE id = ?1 AND proposed IS NOT NULL",
        )?
        .execute(params![id, act.at_ms])?;
    if confirms == 0 {
        return Ok(());
    }
    let act = Act {
        action: "settings-confirmed",
        ..act
    };
    append(connection, Some(id), act)
}

/// That the settings, in force or proposed, still have this version, and may be changed.
fn is_current(connection: &Writing<'_>, id: &str, version: i64) -> Result<(), Unsaved> {
    let (current, by, at_ms, state): (i64, String, i64, String) = connection
        .query_row(
            "SELECT version, coalesce(proposed_by, changed_by), \
                 coalesce(proposed_at_ms, changed_at_ms), state FROM workspaces WHERE id = ?1",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .map_err(DatabaseError::from)?;
    if state == "disconnecting" {
        return Err(Unsaved::Disconnecting);
    }
    if current != version {
        return Err(Unsaved::Conflict { by, at_ms });
    }
    Ok(())
}

fn save(
    connection: &Writing<'_>,
    id: &str,
    new: &NewSettings<'_>,
    act: Act<'_>,
) -> Result<i64, Unsaved> {
    is_current(connection, id, new.version)?;
    connection
        .execute(
            "UPDATE workspaces SET settings = ?2, time_zone = ?3, version = version + 1, \
                 changed_by = ?4, changed_at_ms = ?5, plan_failure = NULL, \
                 in_force = coalesce(?7, in_force), tested = coalesce(?8, tested), \
                 proposed = ?10, \
                 proposed_time_zone = CASE WHEN ?10 IS NOT NULL THEN proposed_time_zone END, \
                 proposed_in_force = CASE WHEN ?10 IS NOT NULL THEN proposed_in_force END, \
                 proposed_by = CASE WHEN ?10 IS NOT NULL THEN proposed_by END, \
                 proposed_at_ms = CASE WHEN ?10 IS NOT NULL THEN proposed_at_ms END, \
                 state = CASE WHEN state = 'disconnected' OR ?9 THEN 'setting-up' ELSE state END, \
                 step = CASE WHEN ?9 THEN 'connect' \
                     WHEN step = 'done' AND state = 'connected' THEN step ELSE ?6 END, \
                 next_run_ms = CASE WHEN ?9 THEN NULL ELSE next_run_ms END \
             WHERE id = ?1",
            params![
                id,
                new.settings,
                new.time_zone,
                act.who,
                act.at_ms,
                step_name(new.step),
                new.in_force,
                new.tested,
                new.anew,
                new.proposal
            ],
        )
        .map_err(DatabaseError::from)?;
    append(connection, Some(id), act)?;
    Ok(new.version + 1)
}

fn ids(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<String>, DatabaseError> {
    let ids = connection
        .prepare_cached(sql)?
        .query_map(parameters, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}
