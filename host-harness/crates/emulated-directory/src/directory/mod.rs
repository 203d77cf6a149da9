//! The tenant's users and their groups: an untouched base, an overlay of what was changed, and the change log.
//!
//! A user is addressed by an *ordinal*: base users come first, added ones after them. The base is
//! never written; the first edit of a user copies it into the overlay. So memory grows with the
//! changes made while the emulator runs, never with the directory. The log is append-only, and a
//! change's sequence number is its place in it, counted from 1.

mod changes;
mod group_changes;
mod members;
mod standing;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

use crate::groups::Groups;
use crate::period::Period;
use crate::properties::{self, MANAGER};
use crate::record::Record;
use crate::roles::Assignments;
use crate::subject::Subject;
use crate::synthetic::Company;

pub use crate::change_log::{ChangeLog, Summary};
pub use crate::error::ChangeError;
pub use members::MemberView;
pub use standing::Authority;

/// Where a user stands.
#[derive(Clone, Debug, PartialEq)]
pub enum UserState {
    /// Served by `/users`.
    Live,
    /// In the deleted items, restorable. Its name is kept, because a deleted user's is altered.
    Deleted {
        /// When it was deleted.
        since: SystemTime,
        /// What it was called.
        principal_name: Option<Value>,
    },
    /// Gone for good.
    Purged,
}

/// A user that is no longer what the base says.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    pub(crate) standing: UserState,
}

/// What the directory looked like when the emulator started.
#[derive(Debug)]
enum Base {
    Company(Company),
    Listed(Vec<Record>),
}

/// The tenant's users.
#[derive(Debug)]
pub struct Directory {
    base: Base,
    added: u64,
    entries: BTreeMap<u64, Entry>,
    /// Ids of listed and added users; a company's are computed.
    ids: HashMap<String, u64>,
    /// Names of listed, added and edited users, in lower case.
    names: HashMap<String, u64>,
    /// Properties that only the loaded file knows.
    extra: BTreeSet<String>,
    deleted: u64,
    purged: u64,
    log: ChangeLog,
    groups: Groups,
    roles: Assignments,
    /// When each account of a company was created; drawn once somebody asks for a period.
    created: OnceLock<Vec<u64>>,
}

impl Directory {
    /// A directory that holds a generated company.
    pub fn of_company(company: Company) -> Self {
        let groups = Groups::of_company(&company);
        Self::new(Base::Company(company), groups)
    }

    /// A directory that holds these users.
    ///
    /// # Errors
    /// A user without an object id, or two with one id or one user principal name.
    pub fn of_records(records: Vec<Record>) -> Result<Self, ChangeError> {
        let mut directory = Self::new(Base::Listed(Vec::new()), Groups::default());
        for (ordinal, record) in (0..).zip(&records) {
            let id = text(record, "id").ok_or_else(|| {
                ChangeError::Invalid(format!("user number {} has no id", ordinal + 1))
            })?;
            directory.index(ordinal, id, text(record, "userPrincipalName"))?;
            directory.learn(record);
        }
        directory.base = Base::Listed(records);
        Ok(directory)
    }

    fn new(base: Base, groups: Groups) -> Self {
        Self {
            base,
            added: 0,
            entries: BTreeMap::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
            extra: BTreeSet::new(),
            deleted: 0,
            purged: 0,
            log: ChangeLog::default(),
            groups,
            roles: Assignments::default(),
            created: OnceLock::new(),
        }
    }

    fn index(&mut self, ordinal: u64, id: &str, name: Option<&str>) -> Result<(), ChangeError> {
        let taken = |property, value: &str| ChangeError::Taken {
            property,
            value: value.to_owned(),
        };
        if self.ids.insert(id.to_lowercase(), ordinal).is_some() {
            return Err(taken("id", id));
        }
        if let Some(name) = name
            && self.names.insert(name.to_lowercase(), ordinal).is_some()
        {
            return Err(taken("userPrincipalName", name));
        }
        Ok(())
    }

    fn learn(&mut self, record: &Record) {
        for name in record.keys() {
            if name != MANAGER && !name.starts_with('@') && properties::find(name).is_none() {
                self.extra.insert(name.clone());
            }
        }
    }

    /// What changed since the emulator started.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// Its groups, and what else can be a member of one.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Whether the loaded file brought a property that the schema does not know.
    pub fn knows_extra(&self, name: &str) -> bool {
        self.extra.contains(name)
    }

    fn base_len(&self) -> u64 {
        match &self.base {
            Base::Company(company) => company.users(),
            Base::Listed(records) => records.len() as u64,
        }
    }

    /// One past the last ordinal.
    pub fn end(&self) -> u64 {
        self.base_len() + self.added
    }

    /// How many users are neither deleted nor purged.
    pub fn live(&self) -> u64 {
        self.end() - self.deleted - self.purged
    }

    /// How many users are in the deleted items.
    pub fn deleted(&self) -> u64 {
        self.deleted
    }

