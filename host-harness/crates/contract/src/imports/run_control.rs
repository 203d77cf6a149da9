//! What a call tells while it goes on, and how it is stopped.

use crate::{Directive, Level, Progress};

/// Listens to a call: interface `run-control` of the contract. Both methods are called on the
/// executor, so they must not wait.
pub trait RunControl: Send + Sync {
    /// Takes a log event. At most `Limits::log_events` of one
    /// call arrive here, with `Limits::log_bytes` of text
    /// together. Names are letters, digits and `-_.`, values one line without control characters:
    /// nothing in them steers a terminal or forges another line.
    fn log(&self, level: Level, event: &str, fields: &[(String, String)]);

    /// Takes note of how far the call is, and says whether it goes on.
    fn report_progress(&self, progress: Progress) -> Directive;
}

/// Hears nothing, and lets every call go on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl RunControl for Silent {
    fn log(&self, _level: Level, _event: &str, _fields: &[(String, String)]) {}

    fn report_progress(&self, _progress: Progress) -> Directive {
        Directive::GoOn
    }
}
