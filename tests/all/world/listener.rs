//! Somebody who hears everything that the connector says while it works.

use std::sync::Mutex;

use host_harness::contract::{Directive, Level, Progress};
use host_harness::runtime::imports::RunControl;

/// Keeps every log event, and lets every call go on.
#[derive(Default)]
pub struct Listener(Mutex<Vec<String>>);

impl Listener {
    /// What was heard, an event a line.
    pub fn heard(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl RunControl for Listener {
    fn log(&self, level: Level, event: &str, fields: &[(String, String)]) {
        let line = format!("{level:?} {event} {fields:?}");
        self.0.lock().unwrap().push(line);
    }

    fn report_progress(&self, _: Progress) -> Directive {
        Directive::GoOn
    }
}
