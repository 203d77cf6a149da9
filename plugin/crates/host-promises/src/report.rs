//! All verdicts of a run, as JSON: what `report` tells, and what a host keeps.

use serde::{Deserialize, Serialize};

use crate::promises::by_name;
use crate::verdict::{Ending, Verdict};

/// What a run of the conformance component found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of the component.
    pub version: String,
    /// The version of the contract.
    pub contract: String,
    /// Every check has been tried, as far as it can be.
    pub finished: bool,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub started_at_ms: u64,
    /// From then to the last check.
    pub took_ms: u64,
    /// How many checks passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How many were not tried.
    pub not_tried: usize,
    /// How many the document waives.
    pub waived: usize,
    /// The checks, in the order of the promises.
    pub checks: Vec<Check>,
}

/// One check of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The promise's name.
    pub name: String,
    /// The item of `wit/` that promises it.
    pub item: String,
    /// What is promised.
    pub promise: String,
    /// Whether it is kept.
    pub passed: bool,
    /// How the check ended.
    pub ending: Ending,
    /// What was expected where it failed.
    pub expected: String,
    /// What was seen there; of a check that was not tried, or is waived, why.
    pub seen: String,
}

impl Report {
    /// The verdicts as a report.
    #[must_use]
    pub fn of(verdicts: &[Verdict], started_at_ms: u64, now_ms: u64, finished: bool) -> Self {
        let count = |ending| {
            verdicts
                .iter()
                .filter(|verdict| verdict.ending == ending)
                .count()
        };
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: "0.2.0".to_owned(),
            finished,
            started_at_ms,
            took_ms: now_ms.saturating_sub(started_at_ms),
            passed: count(Ending::Passed),
            failed: count(Ending::Failed),
            not_tried: count(Ending::NotTried),
            waived: count(Ending::Waived),
            checks: verdicts.iter().map(Check::of).collect(),
        }
    }

    /// Whether the host keeps every promise that was tried, and all were tried that can be.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.finished && self.failed == 0
    }

    /// Takes over what a run of its own found about one promise: nothing where it is kept, or what was seen.
    pub fn decide(&mut self, name: &str, amiss: Option<String>) {
        let Some(check) = self.checks.iter_mut().find(|check| check.name == name) else {
            return;
        };
        check.ending = match amiss {
            None => Ending::Passed,
            Some(_) => Ending::Failed,
        };
        check.passed = amiss.is_none();
        check.seen = amiss.unwrap_or_default();
        let count = |ending| self.checks.iter().filter(|it| it.ending == ending).count();
        (self.passed, self.failed) = (count(Ending::Passed), count(Ending::Failed));
        self.not_tried = count(Ending::NotTried);
    }

    /// The checks that did not pass.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| check.ending == Ending::Failed)
    }

    /// The report in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self {
            passed,
            failed,
            not_tried,
            waived,
            ..
        } = self;
        format!("{passed} passed, {failed} failed, {not_tried} not tried, {waived} waived")
    }
}

impl Check {
    fn of(verdict: &Verdict) -> Self {
        let promise = by_name(&verdict.name);
        Self {
            name: verdict.name.clone(),
            item: promise.map_or("", |it| it.item).to_owned(),
            promise: promise.map_or("", |it| it.text).to_owned(),
            passed: verdict.ending == Ending::Passed,
            ending: verdict.ending,
            expected: verdict.expected.clone(),
            seen: verdict.seen.clone(),
        }
    }

    /// The check in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.ending {
            Ending::Passed => format!("{} ({})", self.promise, self.item),
            Ending::Failed => format!(
                "{} ({}) Expected {}; seen {}.",
                self.promise, self.item, self.expected, self.seen
            ),
            Ending::NotTried => format!("Not tried: {}.", self.seen),
            Ending::Waived => format!("Waived: {}.", self.seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{not_tried, same};

    fn report() -> Report {
        let verdicts = [
            Verdict::of("create", Ok(())),
            Verdict::of("atomic", same("state", "there", "absent")),
            Verdict::of("stop", not_tried("the document does not ask for it")),
            Verdict::waived("http-denied", "a firewall does it"),
        ];
        Report::of(&verdicts, 1_000, 1_250, true)
    }

    #[test]
    fn a_report_counts_its_checks_and_says_what_each_promises() {
        let report = report();
        assert_eq!(
            report.sentence(),
            "1 passed, 1 failed, 1 not tried, 1 waived"
        );
        assert_eq!(report.took_ms, 250);
        assert!(!report.is_passed());
        let failed: Vec<_> = report.failures().collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(
            failed[0].sentence(),
            "A commit that fails leaves nothing of itself, state included. \
             (contact-store.description.atomic) Expected state: \"absent\"; seen state: \"there\"."
        );
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let written = serde_json::to_string(&report()).unwrap();
        let read: Report = serde_json::from_str(&written).unwrap();
        assert_eq!(read, report());
    }

    #[test]
    fn what_a_run_of_its_own_found_takes_the_place_of_what_was_not_tried() {
        let mut report = report();
        report.decide("stop", None);
        assert_eq!(
            report.sentence(),
            "2 passed, 1 failed, 0 not tried, 1 waived"
        );
        report.decide("stop", Some("it went on".to_owned()));
        assert_eq!(
            report.sentence(),
            "1 passed, 2 failed, 0 not tried, 1 waived"
        );
        assert_eq!(report.failures().last().unwrap().seen, "it went on");
    }

    #[test]
    fn a_run_that_is_not_finished_has_not_passed() {
        let verdicts = [Verdict::of("create", Ok(()))];
        assert!(!Report::of(&verdicts, 0, 0, false).is_passed());
        assert!(Report::of(&verdicts, 0, 0, true).is_passed());
    }
}
