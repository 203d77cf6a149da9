//! Progress, log and stop.

use std::time::Duration;

/// How serious a log event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For developers.
    Debug,
    /// The course of a run.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

/// What a call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Token, organisation, permissions.
    Connecting,
    /// Reading users and writing contacts.
    Reading,
    /// Asking for people a full round did not show.
    Verifying,
    /// Applying removals.
    Removing,
    /// Giving the directory what contacts hold.
    Writing,
    /// Saving the cursor and the record.
    Finishing,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Users handled so far in this phase.
    pub done: u64,
    /// How many there will be, an estimate.
    pub total: Option<u64>,
    /// How long the rest of the phase takes at least, where a limit of the directory sets the pace.
    pub remaining: Option<Duration>,
}

impl Progress {
    /// Progress that no limit slows down.
    #[must_use]
    pub fn new(phase: Phase, done: u64, total: Option<u64>) -> Self {
        Self {
            phase,
            done,
            total,
            remaining: None,
        }
    }
}

/// The host's answer to a progress report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// Carry on.
    GoOn,
    /// End at once; everything up to the last commit is saved.
    Stop,
}

/// Progress, log, stop.
pub trait RunControl {
    /// A log event: a stable code, and fields without personal data or secrets.
    fn log(&self, level: Level, event: &str, fields: &[(&str, String)]);

    /// Tells how far the call is.
    fn progress(&self, progress: Progress) -> Directive;
}
