//! Jobs: what each workspace is doing, and when it is due.
//!
//! The row of a workspace is the truth. Whoever is woken reads it; who was not woken finds it when they look.

use super::RecordsError;
use super::audit::AuditEvent;

/// How a run ended, as far as the scheduler is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Succeeded,
    /// Neither: a limit or a person stopped it.
    Stopped,
    /// It failed.
    Failed,
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// What it is to do, to go on with it after a crash.
    pub job: &'a str,
    /// Who starts it.
    pub starter: JobStarter,
    /// It is the first of a set-up, which it ends.
    pub connects: bool,
    /// It is the approved plan of settings that wait to be put into force, which it does.
    pub confirms: bool,
}

/// Who starts a job, as far as schedules are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStarter {
    /// The scheduler.
    Schedule,
    /// A person who asks for a sync: a schedule that waits for one goes on.
    Person,
    /// The directory, by a notification: what the schedule waits for it goes on waiting for.
    Notification,
    /// A person who takes a run back: the schedule waits from now on until somebody syncs, or it would do
    /// at once what was just taken back.
    Undoing,
}

/// A job that has ended.
#[derive(Clone, Copy, Debug)]
pub struct JobEnd<'a> {
    /// How.
    pub outcome: Outcome,
    /// Who had started it.
    pub starter: JobStarter,
    /// Why it could not even begin.
    pub failure: Option<JobFailure<'a>>,
}

/// Why a job could not even begin.
#[derive(Clone, Copy, Debug)]
pub struct JobFailure<'a> {
    /// In a sentence or two, with what to do; nothing personal.
    pub why: &'a str,
    /// What kind of failure it is: stable, in kebab case.
    pub kind: &'a str,
}

/// What each workspace is doing, and when it is due.
pub trait Jobs: Send + Sync {
    /// A run begins, unless the workspace is being disconnected: then `false`. It is gone on with after a
    /// crash until it has ended. The begin and the end of what the schedule started may be forgotten when the
    /// power fails: it is done again then, and finds nothing to do.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written; then it must not begin.
    fn begin_job(
        &self,
        id: &str,
        begun: NewJob<'_>,
        event: AuditEvent<'_>,
    ) -> Result<bool, RecordsError>;

    /// A run has ended.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn end_job(
        &self,
        id: &str,
        ended: JobEnd<'_>,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// A job has ended that says nothing about how the connection stands: a run was taken back.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn end_undo(&self, id: &str, event: AuditEvent<'_>) -> Result<(), RecordsError>;

    /// The runs that had begun and not ended when the server did: workspace and job.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn unfinished_jobs(&self) -> Result<Vec<(String, String)>, RecordsError>;

    /// Says when the workspace is due next.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn set_next_run(&self, id: &str, at_ms: Option<i64>) -> Result<(), RecordsError>;

    /// The workspaces that are due, the longest overdue first.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn due(&self, now_ms: i64, limit: u32) -> Result<Vec<String>, RecordsError>;

    /// When the next workspace is due.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn earliest_run_ms(&self) -> Result<Option<i64>, RecordsError>;
}
