//! One workspace at the server: what it can be asked, what goes on there, and what is to be seen.
//!
//! A desk does one thing at a time. Whatever it is asked while something goes on is refused with the name
//! of that; nothing is queued behind a person's back, except for the right to work at all, which the
//! workspaces get in turn.

mod connect;
mod connection_test;
mod consent;
mod disconnect;
mod job;
mod live;
mod mapping;
mod not_synced;
mod overview;
mod people;
mod perform;
mod presets;
mod review;
mod scheduling;
mod sealed_secrets;
mod tested;
mod trouble;
mod undo;

use std::sync::{Arc, Mutex, Weak};

use api_types::shapes::moment;
use api_types::views::ProgressView;
use connector_contract::Error as GuestError;
use connector_runtime::CallError;
use serde_json::Value;
use server_db::{Act, Begun, State, Unsaved, WorkspaceRecord};
use store_sqlite::{DatabaseError, LeaseError, OpenError, SqliteStore};
use sync_runner::AtWork;

pub(crate) use self::connect::ConnectForm;
pub(crate) use self::consent::consent_page;
pub(crate) use self::job::{Approved, Job, MANUAL, Planned, SCHEDULE};
use self::live::Claim;
pub(crate) use self::live::{Live, Scene};
pub(crate) use self::mapping::Saved;
pub(crate) use self::overview::activity_entry;
pub(crate) use self::people::counted;
pub(crate) use self::review::Approving;
pub(crate) use self::scheduling::{policy_of, schedule_of};
pub(crate) use self::tested::InForce;
pub(crate) use self::trouble::Cause;
use super::host::Host;

