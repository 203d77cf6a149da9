//! What happens to groups by itself, when its time has come.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::member::Member;

/// Something that happens by itself.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A dynamic group is filled again.
    Fill {
        /// Its ordinal.
        group: u64,
        /// Whom its rule fits.
        members: Vec<Member>,
    },
    /// A deleted group can no longer be restored.
    Expire(u64),
    /// Somebody who is gone for good is seen to have left every group.
    Forget(Member),
}

impl Event {
    fn concerns(&self, ordinal: u64) -> bool {
        match self {
            Self::Fill { group, .. } | Self::Expire(group) => *group == ordinal,
            Self::Forget(_) => false,
        }
    }
}

/// What is to come, by when.
#[derive(Debug, Default)]
pub(super) struct Later {
    due: BTreeMap<(SystemTime, u64), Event>,
    planned: u64,
}

impl Later {
    pub(super) fn plan(&mut self, at: SystemTime, event: Event) {
        self.planned += 1;
        self.due.insert((at, self.planned), event);
    }

    /// Forgets what was to become of a group.
    pub(super) fn cancel(&mut self, group: u64) {
        self.due.retain(|_, event| !event.concerns(group));
    }

    /// Lets a group that was deleted stay for good.
    pub(super) fn cancel_expiry(&mut self, group: u64) {
        self.due
            .retain(|_, event| !matches!(event, Event::Expire(expiring) if *expiring == group));
    }

    /// Cancels the fill of a group, and returns whom it would have brought; nobody where none was planned.
    pub(super) fn take_fill(&mut self, group: u64) -> Vec<Member> {
        let fills = |event: &Event| matches!(event, Event::Fill { group: it, .. } if *it == group);
        self.due
            .extract_if(.., |_, event| fills(event))
            .filter_map(|(_, event)| match event {
                Event::Fill { members, .. } => Some(members),
                Event::Expire(_) | Event::Forget(_) => None,
            })
            .flatten()
            .collect()
    }

    pub(super) fn next(&self) -> Option<SystemTime> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// The first event whose time has come, and when it had.
    pub(super) fn take(&mut self, now: SystemTime) -> Option<(SystemTime, Event)> {
        let first = self.due.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
    }
}
