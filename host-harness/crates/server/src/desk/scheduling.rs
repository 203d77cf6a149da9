//! What the record of a workspace says of its schedule.

use schedule::{HostPolicy, Schedule};
use server_db::WorkspaceRecord;

use super::InForce;

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
