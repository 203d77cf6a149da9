//! What a call tells while it goes on, and how it is stopped.

use crate::contract::{Directive, Level, Progress};
use crate::runtime::bindings::contact_sync::connector::run_control;
use crate::runtime::call::CallState;
use crate::runtime::harmless::{harmless, name};
use wasmtime::component::{HasSelf, Linker};

/// The longest event that is passed on, in bytes of text; a stable code and a few ids are far less.
const LONGEST_EVENT: usize = 4 << 10;

/// Listens to a call: interface `run-control` of the contract. Both methods are called on the
/// executor, so they must not wait.
pub trait RunControl: Send + Sync {
    /// Takes a log event. At most [`Limits::log_events`](crate::runtime::Limits::log_events) of one
    /// call arrive here, with [`Limits::log_bytes`](crate::runtime::Limits::log_bytes) of text
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

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    run_control::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl run_control::Host for CallState {
    async fn log(
        &mut self,
        level: Level,
        event: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        let text = |(name, value): &(String, String)| name.len() + value.len();
        let length = event.len() + fields.iter().map(text).sum::<usize>();
        if length > LONGEST_EVENT {
            self.swallowed_log_events += 1;
            return Ok(());
        }
        let event = name(&event);
        let fields: Vec<_> = fields
            .iter()
            .map(|(field, value)| (name(field), harmless(value, LONGEST_EVENT)))
            .collect();
        // An escape is longer than what it stands for.
        let length = event.len() + fields.iter().map(text).sum::<usize>();
        if self.meter.log(length) {
            self.workspace.control.log(level, &event, &fields);
        } else {
            self.swallowed_log_events += 1;
        }
        Ok(())
    }

    async fn report_progress(&mut self, progress: Progress) -> wasmtime::Result<Directive> {
        Ok(self.workspace.control.report_progress(progress))
    }
}
