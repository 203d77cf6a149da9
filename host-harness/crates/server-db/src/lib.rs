//! The server's own records: which workspaces there are and how they are set, their sealed secrets, who
//! may come in, and what was done.
//!
//! [`Records`] says what is kept, as traits by topic; [`ServerDb`] keeps it in one SQLite file, `server.db`,
//! beside the folders of the workspaces. Contacts are not in it, so that nobody waits here for a sync. Every
//! change of a setting, and the entry of the audit log that tells of it, are one transaction.

mod blocking;
mod records;
mod sqlite;

pub use self::blocking::run_blocking;
pub use self::records::{
    AuditEntry, AuditEvent, AuditLog, ConnectionTest, Consents, Head, Installation, Invitation,
    JobEnd, JobFailure, JobStarter, Jobs, NewJob, NewRoundTrip, NewSettings, NewWorkspace, Outcome,
    ParseHeadError, Proposal, Records, RecordsError, Reseal, ResealError, Revoked, RoundTrip,
    SaveError, SecretChange, Secrets, Session, Sessions, StoredSecret, Submissions, Tampered,
    Verified, WorkspaceRecord, WorkspaceState, Workspaces, is_workspace_id,
};

pub use self::sqlite::{AuditKeyError, ServerDb, ServerDbError};
