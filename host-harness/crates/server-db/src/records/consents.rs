//! Round trips to Microsoft's consent page, each bound to the session in which it began.

use super::RecordsError;
use super::audit::AuditEvent;

/// Round trips to the consent page. Of a state, only its hash is kept.
pub trait Consents: Send + Sync {
    /// Remembers that a session went to Microsoft's consent page with this state.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn begin_consent(
        &self,
        state_hash: &[u8],
        workspace: &str,
        session_hash: &[u8],
        expires_at_ms: i64,
        event: AuditEvent<'_>,
    ) -> Result<(), RecordsError>;

    /// The workspace from which the round trip with this state started.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn workspace_of_consent(
        &self,
        state_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<String>, RecordsError>;

    /// Ends the round trip of this session with this state; whether there was one. It ends once.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn end_consent(
        &self,
        state_hash: &[u8],
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<bool, RecordsError>;
}
