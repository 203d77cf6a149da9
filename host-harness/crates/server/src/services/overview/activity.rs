//! The audit log of a workspace, as it is shown.

use api_types::shapes::moment;
use api_types::views::{ActivityView, AuditEntryView};
use server_db::AuditEntry;

use crate::labels;
use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;

/// Entries of a page of the audit log.
const PAGE: u32 = 50;

/// A page of the audit log.
pub(crate) fn activity(
    ws: &WorkspaceContext,
    before: Option<i64>,
) -> Result<ActivityView, ServiceError> {
    let entries = ws.app.db.activity(&ws.id, before, PAGE)?;
    let is_full = u32::try_from(entries.len()).is_ok_and(|entries| entries == PAGE);
    let next = entries.last().map(|entry| entry.number).filter(|_| is_full);
    Ok(ActivityView {
        entries: entries.into_iter().map(entry_view).collect(),
        next,
    })
}

/// An entry of the audit log, in words.
pub(crate) fn entry_view(entry: AuditEntry) -> AuditEntryView {
    AuditEntryView {
        number: entry.number,
        at: moment(entry.at_ms.unsigned_abs()),
        who: entry.who,
        words: labels::action(&entry.action).to_owned(),
        action: entry.action,
        subject: entry.subject,
    }
}
