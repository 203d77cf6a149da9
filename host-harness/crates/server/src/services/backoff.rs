//! Pauses between tries.

use std::time::Duration;

use super::error::ServiceError;

/// Pauses between tries, longer and longer: records that are locked or have no room are so for a while.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) const SHORTEST: Self = Self(Duration::from_millis(100));
    const LONGEST: Duration = Duration::from_secs(30);

    /// Says why the last try was none, and waits for the next.
    pub(crate) async fn after(&mut self, workspace: &str, what: &str, error: &ServiceError) {
        tracing::error!(workspace, %error, retry_in = ?self.0, "{what}");
        tokio::time::sleep(self.0).await;
        self.0 = Self::LONGEST.min(self.0 * 2);
    }
}
