//! Progress, log and stop.

use crate::{Directive, Level, Phase, Progress, RunControl};

use super::bindings::contact_sync::connector::run_control as wit;

/// The host's control of a run.
pub struct HostControl;

impl RunControl for HostControl {
    fn log(&self, level: Level, event: &str, fields: &[(&str, String)]) {
        let level = match level {
            Level::Debug => wit::Level::Debug,
            Level::Info => wit::Level::Info,
            Level::Warn => wit::Level::Warn,
            Level::Error => wit::Level::Error,
        };
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        wit::log(level, event, &fields);
    }

    fn progress(&self, progress: Progress) -> Directive {
        let phase = match progress.phase {
            Phase::Connecting => wit::Phase::Connecting,
            Phase::Reading => wit::Phase::Reading,
            Phase::Verifying => wit::Phase::Verifying,
            Phase::Removing => wit::Phase::Removing,
            Phase::Writing => wit::Phase::Writing,
            Phase::Finishing => wit::Phase::Finishing,
        };
        let directive = wit::report_progress(wit::Progress {
            phase,
            done: progress.done,
            total: progress.total,
            remaining_ms: progress
                .remaining
                .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        });
        match directive {
            wit::Directive::GoOn => Directive::GoOn,
            wit::Directive::Stop => Directive::Stop,
        }
    }
}
