//! Who may come in: sign-in codes, which work once, and sessions.
//!
//! Both are random texts of 256 bits that only their hashes are kept of.

use super::RecordsError;
use super::audit::AuditEvent;
use api_types::views::Role;

/// Whom a sign-in link lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub workspace: String,
    /// What they are called in the audit log.
    pub who: String,
    /// What they may do there.
    pub role: Role,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_ms: i64,
}

/// Somebody who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub workspace: String,
    /// What they are called in the audit log.
    pub who: String,
    /// What they may do there.
    pub role: Role,
    /// What the forms of this session carry.
    pub csrf: String,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_ms: i64,
}

/// Ways in that were closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Sessions that were ended.
    pub sessions: u64,
    /// Links that nobody had used yet.
    pub links: u64,
}

/// Sign-in codes and sessions.
pub trait Sessions: Send + Sync {
    /// Lets a code in, once.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn invite(
        &self,
        code_hash: &[u8],
        invitation: &Invitation,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// Takes a code, which is worth nothing afterwards, for a session; none where it is not known, was
    /// used, or is too old.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn sign_in(
        &self,
        code_hash: &[u8],
        session_hash: &[u8],
        csrf: &str,
        now_ms: i64,
        lifetime_ms: i64,
    ) -> Result<Option<Session>, RecordsError>;

    /// The session of a token, where it is still good.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn session(&self, session_hash: &[u8], now_ms: i64) -> Result<Option<Session>, RecordsError>;

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn sign_out(
        &self,
        session_hash: &[u8],
        workspace: &str,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// Ends the sessions of a workspace and takes back the codes for it: everybody's, or those of one name.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn revoke(
        &self,
        workspace: &str,
        who: Option<&str>,
        event: AuditEvent<'_>,
    ) -> Result<Revoked, RecordsError>;
}
