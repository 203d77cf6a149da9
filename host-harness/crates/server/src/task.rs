//! What can go on in a workspace. One thing at a time.

/// A task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Brings the contacts in step.
    Sync,
    /// Finds out what a sync would do.
    Plan,
    /// Tries one person again.
    Retry,
    /// Finds out what taking a run back would do.
    PlanUndo,
    /// Takes a run back.
    Undo,
    /// Tests the connection.
    Test,
    /// Lets go of the directory.
    Disconnect,
}

impl Task {
    /// In a word, as people and programs are told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Plan => "plan",
            Self::Retry => "retry",
            Self::PlanUndo => "undo plan",
            Self::Undo => "undo",
            Self::Test => "test",
            Self::Disconnect => "disconnect",
        }
    }

    /// The phase of one that has just begun.
    pub(crate) fn first_phase(self) -> &'static str {
        match self {
            Self::Test => "Testing the connection",
            Self::Disconnect => "Disconnecting",
            Self::Sync | Self::Plan | Self::Retry | Self::PlanUndo | Self::Undo => "Starting",
        }
    }
}