/// Why a desk did not do what it was asked. Nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeskError {
    /// Something else goes on.
    #[error("a {0} is going on in this workspace; try again when it is done")]
    Busy(String),
    /// The workspace is not in a state for it.
    #[error("{0}")]
    NotNow(String),
    /// What was asked for by a name is not there.
    #[error("{0}")]
    Unknown(String),
    /// Something would be deleted, and its number was not given, or is another one.
    #[error("{}", unconfirmed(.deletions, .given))]
    Unconfirmed {
        /// How many contacts would be deleted.
        deletions: u64,
        /// What was given.
        given: Option<u64>,
    },
    /// The settings have changed since, or are being let go of.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
    /// A database did not do what was asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The settings that are kept are no document.
    #[error("the settings of this workspace cannot be read: {0}")]
    Malformed(#[from] configuration_document::Malformed),
    /// The connector's error.
    #[error("{}", sync_runner::in_words(.0))]
    Call(#[from] CallError),
    /// The workspace cannot be opened. Members read this, so it holds no path and no process.
    #[error("{0}")]
    Closed(String),
}

fn unconfirmed(deletions: &u64, given: &Option<u64>) -> String {
    let contacts = if *deletions == 1 {
        "1 contact".to_owned()
    } else {
        format!("{deletions} contacts")
    };
    match given {
        None => format!(
            "this deletes {contacts}, and nothing was done: to approve it, give the number of contacts that \
             are deleted"
        ),
        Some(given) => {
            format!("this deletes {contacts}, and not {given} as was given; nothing was done")
        }
    }
}

impl DeskError {
    /// The workspace cannot be opened: the operator's log has why, whoever uses the workspace reads what
    /// concerns them.
    fn closed(error: anyhow::Error) -> Self {
        tracing::warn!(error = format!("{error:#}"), "a workspace cannot be opened");
        let is_at_work =
            error.is::<AtWork>() || matches!(error.downcast_ref(), Some(LeaseError::Held(_)));
        let words = if is_at_work {
            "another program is at work in this workspace; try again when it is done"
        } else if let Some(DatabaseError::Unavailable(words)) = database_error(&error) {
            words
        } else {
            match error.downcast_ref() {
                Some(OpenError::Foreign { .. }) => {
                    "what is kept in the place of its contacts is not a contact database; whoever operates \
                     this server has to look"
                }
                Some(OpenError::TooNew { .. }) => {
                    "its contacts were kept by a newer version of this server; whoever operates it has to look"
                }
                _ => {
                    "the workspace cannot be opened; whoever operates this server finds the reason in its log"
                }
            }
        };
        let words = words.to_owned();
        Self::Closed(words)
    }

    fn disconnecting() -> Self {
        Self::NotNow("this workspace is being disconnected; try again when that is done".to_owned())
    }
}

fn database_error(error: &anyhow::Error) -> Option<&DatabaseError> {
    error.downcast_ref().or_else(|| match error.downcast_ref() {
        Some(OpenError::Database { source, .. }) => Some(source),
        _ => None,
    })
}

/// One workspace.
pub(crate) struct Desk {
    pub(crate) id: String,
    pub(crate) live: Arc<Live>,
    host: Weak<Host>,
    /// The run whose taking back could not be planned, or not be done, last, and why.
    undo_failure: Mutex<Option<(String, String)>>,
}

impl Desk {
    pub(super) fn new(host: Weak<Host>, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            live: Arc::new(Live::new(id)),
            host,
            undo_failure: Mutex::default(),
        }
    }

    /// What the workspaces share. Gone only while the server ends.
    pub(crate) fn host(&self) -> Result<Arc<Host>, DeskError> {
        self.host
            .upgrade()
            .ok_or_else(|| DeskError::NotNow("the server is ending; try again later".to_owned()))
    }

    /// The workspace's record.
    pub(crate) fn record(&self) -> Result<WorkspaceRecord, DeskError> {
        let record = self.host()?.books.workspace(&self.id)?;
        record.ok_or_else(|| DeskError::NotNow("there is no such workspace".to_owned()))
    }

    /// Notes an act of the server's own.
    pub(crate) fn act<'a>(
        host: &Host,
        who: &'a str,
        action: &'a str,
        subject: Option<&'a str>,
    ) -> Act<'a> {
        Act {
            at_ms: host.now_ms(),
            who,
            action,
            subject,
        }
    }

    /// Begins a job and gives back at once; it goes on by itself, and is to be seen at [`Desk::live`].
    ///
    /// # Errors
    ///
    /// Where something else goes on, the workspace is not in a state for it, or the records cannot be
    /// written.
    pub(crate) fn begin(self: &Arc<Self>, job: Job, who: &str) -> Result<(), DeskError> {
        let (host, claim) = self.enter(job.task())?;
        let record = self.record()?;
        self.begin_claimed(host, claim, &record, (job, false), who)
    }

    /// Begins a job within a claim, in a workspace that was looked at since it was claimed; and whether it
    /// puts settings into force that wait for it.
    fn begin_claimed(
        self: &Arc<Self>,
        host: Arc<Host>,
        claim: Claim,
        record: &WorkspaceRecord,
        (job, confirms): (Job, bool),
        who: &str,
    ) -> Result<(), DeskError> {
        allow(record.state, &job)?;
        let act = Self::act(&host, who, begun_action(&job), subject_of(&job));
        if job.is_kept() {
            let text = serde_json::to_string(&job)
                .map_err(|error| DeskError::NotNow(format!("this cannot be kept: {error}")))?;
            let begun = Begun {
                job: &text,
                starter: job.starter(),
                connects: record.state == State::SettingUp && matches!(job, Job::Sync { .. }),
                confirms,
            };
            if !host.books.begin_job(&self.id, begun, act)? {
                return Err(DeskError::disconnecting());
            }
        } else {
            host.books.note(Some(&self.id), act)?;
        }
        self.start(host, job, claim);
        Ok(())
    }

    /// Goes on with a job that a server had begun and not ended.
    pub(crate) fn resume(self: &Arc<Self>, job: Job) -> Result<(), DeskError> {
        let (host, claim) = self.enter(job.task())?;
        let action = match job {
            Job::Undo { .. } => "undo-resumed",
            _ => "sync-resumed",
        };
        let act = Self::act(&host, "server", action, subject_of(&job));
        host.books.note(Some(&self.id), act)?;
        self.start(host, job, claim);
        Ok(())
    }

    fn start(self: &Arc<Self>, host: Arc<Host>, job: Job, claim: Claim) {
        let desk = Arc::clone(self);
        tokio::spawn(async move {
            // Also where a task panics, its claim ends with it.
            let _claim = claim;
            let mut next = Some(job);
            while let Some(job) = next {
                next = perform::perform(&host, &desk, &job).await;
                if let Some(job) = &next {
                    desk.live.follow(job.task());
                }
            }
        });
    }

    /// The one thing that goes on, where something does.
    pub(crate) fn task(&self) -> Option<String> {
        self.live.scene().progress.map(|progress| progress.task)
    }

    /// Claims the desk for a task that somebody asks for.
    fn enter(&self, task: &str) -> Result<(Arc<Host>, Claim), DeskError> {
        let host = self.host()?;
        if host.is_closing() {
            return Err(DeskError::NotNow(
                "the server is ending; try again later".to_owned(),
            ));
        }
        let claim = self.claim(&host, task)?;
        Ok((host, claim))
    }

    /// Claims the desk for a task, until the claim is dropped.
    fn claim(&self, host: &Host, task: &str) -> Result<Claim, DeskError> {
        let progress = ProgressView {
            task: task.to_owned(),
            phase: live::first_phase(task).to_owned(),
            done: 0,
            total: None,
            started_at: moment(host.now_ms().unsigned_abs()),
            queued: false,
            stopping: false,
        };
        self.live.claim(progress).map_err(DeskError::Busy)
    }

    /// The contacts.
    pub(crate) async fn store(&self) -> Result<Arc<SqliteStore>, DeskError> {
        let host = self.host()?;
        let id = self.id.clone();
        blocking(move || host.store(&id).map_err(DeskError::closed)).await
    }

    /// The configuration document with the endpoints of this server, where it has its own.
    pub(crate) fn document(host: &Host, settings: &str) -> String {
        let Some(endpoints) = &host.options.endpoints else {
            return settings.to_owned();
        };
        // What is none, the connector refuses with a sentence.
        let Ok(mut document) = configuration_document::object(settings) else {
            return settings.to_owned();
        };
        let roots = serde_json::json!({ "login": endpoints.login, "graph": endpoints.graph });
        document.insert("endpoints".to_owned(), roots);
        Value::Object(document).to_string()
    }
}

