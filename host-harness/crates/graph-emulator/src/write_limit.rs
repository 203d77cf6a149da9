//! How many writes an application may send into a tenant: a bucket that fills by itself
//! (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>). Inside a batch
//! each request counts for itself.

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};

use super::behaviour::Behaviour;
use super::routes::Resource;
use emulated_odata::failure::Failure;

/// The bucket.
#[derive(Debug, Default)]
pub(super) struct WriteLimit {
    /// Since when it has so many.
    filled: Option<(SystemTime, f64)>,
}

/// Whether a request counts as a write. What subscribes has limits of its own.
pub(super) fn counts(resource: &Resource, method: &Method) -> bool {
    let elsewhere = matches!(
        resource,
        Resource::Batch
            | Resource::ObjectsByIds
            | Resource::Subscriptions
            | Resource::Subscription(_)
            | Resource::Reauthorize(_)
    );
    *method != Method::GET && !elsewhere
}

impl WriteLimit {
    /// Takes one write out of the bucket.
    ///
    /// # Errors
    /// 429 where it is empty, with the time until there is one again.
    pub(super) fn take(&mut self, behaviour: &Behaviour, now: SystemTime) -> Result<(), Failure> {
        let rate = f64::from(behaviour.writes_per_second);
        if rate == 0.0 {
            self.filled = None;
            return Ok(());
        }
        let burst = f64::from(behaviour.write_burst.max(1));
        let (since, left) = self.filled.unwrap_or((now, burst));
        let passed = now.duration_since(since).unwrap_or_default();
        let left = (left + passed.as_secs_f64() * rate).min(burst);
        if left < 1.0 {
            self.filled = Some((now, left));
            return Err(refused(Duration::from_secs_f64((1.0 - left) / rate)));
        }
        self.filled = Some((now, left - 1.0));
        Ok(())
    }
}

fn refused(wait: Duration) -> Failure {
    let seconds = wait.as_secs_f64().ceil().max(1.0);
    let mut failure = Failure::new(
        StatusCode::TOO_MANY_REQUESTS,
        "TooManyRequests",
        "Please retry again later.",
    )
    .with_header("retry-after", format!("{seconds}"))
    .with_header("x-ms-throttle-information", "WriteLimitExceeded".to_owned());
    failure.inner = vec![
        ("code", "429"),
        ("message", "Please retry after"),
        ("status", "429"),
    ];
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_at_once_and_fills_by_itself() {
        let behaviour = Behaviour {
            writes_per_second: 20,
            write_burst: 3,
            ..Behaviour::default()
        };
        let mut limit = WriteLimit::default();
        let start = SystemTime::UNIX_EPOCH;
        for _ in 0..3 {
            assert_eq!(limit.take(&behaviour, start), Ok(()));
        }
        let failure = limit.take(&behaviour, start).expect_err("empty");
        assert_eq!(failure.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(failure.headers.contains(&("retry-after", "1".to_owned())));
        let later = start + Duration::from_millis(50);
        assert_eq!(limit.take(&behaviour, later), Ok(()));
        assert!(limit.take(&behaviour, later).is_err());
        let much_later = start + Duration::from_secs(600);
        let taken = (0..10).filter(|_| limit.take(&behaviour, much_later).is_ok());
        assert_eq!(taken.count(), 3, "no more than it holds");
    }
}
