//! Whether anything can be saved: found out at most once a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::App;

/// How long what was found out about the disk is believed: looking flushes to it, and anybody may ask.
const BELIEVED: Duration = Duration::from_secs(1);

/// Whether anything can be saved, as it was found out last.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Option<String>)>>);

impl Readiness {
    /// Why nothing can be saved, if so.
    pub(super) fn problem(&self, app: &App) -> Option<String> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*found {
            Some((at, problem)) if at.elapsed() < BELIEVED => problem.clone(),
            _ => {
                let problem = app.db.try_to_save().err().map(|error| error.to_string());
                *found = Some((Instant::now(), problem.clone()));
                problem
            }
        }
    }
}
