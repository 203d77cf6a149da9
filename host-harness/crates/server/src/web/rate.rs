//! How often the people of one workspace may change something.
//!
//! Each change is noted in the audit log that all workspaces share, and some call the connector: nobody
//! fills the one or occupies the other, with a script or without meaning to.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::failure::Failure;

/// Changes a minute that go on for ever.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Changes at once, after a time of quiet.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Counts what the sessions of each workspace change.
pub(crate) struct ChangeLimiter(DefaultKeyedRateLimiter<String>);

impl ChangeLimiter {
    pub(crate) fn new() -> Self {
        Self(RateLimiter::keyed(
            Quota::per_minute(A_MINUTE).allow_burst(AT_ONCE),
        ))
    }

    /// Lets one change of a workspace through.
    ///
    /// # Errors
    ///
    /// Where there were too many; then nothing is done.
    pub(super) fn take(&self, workspace: &String) -> Result<(), Failure> {
        self.0.check_key(workspace).map_err(|_| {
            Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too much at once",
                "More was asked of this workspace than its people can mean: nothing of this was done.",
                "Wait a minute, and try again. If a program does this, let it ask less often.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_that_asks_too_much_is_refused_and_others_are_not() {
        let limiter = ChangeLimiter::new();
        let (loud, quiet) = ("loud".to_owned(), "quiet".to_owned());
        let taken = (0..1_000).filter(|_| limiter.take(&loud).is_ok()).count();
        assert!((120..200).contains(&taken), "{taken}");
        let refused = limiter.take(&loud).unwrap_err();
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(limiter.take(&quiet).is_ok());
    }
}
