//! What the server keeps, as traits by topic: one database implements all of them, and the server is written
//! against them alone.
//!
//! They are synchronous, and called where waiting for a disk or a network keeps nobody else from working.
//! Each call is one transaction; what it changes and the entry of the audit log that tells of it are kept
//! together or not at all.

mod audit;
mod consents;
mod error;
mod installation;
mod jobs;
mod secrets;
mod sessions;
mod submissions;
mod workspaces;

pub use self::audit::{AuditEntry, AuditEvent, AuditLog, Head, ParseHeadError, Tampered, Verified};
pub use self::consents::{Consents, NewRoundTrip, RoundTrip};
pub use self::error::RecordsError;
pub use self::installation::Installation;
pub use self::jobs::{JobEnd, JobFailure, JobStarter, Jobs, NewJob, Outcome};
pub use self::secrets::{Reseal, ResealError, SecretChange, Secrets, StoredSecret};
pub use self::sessions::{Invitation, Revoked, Session, Sessions};
pub use self::submissions::Submissions;
pub use self::workspaces::{
    ConnectionTest, NewSettings, NewWorkspace, Proposal, SaveError, WorkspaceRecord,
    WorkspaceState, Workspaces, is_workspace_id,
};

/// Everything that the server keeps.
pub trait Records:
    Workspaces + Jobs + Secrets + Sessions + Consents + AuditLog + Submissions + Installation
{
}

impl<T> Records for T where
    T: Workspaces + Jobs + Secrets + Sessions + Consents + AuditLog + Submissions + Installation
{
}
