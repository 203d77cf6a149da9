//! The audit log.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing that somebody did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntryView {
    /// Counts up within the server, without gaps in a server that was not tampered with.
    pub(crate) number: i64,
    /// RFC 3339.
    pub(crate) at: String,
    /// Who: a person's name, or `scheduler`, `server`, `connector`.
    pub(crate) who: String,
    /// Stable, in kebab case: `settings-saved`, `secret-used`, `sync-started`.
    pub(crate) action: String,
    /// The same in words.
    pub(crate) words: String,
    /// What it was done to, where that is not plain: a run, a digest, the name of a secret. Never a value
    /// of a secret or of a person.
    pub(crate) subject: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivityView {
    pub(crate) entries: Vec<AuditEntryView>,
    /// `before` of the next page.
    pub(crate) next: Option<i64>,
}
