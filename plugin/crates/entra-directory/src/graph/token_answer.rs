//! What the token endpoint answers.

use std::time::Duration;

use guest_kit::{Timestamp, retry};
use serde_json::Value;

/// The longest lifetime that is believed; policies allow a day
/// (<https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>).
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token answer. It has no `Debug`.
pub(super) struct Answer {
    pub(super) access_token: String,
    pub(super) lifetime: Duration,
}

impl Answer {
    /// Reads an answer. Numbers may be text, as the v1.0 endpoint and gateways write them; where
    /// `expires_in` is not there, `expires_on` says when.
    pub(super) fn read(answer: &Value, now: Timestamp) -> Result<Self, &'static str> {
        let access_token = answer
            .get("access_token")
            .and_then(Value::as_str)
            .ok_or("access_token is missing")?;
        let lifetime = match (answer.get("expires_in"), answer.get("expires_on")) {
            (Some(value), _) if !value.is_null() => {
                seconds(value).ok_or("expires_in is no number of seconds")?
            }
            (_, Some(value)) if !value.is_null() => {
                let until = seconds(value).ok_or("expires_on is no moment")?;
                until.saturating_sub(Duration::from_millis(now.0))
            }
            _ => return Err("access_token or expires_in is missing"),
        };
        Ok(Self {
            access_token: access_token.to_owned(),
            lifetime: lifetime.min(LONGEST_LIFETIME),
        })
    }
}

/// A number of seconds from 0, also one that is written as text or with a fraction.
fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(number) => {
            let seconds = number.as_f64().filter(|seconds| *seconds >= 0.0)?;
            // The conversion rounds down, and saturates.
            Some(Duration::from_secs(seconds as u64))
        }
        Value::String(text) => {
            let seconds = retry::decimal(text.trim())?;
            Some(Duration::from_secs(seconds.as_secs()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2001-09-09T01:46:40Z.
    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn lifetime(mut answer: Value) -> Result<u64, &'static str> {
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("access_token".to_owned(), json!("a"));
        }
        Answer::read(&answer, NOW).map(|answer| answer.lifetime.as_secs())
    }

    #[test]
    fn a_lifetime_is_read_as_number_and_as_text() {
        for (answer, seconds) in [
            (json!({"expires_in": 3599}), 3_599),
            (json!({"expires_in": "3599"}), 3_599),
            (json!({"expires_in": " 3599 "}), 3_599),
            (json!({"expires_in": 3599.9}), 3_599),
            (json!({"expires_in": "3599.0"}), 3_599),
            (json!({"expires_in": 0}), 0),
            (json!({"expires_in": u64::MAX}), 86_400),
            (json!({"expires_in": 1e300}), 86_400),
            (json!({"expires_in": "99999999999999999999999"}), 86_400),
            (
                json!({"expires_in": "3599", "ext_expires_in": "x", "expires_on": -1}),
                3_599,
            ),
            (json!({"expires_on": 1_000_003_599}), 3_599),
            (json!({"expires_on": "1000003599"}), 3_599),
            (
                json!({"expires_in": null, "expires_on": "1000003599"}),
                3_599,
            ),
            (json!({"expires_on": 5}), 0),
        ] {
            assert_eq!(lifetime(answer.clone()), Ok(seconds), "{answer}");
        }
    }

    #[test]
    fn what_is_no_lifetime_is_told_apart_from_none_at_all() {
        for answer in [
            json!({}),
            json!({"expires_in": null}),
            json!({"ext_expires_in": 3599}),
        ] {
            assert!(
                lifetime(answer.clone()).unwrap_err().contains("missing"),
                "{answer}"
            );
        }
        for answer in [
            json!({"expires_in": -5}),
            json!({"expires_in": "-5"}),
            json!({"expires_in": ""}),
            json!({"expires_in": "soon"}),
            json!({"expires_in": "1e3"}),
            json!({"expires_in": "NaN"}),
            json!({"expires_in": true}),
            json!({"expires_in": [3599]}),
            json!({"expires_on": "tomorrow"}),
        ] {
            let told = lifetime(answer.clone()).unwrap_err();
            assert!(told.contains("is no"), "{answer}: {told}");
        }
    }
}
