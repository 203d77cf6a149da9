//! What occurred in the histories. Laws that were never put to the test have not been tested.

use std::collections::BTreeMap;

use sync_core::run::{RunMode, RunStatus};

use super::step::Trouble;
use super::world::Ran;

/// How often something occurred.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<&'static str, u64>);

/// What must occur in every two thousand histories.
const EXPECTED: &[&str] = &[
    "approved removals",
    "blocked runs",
    "contacts created",
    "contacts removed",
    "contacts updated",
    "deaths",
    "failed records",
    "failed runs",
    "full runs",
    "incremental runs",
    "lists in partitions",
    "lives compared",
    "meddling",
    "people explained",
    "people tried again",
    "plans approved as they were",
    "plans approved too late",
    "plans compared",
    "plans that came true",
    "runs judged by the oracle",
    "runs taken back",
    "second runs",
    "undos of an undo",
    "stopped runs",
    "waits for the directory",
];

impl Seen {
    pub fn note(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            self.note(what, times);
        }
    }

    /// Notes how a run came out.
    pub fn note_run(&mut self, ran: &Ran) {
        let is_divided = |event: &&String| event.starts_with("list-in-partitions");
        let divided = ran.log.iter().filter(is_divided).count();
        self.note("lists in partitions", divided as u64);
        let Some(run) = &ran.run else { return };
        self.note(
            match run.mode {
                RunMode::Full => "full runs",
                RunMode::Incremental => "incremental runs",
            },
            1,
        );
        match run.status {
            RunStatus::Blocked => self.note("blocked runs", 1),
            RunStatus::Failed => self.note("failed runs", 1),
            RunStatus::Stopped => self.note("stopped runs", 1),
            RunStatus::Incomplete => self.note("incomplete runs", 1),
            RunStatus::Running | RunStatus::Succeeded | RunStatus::Warnings => {}
        }
        self.note("contacts created", run.counts.created);
        self.note("contacts updated", run.counts.updated);
        self.note("contacts removed", run.counts.removed);
        self.note("failed records", run.counts.failed);
        self.note("waits for the directory", u64::from(run.throttled_ms > 0));
    }

    pub fn note_trouble(&mut self, trouble: &Trouble, ran: &Ran) {
        self.note("deaths", u64::from(ran.killed));
        self.note(
            "meddling",
            u64::from(matches!(trouble, Trouble::Meddle(..))),
        );
    }

    /// What ought to have occurred and has not.
    pub fn lacks(&self) -> Vec<&'static str> {
        let occurred = |what: &&str| self.0.get(*what).is_some_and(|times| *times > 0);
        EXPECTED
            .iter()
            .copied()
            .filter(|what| !occurred(what))
            .collect()
    }
}
