//! Round trips to Microsoft's pages, each bound to the session in which it began.

use super::RecordsError;
use super::audit::AuditEvent;

/// What a round trip is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundTrip {
    /// Consent to the application that the workspace has registered itself.
    OwnConsent,
    /// Consent to the platform's application.
    PlatformConsent,
    /// Somebody signs in at the platform's application, in the tenant with this id.
    SignIn {
        /// The id, as the round trip before told it: nothing is proven by it.
        tenant: String,
    },
}

/// A round trip that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewRoundTrip<'a> {
    /// The hash of its state.
    pub state_hash: &'a [u8],
    /// Whose it is.
    pub workspace: &'a str,
    /// The session in which it began, and in which alone it ends.
    pub session_hash: &'a [u8],
    /// What it is for.
    pub purpose: &'a RoundTrip,
    /// Until when it may end. Milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_ms: i64,
}

/// Round trips to Microsoft's pages. Of a state, only its hash is kept.
pub trait Consents: Send + Sync {
    /// Remembers that a session went to one of Microsoft's pages with this state.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn begin_consent(
        &self,
        trip: &NewRoundTrip<'_>,
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

    /// Ends the round trip of this session with this state, where there is one: what it was for. It ends once.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn end_consent(
        &self,
        state_hash: &[u8],
        session_hash: &[u8],
        now_ms: i64,
    ) -> Result<Option<RoundTrip>, RecordsError>;
}
