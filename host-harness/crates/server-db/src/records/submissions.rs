//! Forms that were carried out, and where each led.

use super::RecordsError;

/// The idempotency keys of forms that were carried out.
pub trait Submissions: Send + Sync {
    /// Where the form with this mark led; none where it was not carried out.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn submitted(&self, workspace: &str, mark: &str) -> Result<Option<String>, RecordsError>;

    /// Takes note that a form was carried out, and where it led; forgets those of yesterday.
    ///
    /// # Errors
    ///
    /// Where the database cannot be written.
    fn keep_submission(
        &self,
        workspace: &str,
        mark: &str,
        location: &str,
        now_ms: i64,
    ) -> Result<(), RecordsError>;
}
