//! Progress, log and stop.

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
