//! How often the host lets a workspace sync.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a workspace has paid for, as far as schedules are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// At most every 60 minutes.
    #[default]
    Standard,
    /// At most every 30 minutes.
    Plus,
}

/// The operator's limit. A schedule that asks for more is held to it, not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPolicy {
    /// The least time from the start of one run to a scheduled one.
    pub least_interval: Duration,
}

impl From<Tier> for HostPolicy {
    fn from(tier: Tier) -> Self {
        let minutes = match tier {
            Tier::Standard => 60,
            Tier::Plus => 30,
        };
        Self {
            least_interval: Duration::from_secs(minutes * 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_has_a_name_and_a_least_interval() {
        for (name, minutes) in [("standard", 60), ("plus", 30)] {
            let tier: Tier = serde_json::from_value(name.into()).unwrap();
            let policy = HostPolicy::from(tier);
            assert_eq!(policy.least_interval, Duration::from_secs(minutes * 60));
            assert_eq!(serde_json::to_value(tier).unwrap(), name);
        }
        assert!(serde_json::from_value::<Tier>("gold".into()).is_err());
    }
}
