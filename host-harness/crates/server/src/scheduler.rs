//! Starts what is due.
//!
//! The records say when each workspace is due; that is computed anew whenever something it depends on
//! has changed: settings were saved, a run has ended, the clock was set back. So a machine that slept
//! finds the moments passed, and starts each workspace once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use schedule::{History, NextRun, next_run};
use server_db::{JobEnd, Outcome, WorkspaceRecord, WorkspaceState};

use super::desk::{Cause, Desk, DeskError, Job, SCHEDULE, policy_of, schedule_of};
use super::host::Host;

/// How many due workspaces are started at a time.
const BATCH: u32 = 1_000;

/// The longest time for which the scheduler does not look, also where nothing seems to be due: the clock
/// may have been set.
const LONGEST_NAP: Duration = Duration::from_secs(30);

impl Host {
    /// Computes anew when a workspace is due.
    pub(crate) fn reschedule(&self, id: &str) {
        let rescheduled = self.db.workspace(id).and_then(|record| {
            let next = record.and_then(|record| self.next_run(&record));
            let at_ms = next.map(|next| next.at.as_millisecond());
            self.db.set_next_run(id, at_ms)
        });
        match rescheduled {
            Ok(()) => self.rescheduled.notify_one(),
            Err(error) => tracing::error!(workspace = id, %error, "not scheduled"),
        }
    }

    /// When a workspace is due, and why then; `None` where nothing is scheduled.
    pub(crate) fn next_run(&self, record: &WorkspaceRecord) -> Option<NextRun> {
        // What was just taken back, a scheduled sync would do again before anybody could change why.
        if record.state != WorkspaceState::Connected || record.held_since_ms.is_some() {
            return None;
        }
        let schedule = schedule_of(record)?;
        next_run(
            &schedule,
            &policy_of(record),
            &history_of(record)?,
            self.now(),
        )
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Starts every workspace that is due; how many were started.
    pub(crate) fn start_due(self: &Arc<Self>) -> u64 {
        let now_ms = self.now_ms();
        if now_ms < self.looked_at_ms.swap(now_ms, Ordering::Relaxed) {
            self.clock_was_set_back();
        }
        let due = match self.db.due(now_ms, BATCH) {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "the scheduler cannot read the records");
                return 0;
            }
        };
        let mut started = 0;
        for id in due {
            let job = Job::Sync {
                full: false,
                trigger: SCHEDULE.to_owned(),
                approve: None,
            };
            match self.desk(&id).begin(job, "scheduler") {
                Ok(()) => started += 1,
                // It is looked at again when that is done.
                Err(DeskError::Busy(task)) => {
                    tracing::debug!(workspace = id, task, "due, and busy");
                }
                Err(error) => tracing::error!(workspace = id, %error, "due, and not started"),
            }
        }
        started
    }

    /// What was computed by a clock that was ahead would not be due for as long as it was.
    fn clock_was_set_back(&self) {
        tracing::warn!("the clock was set back; everything is scheduled anew");
        match self.db.workspace_ids() {
            Ok(ids) => ids.iter().for_each(|id| self.reschedule(id)),
            Err(error) => tracing::error!(%error, "the scheduler cannot read the records"),
        }
    }
}

/// Starts what is due, until the server ends.
pub(super) async fn run(host: Arc<Host>) {
    let mut closing = host.closing.subscribe();
    loop {
        host.start_due();
        let nap = match host.db.earliest_run_ms() {
            Ok(Some(at_ms)) => {
                let left = u64::try_from(at_ms.saturating_sub(host.now_ms())).unwrap_or(0);
                // A due workspace that is busy must not make this a loop without a pause.
                Duration::from_millis(left.max(200)).min(LONGEST_NAP)
            }
            _ => LONGEST_NAP,
        };
        tokio::select! {
            () = tokio::time::sleep(nap) => {}
            () = host.rescheduled.notified() => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

fn history_of(record: &WorkspaceRecord) -> Option<History> {
    let moment = |ms: i64| Timestamp::from_millisecond(ms).ok();
    // What was due under settings that are no more was never missed.
    let connected_at = record.connected_at_ms?.max(record.changed_at_ms);
    Some(History {
        connected_at: moment(connected_at)?,
        last_started: record.last_started_ms.and_then(moment),
        last_scheduled: record.last_scheduled_ms.and_then(moment),
        failures: record.failures,
    })
}

/// Ends a job that no server can go on with.
fn give_up(host: &Host, id: &str) -> Result<(), DeskError> {
    let failure = "what was begun before the server ended cannot be read; sync again";
    let event = Desk::event(host, "server", "sync-failed", None);
    let ended = JobEnd {
        outcome: Outcome::Failed,
        failure: Some((failure, Cause::Interrupted.name())),
    };
    host.db.end_job(id, ended, event)?;
    Ok(())
}

/// Goes on with what a server had begun and not ended.
pub(super) fn resume(host: &Arc<Host>) -> Result<(), DeskError> {
    for (id, text) in host.db.unfinished_jobs()? {
        let desk: Arc<Desk> = host.desk(&id);
        let resumed = match serde_json::from_str(&text) {
            Ok(job) => desk.resume(job),
            // Kept, it would hold the schedule back for ever.
            Err(_) => give_up(host, &id),
        };
        if let Err(error) = resumed {
            tracing::error!(workspace = id, %error, "not gone on with");
        }
    }
    Ok(())
}
