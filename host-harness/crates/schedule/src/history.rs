//! What a schedule has to know of the runs before.

use jiff::Timestamp;

/// The runs of a workspace, as far as its next one depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// When the directory was connected, or its schedule last changed where that is later. What was
    /// due before that was never missed.
    pub connected_at: Timestamp,
    /// When the last run started, whoever started it.
    pub last_started: Option<Timestamp>,
    /// The moment for which that run was scheduled; `None` where a person started it.
    pub last_scheduled: Option<Timestamp>,
    /// How many scheduled runs have failed since the last one that succeeded.
    pub failures: u32,
}

/// How a run ended, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With or without warnings.
    Succeeded,
    /// It did not do its work.
    Failed,
    /// A breaker stopped it and it waits for a person. That is no failure, and no success either.
    Blocked,
}

impl History {
    /// A workspace that never ran.
    #[must_use]
    pub fn connected(at: Timestamp) -> Self {
        Self {
            connected_at: at,
            last_started: None,
            last_scheduled: None,
            failures: 0,
        }
    }

    /// After a run started at `at`: on schedule for the moment `scheduled`, or by hand.
    #[must_use]
    pub fn with_start(self, at: Timestamp, scheduled: Option<Timestamp>) -> Self {
        Self {
            last_started: Some(at),
            last_scheduled: scheduled,
            ..self
        }
    }

    /// After that run ended. Only scheduled runs count as failures: who starts one by hand sees it
    /// fail. Any success ends a series of them.
    #[must_use]
    pub fn with_ending(self, ending: Ending) -> Self {
        let failures = match ending {
            Ending::Succeeded => 0,
            Ending::Failed if self.last_scheduled.is_some() => self.failures.saturating_add(1),
            Ending::Failed | Ending::Blocked => self.failures,
        };
        Self { failures, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheduled_runs_that_fail_are_counted_and_a_success_ends_the_count() {
        let moment = Timestamp::UNIX_EPOCH;
        let scheduled = History::connected(moment).with_start(moment, Some(moment));
        let failed = scheduled
            .with_ending(Ending::Failed)
            .with_ending(Ending::Failed);
        assert_eq!(failed.failures, 2);
        assert_eq!(failed.with_ending(Ending::Blocked).failures, 2);
        assert_eq!(failed.with_ending(Ending::Succeeded).failures, 0);

        let by_hand = failed.with_start(moment, None);
        assert_eq!(by_hand.with_ending(Ending::Failed).failures, 2);
        assert_eq!(by_hand.with_ending(Ending::Succeeded).failures, 0);
    }
}
