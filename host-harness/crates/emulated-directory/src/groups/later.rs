//! What happens to groups by itself, when its time has come.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::member::Member;

/// A dynamic group that is filled again.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    pub(super) group: u64,
    pub(super) members: Vec<Member>,
}

/// The fills to come, by when.
#[derive(Debug, Default)]
pub(super) struct Later {
    due: BTreeMap<(SystemTime, u64), Fill>,
    planned: u64,
}

impl Later {
    pub(super) fn plan(&mut self, at: SystemTime, fill: Fill) {
        self.planned += 1;
        self.due.insert((at, self.planned), fill);
    }

    /// Forgets what was to become of a group.
    pub(super) fn forget(&mut self, group: u64) {
        self.due.retain(|_, fill| fill.group != group);
    }

    pub(super) fn next(&self) -> Option<SystemTime> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first fill whose time has come, and when it had.
    pub(super) fn take(&mut self, now: SystemTime) -> Option<(SystemTime, Fill)> {
        let first = self.due.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
    }
}
