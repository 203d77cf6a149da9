//! The audit log.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing that somebody did.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntryView {
    /// Counts up within the server, without gaps in a server that was not tampered with.
    pub number: i64,
    /// RFC 3339.
    pub at: String,
    /// Who: a person's name, or `scheduler`, `server`, `connector`.
    pub who: String,
    /// Stable, in kebab case: `settings-saved`, `secret-used`, `sync-started`.
    pub action: String,
    /// The same in words.
    pub words: String,
    /// What it was done to, where that is not plain: a run, a digest, the name of a secret. Never a value
    /// of a secret or of a person.
    pub subject: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivityView {
    pub entries: Vec<AuditEntryView>,
    /// `before` of the next page.
    pub next: Option<i64>,
}
