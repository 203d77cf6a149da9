//! What changed since the emulator started, in order: the memory behind delta queries. Users have one log,
//! groups another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde_json::Value;

use crate::member::Member;

/// One change of one object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) ordinal: u64,
    pub(crate) at: SystemTime,
    pub(crate) effect: Effect,
}

/// What a change did.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// Created, deleted, restored or purged: surfaces whatever was selected.
    Standing,
    Properties(Box<[PropertyChange]>),
    /// Who joined a group, and who left it, in that order.
    Members(Box<[MemberChange]>),
}

/// One property that a change touched.
#[derive(Clone, Debug)]
pub(crate) struct PropertyChange {
    pub(crate) name: Box<str>,
    pub(crate) cleared: bool,
    /// The object that a cleared relationship led to.
    pub(crate) former: Option<Box<str>>,
}

impl PropertyChange {
    pub(crate) fn set(name: String) -> Self {
        Self {
            name: name.into_boxed_str(),
            cleared: false,
            former: None,
        }
    }

    pub(crate) fn cleared(name: String, before: &Value) -> Self {
        let former = before.get("id").and_then(Value::as_str).map(Box::from);
        Self {
            name: name.into_boxed_str(),
            cleared: true,
            former,
        }
    }
}

/// Somebody joined a group or left it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MemberChange {
    /// Who.
    pub member: Member,
    /// Whether it joined.
    pub joined: bool,
}

/// What became of each member in the end, in the order of their last changes.
#[must_use]
pub fn settled(changes: &[MemberChange]) -> Vec<MemberChange> {
    let mut seen = BTreeSet::new();
    let newest = changes.iter().rev();
    let mut last: Vec<MemberChange> = newest
        .filter(|change| seen.insert(change.member))
        .copied()
        .collect();
    last.reverse();
    last
}

/// Everything that one window of the log did to one object.
#[derive(Clone, Debug, Default)]
pub struct Summary<'log> {
    /// Created, deleted, restored or purged in the window.
    pub standing: bool,
    /// The properties that changed.
    pub touched: BTreeSet<&'log str>,
    /// Those of them that were emptied.
    pub cleared: BTreeSet<&'log str>,
    /// The object id of a manager who is none any more.
    pub former_manager: Option<&'log str>,
    /// Who joined a group and who left it, in the order in which that happened.
    pub members: Vec<MemberChange>,
}

/// The relationship of a group to its members.
pub const MEMBERS: &str = "members";

/// The append-only log. Sequence numbers start at 1; 0 is the state before the first change.
#[derive(Debug, Default)]
pub struct ChangeLog(Vec<Change>);

impl ChangeLog {
    /// Appends a change. Time does not go back in a log.
    pub(crate) fn append(&mut self, mut change: Change) {
        if let Some(last) = self.0.last() {
            change.at = change.at.max(last.at);
        }
        self.0.push(change);
    }

    /// The sequence number of the newest change.
    pub fn head(&self) -> u64 {
        self.0.len() as u64
    }

    /// The newest sequence number whose change is not younger than `moment`.
    pub fn head_at(&self, moment: SystemTime) -> u64 {
        self.0.partition_point(|change| change.at <= moment) as u64
    }

    fn window(&self, from: u64, until: u64) -> &[Change] {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let until = usize::try_from(until)
            .unwrap_or(usize::MAX)
            .min(self.0.len());
        self.0.get(from..until).unwrap_or_default()
    }

    /// The objects that the changes `from < sequence <= until` touched in a way that is `shown`
    /// (asked for each property that a change touched, and for `members`), each once, in the order of their
    /// last change. `replayed` objects of the time before are put in front.
    pub fn touched(
        &self,
        (from, until): (u64, u64),
        replayed: usize,
        shown: &dyn Fn(&str) -> bool,
    ) -> Vec<u64> {
        let mut order = self.last_first(from, until, usize::MAX, shown);
        let again = self.last_first(0, from, replayed, shown);
        let known: BTreeSet<u64> = order.iter().copied().collect();
        order.extend(again.into_iter().filter(|ordinal| !known.contains(ordinal)));
        order.reverse();
        order
    }

    fn last_first(
        &self,
        from: u64,
        until: u64,
        limit: usize,
        shown: &dyn Fn(&str) -> bool,
    ) -> Vec<u64> {
        let mut seen = BTreeSet::new();
        self.window(from, until)
            .iter()
            .rev()
            .filter(|change| change.shows(shown) && seen.insert(change.ordinal))
            .take(limit)
            .map(|change| change.ordinal)
            .collect()
    }

    /// What a window did to some objects, in one pass.
    pub fn summaries(
        &self,
        (from, until): (u64, u64),
        ordinals: &[u64],
    ) -> BTreeMap<u64, Summary<'_>> {
        let mut summaries: BTreeMap<u64, Summary<'_>> = ordinals
            .iter()
            .map(|&ordinal| (ordinal, Summary::default()))
            .collect();
        for change in self.window(from, until) {
            let Some(summary) = summaries.get_mut(&change.ordinal) else {
                continue;
            };
            match &change.effect {
                Effect::Standing => summary.standing = true,
                Effect::Members(members) => summary.members.extend_from_slice(members),
                Effect::Properties(properties) => {
                    for property in properties {
                        summary.touched.insert(&property.name);
                        if property.cleared {
                            summary.cleared.insert(&property.name);
                        }
                        if let Some(former) = &property.former {
                            summary.former_manager = Some(former);
                        }
                    }
                }
            }
        }
        summaries
    }
}

impl Change {
    fn shows(&self, shown: &dyn Fn(&str) -> bool) -> bool {
        match &self.effect {
            Effect::Standing => true,
            Effect::Members(_) => shown(MEMBERS),
            Effect::Properties(properties) => {
                properties.iter().any(|property| shown(&property.name))
            }
        }
    }
}
