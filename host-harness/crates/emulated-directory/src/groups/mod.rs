//! The groups of a tenant, and what else can be a member of one.
//!
//! As with users, the groups of a generated company are never written: the first change of a group copies
//! what it is into an overlay, and who joined it and who left it are kept beside who it began with. A group
//! is addressed by an ordinal. Users are known here by their ordinals alone.

mod changes;
mod kind;
mod later;
mod membership;
mod others;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde_json::Value;

use crate::change_log::ChangeLog;
use crate::error::ChangeError;
use crate::member::Member;
use crate::record::Record;
use crate::synthetic::{Company, CompanyGroups};
use later::Later;

pub use kind::GroupKind;
pub use others::Others;

/// Where a group stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupState {
    /// Served by `/groups`.
    Live,
    /// In the deleted items, restorable with its members.
    Deleted,
    /// Gone for good.
    Purged,
}

/// A group that is no longer what the base says.
#[derive(Clone, Debug)]
struct Entry {
    record: Record,
    standing: GroupState,
    /// Who is in it, and was not in the beginning.
    joined: BTreeSet<Member>,
    /// Who was in it in the beginning, and is not any more.
    left: BTreeSet<Member>,
}

/// The tenant's groups.
#[derive(Debug, Default)]
pub struct Groups {
    base: Option<CompanyGroups>,
    added: u64,
    entries: BTreeMap<u64, Entry>,
    /// Ids of added groups; a company's are computed.
    ids: HashMap<String, u64>,
    others: Others,
    deleted: u64,
    purged: u64,
    log: ChangeLog,
    later: Later,
    purge_lag: Duration,
}

impl Groups {
    pub(crate) fn of_company(company: &Company) -> Self {
        let base = CompanyGroups::of(company);
        let mut groups = Self::default();
        for (kind, record) in base.others() {
            groups.others.keep(kind, record);
        }
        groups.base = Some(base);
        groups
    }

    /// What changed since the emulator started.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    fn base_len(&self) -> u64 {
        self.base.as_ref().map_or(0, CompanyGroups::count)
    }

    /// One past the last ordinal.
    pub fn end(&self) -> u64 {
        self.base_len() + self.added
    }

    /// How many groups are neither deleted nor purged.
    pub fn live(&self) -> u64 {
        self.end() - self.deleted - self.purged
    }

    /// How many groups are in the deleted items.
    pub fn deleted(&self) -> u64 {
        self.deleted
    }

    /// Where the group at an ordinal stands.
    pub fn standing(&self, ordinal: u64) -> GroupState {
        let entry = self.entries.get(&ordinal);
        entry.map_or(GroupState::Live, |entry| entry.standing)
    }

    /// What stands at an ordinal now; `None` for a purged group or beyond the end.
    pub fn group(&self, ordinal: u64) -> Option<Cow<'_, Record>> {
        if let Some(entry) = self.entries.get(&ordinal) {
            let there = entry.standing != GroupState::Purged;
            return there.then_some(Cow::Borrowed(&entry.record));
        }
        let base = self.base.as_ref().filter(|base| ordinal < base.count())?;
        Some(Cow::Owned(base.record(ordinal)))
    }

    /// The object id at an ordinal, also of a purged group.
    pub fn id(&self, ordinal: u64) -> Option<String> {
        if let Some(entry) = self.entries.get(&ordinal) {
            return text(&entry.record, "id").map(str::to_owned);
        }
        let base = self.base.as_ref().filter(|base| ordinal < base.count())?;
        Some(base.id(ordinal))
    }

    /// The ordinal of an object id, whatever became of its group.
    pub fn ordinal(&self, id: &str) -> Option<u64> {
        let known = self.ids.get(&id.to_lowercase()).copied();
        known.or_else(|| self.base.as_ref()?.find(id))
    }

    /// The ordinal of a live group.
    pub fn find(&self, id: &str) -> Option<u64> {
        let ordinal = self.ordinal(id)?;
        (self.standing(ordinal) == GroupState::Live).then_some(ordinal)
    }

    /// Groups of a standing, from an ordinal on.
    pub fn of_standing(
        &self,
        standing: GroupState,
        start: u64,
    ) -> impl Iterator<Item = (u64, Cow<'_, Record>)> {
        (start..self.end())
            .filter(move |ordinal| self.standing(*ordinal) == standing)
            .filter_map(|ordinal| Some((ordinal, self.group(ordinal)?)))
    }

    /// What is neither a user nor a group.
    pub fn others(&self) -> &Others {
        &self.others
    }

    /// Whether an object id is that of a group, or of anything else but a user.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.ordinal(id).is_some() || self.others.place(id).is_some()
    }

    /// The overlay entry of a group, copied from the base where it is still there.
    fn entry(&mut self, ordinal: u64) -> Option<&mut Entry> {
        if !self.entries.contains_key(&ordinal) {
            let record = self.group(ordinal)?.into_owned();
            let entry = Entry {
                record,
                standing: GroupState::Live,
                joined: BTreeSet::new(),
                left: BTreeSet::new(),
            };
            self.entries.insert(ordinal, entry);
        }
        self.entries.get_mut(&ordinal)
    }

    fn live_ordinal(&self, id: &str) -> Result<u64, ChangeError> {
        self.find(id)
            .ok_or_else(|| ChangeError::NoSuchGroup(id.to_owned()))
    }

    fn deleted_ordinal(&self, id: &str) -> Result<u64, ChangeError> {
        self.ordinal(id)
            .filter(|ordinal| self.standing(*ordinal) == GroupState::Deleted)
            .ok_or_else(|| ChangeError::NoSuchGroup(id.to_owned()))
    }
}

fn text<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    record.get(name).and_then(Value::as_str)
}