/// Runs what blocks where it may. What was begun is carried out, also when nobody waits any more.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DeskError> + Send + 'static,
) -> Result<T, DeskError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(DeskError::NotNow(
            "the server failed; see its log".to_owned(),
        ))
    })
}

/// Whether the connector refuses the settings themselves, which no other try changes.
fn refuses_settings(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Guest {
            error: GuestError::InvalidConfiguration(_),
            ..
        }
    )
}

/// Whether a workspace in that state may do a job.
fn allow(state: State, job: &Job) -> Result<(), DeskError> {
    let refusal = match (state, job) {
        (State::Disconnecting | State::Disconnected, _) => {
            "this workspace is disconnected; connect it again first"
        }
        // The first sync is one that a person has seen the plan of.
        (State::SettingUp, Job::Sync { approve: None, .. } | Job::Retry { .. }) => {
            "the set-up is not finished; the first sync begins in its third step"
        }
        _ => return Ok(()),
    };
    Err(DeskError::NotNow(refusal.to_owned()))
}

fn begun_action(job: &Job) -> &'static str {
    match job {
        Job::Sync {
            approve: Some(_), ..
        } => "sync-approved",
        Job::Sync { full: true, .. } => "full-sync-started",
        Job::Sync { .. } => "sync-started",
        Job::Plan { .. } => "plan-started",
        Job::Retry { .. } => "retry-started",
        Job::PlanUndo { .. } => "undo-plan-started",
        Job::Undo { .. } => "undo-approved",
    }
}

/// What the audit log names: the digest that was approved, the user that is tried again, the run that is
/// taken back.
fn subject_of(job: &Job) -> Option<&str> {
    match job {
        Job::Sync {
            approve: Some(Approved::Plan(digest) | Approved::Taking(digest)),
            ..
        } => Some(digest),
        Job::Retry { user } => Some(user.as_str()),
        Job::PlanUndo { run } | Job::Undo { run, .. } => Some(run),
        Job::Sync { .. } | Job::Plan { .. } => None,
    }
}
