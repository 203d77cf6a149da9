//! How often the people of one workspace may change something, and how often somebody may try to come in.
//!
//! Each change is noted in the audit log that all workspaces share, and some call the connector: nobody
//! fills the one or occupies the other, with a script or without meaning to.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use axum::http::StatusCode;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::failure::Failure;

/// Changes a minute that go on for ever.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Changes at once, after a time of quiet.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Counts what the sessions of each workspace change.
pub(super) struct ChangeLimiter(DefaultKeyedRateLimiter<String>);

impl ChangeLimiter {
    pub(super) fn new() -> Self {
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

/// Requests a minute that a directory may send for one workspace: a storm of them says no more than one.
const TOLD_A_MINUTE: NonZeroU32 = NonZeroU32::new(600).unwrap();

/// Counts what directories tell of each workspace. Who is refused tells again later.
pub(super) struct NotificationLimiter(DefaultKeyedRateLimiter<String>);

/// A directory told too much.
#[derive(Debug)]
pub(super) struct TooMuch;

impl NotificationLimiter {
    pub(super) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(TOLD_A_MINUTE)))
    }

    /// Lets one request through.
    ///
    /// # Errors
    ///
    /// Where there were too many.
    pub(super) fn take(&self, workspace: &String) -> Result<(), TooMuch> {
        self.0.check_key(workspace).map_err(|_| TooMuch)
    }
}

/// Refused codes from one address, a minute, that are answered and logged one by one. A code has 256 bits, so
/// nobody guesses one; this is for the log's sake. Codes that are good are never counted: behind a proxy,
/// everybody comes from one address.
const REFUSED_A_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Counts codes that were refused, by the address they came from.
pub(super) struct SignInLimiter(DefaultKeyedRateLimiter<IpAddr>);

impl SignInLimiter {
    pub(super) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(REFUSED_A_MINUTE)))
    }

    pub(super) fn take(&self, from: SocketAddr) -> Result<(), Failure> {
        if self.0.len() > 10_000 {
            self.0.retain_recent();
        }
        self.0.check_key(&from.ip()).map_err(|_| {
            Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                "This code is not known, was used already, or is too old; and it is not the first from your \
                 address.",
                "Ask whoever operates this server for a new sign-in link. One that is good works at once.",
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
