//! What services were asked about the contacts that they keep, for a short while: a page that looks again by itself must
//! not ask a service, and use its secret, each time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::Reported;

/// How long a report stays true enough.
const KEPT: Duration = Duration::from_secs(60);

/// What a report was made of: the version of the settings, what has changed in the workspace, and whether it was
/// syncing.
pub(crate) type MadeOf = (i64, u64, bool);

/// The last report of each workspace whose contacts a service keeps.
#[derive(Default)]
pub(crate) struct KeptReports {
    by_workspace: Mutex<BTreeMap<String, (MadeOf, Instant, Reported)>>,
}

impl KeptReports {
    fn held(&self) -> MutexGuard<'_, BTreeMap<String, (MadeOf, Instant, Reported)>> {
        self.by_workspace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that was made of the same, where it is not too old.
    pub(crate) fn get(&self, workspace: &str, made_of: MadeOf) -> Option<Reported> {
        let held = self.held();
        let (kept_of, at, report) = held.get(workspace)?;
        (*kept_of == made_of && at.elapsed() < KEPT).then(|| report.clone())
    }

    /// The one before, however old it is, where the settings are still those.
    pub(crate) fn last(&self, workspace: &str, version: i64) -> Option<Reported> {
        let held = self.held();
        let ((of_version, ..), _, report) = held.get(workspace)?;
        (*of_version == version).then(|| report.clone())
    }

    /// Keeps one, in the place of the one before.
    pub(crate) fn put(&self, workspace: &str, made_of: MadeOf, report: &Reported) {
        let kept = (made_of, Instant::now(), report.clone());
        self.held().insert(workspace.to_owned(), kept);
    }
}
