//! When a workspace is due.
//!
//! The records say when; that is computed anew whenever something it depends on has changed: settings were
//! saved, a run has ended, the clock was set back. So a machine that slept finds the moments passed, and
//! starts each workspace once.

use jiff::Timestamp;
use schedule::{History, HostPolicy, NextRun, Schedule, next_run as compute};
use server_db::{WorkspaceRecord, WorkspaceState};

use super::setup::tested::InForce;
use crate::app::App;

/// Computes anew when a workspace is due, and lets the dispatcher know.
pub(crate) fn reschedule(app: &App, id: &str) {
    let rescheduled = app.db.workspace(id).and_then(|record| {
        let next = record.and_then(|record| next_run(app, &record));
        let at_ms = next.map(|next| next.at.as_millisecond());
        app.db.set_next_run(id, at_ms)?;
        Ok(at_ms)
    });
    match rescheduled {
        Ok(at_ms) => app.dispatcher.wake(id, at_ms),
        Err(error) => tracing::error!(workspace = id, %error, "reschedule failed"),
    }
}

/// When a workspace is due, and why then; `None` where nothing is scheduled.
pub(crate) fn next_run(app: &App, record: &WorkspaceRecord) -> Option<NextRun> {
    // What was just taken back, a scheduled sync would do again before anybody could change why.
    if record.state != WorkspaceState::Connected || record.held_since_ms.is_some() {
        return None;
    }
    let (schedule, history) = (schedule_of(record)?, history_of(record)?);
    compute(&schedule, &policy_of(record), &history, app.clock.now())
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

/// The schedule that the settings in force name.
pub(crate) fn schedule_of(record: &WorkspaceRecord) -> Option<Schedule> {
    let text = schedule_text(record)?;
    Schedule::parse(&text, &record.time_zone).ok()
}

/// As the connector told it: presets included.
pub(crate) fn schedule_text(record: &WorkspaceRecord) -> Option<String> {
    InForce::of(record).schedule
}

/// What the workspace's tier allows.
pub(crate) fn policy_of(record: &WorkspaceRecord) -> HostPolicy {
    HostPolicy::from(record.tier)
}