    /// What stands at an ordinal now; `None` for a purged user or beyond the end.
    pub fn subject(&self, ordinal: u64) -> Option<Subject<'_>> {
        if let Some(entry) = self.entries.get(&ordinal) {
            return match entry.standing {
                UserState::Purged => None,
                _ => Some(Subject::Stated(&entry.record)),
            };
        }
        match &self.base {
            Base::Company(company) if ordinal < company.users() => {
                Some(Subject::Drawn(company.person(ordinal)))
            }
            Base::Company(_) => None,
            Base::Listed(records) => {
                let place = usize::try_from(ordinal).ok()?;
                records.get(place).map(Subject::Stated)
            }
        }
    }

    /// Where the user at an ordinal stands.
    pub fn standing(&self, ordinal: u64) -> &UserState {
        const LIVE: &UserState = &UserState::Live;
        self.entries
            .get(&ordinal)
            .map_or(LIVE, |entry| &entry.standing)
    }

    /// The live users from an ordinal on.
    pub fn live_from(&self, start: u64) -> impl Iterator<Item = (u64, Subject<'_>)> {
        (start..self.end()).filter_map(|ordinal| {
            let live = *self.standing(ordinal) == UserState::Live;
            live.then(|| self.subject(ordinal))
                .flatten()
                .map(|subject| (ordinal, subject))
        })
    }

    /// The live users from an ordinal on, without those of a company who are as they were drawn and were
    /// created outside of a period. Eight bytes a person are kept for it.
    pub fn live_within(
        &self,
        period: Period,
        start: u64,
    ) -> impl Iterator<Item = (u64, Subject<'_>)> {
        let created = self.created.get_or_init(|| match &self.base {
            Base::Company(company) => (0..company.users())
                .map(|index| company.person(index).created())
                .collect(),
            Base::Listed(_) => Vec::new(),
        });
        let may_be_within = move |ordinal: &u64| {
            let place = usize::try_from(*ordinal).ok();
            let created = place.and_then(|place| created.get(place));
            created
                .is_none_or(|created| period.holds(*created) || self.entries.contains_key(ordinal))
        };
        (start..self.end())
            .filter(may_be_within)
            .filter_map(|ordinal| {
                let live = *self.standing(ordinal) == UserState::Live;
                live.then(|| self.subject(ordinal))
                    .flatten()
                    .map(|subject| (ordinal, subject))
            })
    }

    /// The deleted users from an ordinal on.
    pub fn deleted_from(&self, start: u64) -> impl Iterator<Item = (u64, Subject<'_>)> {
        self.entries.range(start..).filter_map(|(ordinal, entry)| {
            let deleted = matches!(entry.standing, UserState::Deleted { .. });
            deleted.then_some((*ordinal, Subject::Stated(&entry.record)))
        })
    }

    /// The object id at an ordinal, also of a purged user.
    pub fn id(&self, ordinal: u64) -> Option<String> {
        if let Some(entry) = self.entries.get(&ordinal) {
            return text(&entry.record, "id").map(str::to_owned);
        }
        let id = self.subject(ordinal)?.value("id")?;
        id.as_str().map(str::to_owned)
    }

    /// The ordinal of an object id, whatever became of its user.
    pub fn ordinal(&self, id: &str) -> Option<u64> {
        let known = self.ids.get(&id.to_lowercase()).copied();
        known.or_else(|| match &self.base {
            Base::Company(company) => company.find(id),
            Base::Listed(_) => None,
        })
    }

    /// The ordinal of a live user by object id or user principal name.
    pub fn find(&self, key: &str) -> Option<u64> {
        let ordinal = self.ordinal(key).or_else(|| self.find_by_name(key))?;
        (*self.standing(ordinal) == UserState::Live).then_some(ordinal)
    }

    fn find_by_name(&self, name: &str) -> Option<u64> {
        if let Some(&ordinal) = self.names.get(&name.to_lowercase()) {
            return Some(ordinal);
        }
        match &self.base {
            Base::Company(company) => company
                .find_by_name(name)
                .filter(|ordinal| !self.entries.contains_key(ordinal)),
            Base::Listed(_) => None,
        }
    }

    fn find_live(&self, key: &str) -> Result<u64, ChangeError> {
        self.find(key)
            .ok_or_else(|| ChangeError::NoSuchUser(key.to_owned()))
    }

    fn find_deleted(&self, key: &str) -> Result<u64, ChangeError> {
        self.ordinal(key)
            .filter(|ordinal| matches!(self.standing(*ordinal), UserState::Deleted { .. }))
            .ok_or_else(|| ChangeError::NoSuchUser(key.to_owned()))
    }

    /// The overlay entry of a user, copied from the base where it is still there.
    fn entry(&mut self, ordinal: u64) -> Option<&mut Entry> {
        if !self.entries.contains_key(&ordinal) {
            let record = self.subject(ordinal)?.to_record();
            if let Some(name) = text(&record, "userPrincipalName") {
                self.names.insert(name.to_lowercase(), ordinal);
            }
            let standing = UserState::Live;
            self.entries.insert(ordinal, Entry { record, standing });
        }
        self.entries.get_mut(&ordinal)
    }
}

fn text<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    record.get(name).and_then(Value::as_str)
}
