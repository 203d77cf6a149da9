//! Binds `run-control` to whoever listens to the call, and keeps what a component logs in bounds.

use connector_contract::bindings::contact_sync::connector::run_control;
use connector_contract::{Directive, Level, Progress};

use crate::call_state::CallState;
use crate::sanitize::{name, sanitized};
use wasmtime::component::{HasSelf, Linker};

/// The longest event that is passed on, in bytes of text; a stable code and a few ids are far less.
const LONGEST_EVENT: usize = 4 << 10;

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
            .map(|(field, value)| (name(field), sanitized(value, LONGEST_EVENT)))
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
