//! What survives a call: the cursor, the open round, and run records.
//!
//! Everything here is written through `ContactStore::apply`, together with the contacts it speaks
//! of. A process that dies between two commits finds a state in which both are true.

use guest_kit::json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::mapping::person::PersonKind;
use crate::ports::{State, StateWrite, StoreError, Timestamp};
use crate::run::{RunMode, RunRecord};
use crate::settings::Conflict;
use crate::settings::Settings;

use super::collection::{Collection, CollectionCursor};
use super::groups::round::GroupRound;
use super::partitions::Partitions;
use super::proof::{Flaw, Proof};
use super::run_abort::RunAbort;
pub use super::step::Step;

const CURSOR: &str = "cursor";
const ROUND: &str = "round";
const RECONCILED: &str = "reconciled";
const CURRENT_RUN: &str = "run/current";
const RUN_LOG: &str = "run/log/";

/// How many finished runs are kept: what the overview shows.
pub const HISTORY: usize = 30;

/// Where the next incremental round starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The deltaLink of the last complete round.
    pub delta_link: String,
    /// The configuration it was read under.
    pub fingerprint: String,
    /// When the last complete round ended.
    pub saved_at: Timestamp,
    /// When the last complete *full* round ended.
    pub full_round_at: Timestamp,
    /// How many people the last full round read.
    pub people: u64,
    /// The organisation's name that the lists of the last complete full round have, where their names
    /// or descriptions have one.
    #[serde(default)]
    pub organization: Option<String>,
    /// Of the organisational contacts, where they are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_contacts: Option<CollectionCursor>,
    /// How far the store has told what others wrote, where rows write to the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<String>,
    /// Whether edited people are asked for, as in the round.
    #[serde(default, skip_serializing_if = "is_false")]
    pub asks_edited: bool,
    /// Attributes that the application was not permitted to write while the round was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_permitted: Vec<String>,
}

/// A round that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Who it reads.
    pub mode: RunMode,
    /// The configuration it reads under.
    pub fingerprint: String,
    /// What comes next.
    pub step: Step,
    /// Links that existed when it began.
    pub known_links: u64,
    /// Live people read so far.
    pub people: u64,
    /// Whether something may have been staged.
    pub staged: bool,
    /// Whether somebody may be waiting to be decided about.
    pub waiting: bool,
    /// How often it had to start again.
    pub restarts: u8,
    /// What it has shown of itself.
    pub proof: Proof,
    /// The digest of the plan that alone may be performed.
    pub approved: Option<String>,
    /// The organisation's name that its lists have, where their names or descriptions have one.
    #[serde(default)]
    pub organization: Option<String>,
    /// How many questions about single people the pages of changes have led to: about those of whom they say
    /// too little, and who reports to those whom they show.
    #[serde(default)]
    pub to_ask: u64,
    /// The feed of changes lists everybody, from its beginning: it shows no changes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lists_by_changes: bool,
    /// The list of users, where it is read in partitions. A version that does not know of them reads it from
    /// its first page, which is what [`Step::Listing`] says until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Partitions>,
    /// The groups, which are read before the people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupRound>,
    /// Whose collection [`step`](Self::step), [`people`](Self::people) and [`proof`](Self::proof) are about.
    #[serde(default, skip_serializing_if = "is_users")]
    pub reads: PersonKind,
    /// The other collection, where both are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Collection>,
    /// How far the store has told what others wrote, where rows write to the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<String>,
    /// What others wrote is not read to its end.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reads_edits: bool,
    /// Somebody has to be asked for who was edited: of some people only the directory tells that it is given nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub asks_edited: bool,
    /// Attributes that the application was not permitted to write while the round was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_permitted: Vec<String>,
}

/// Fields of which the base of every link tells: those that the last complete round over everybody has
/// settled with the directory. Where a base does not name one of them, the directory had nothing; of any
/// other field it may never have been asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Whose users the round read, as the contract names it.
    source: String,
    /// By name.
    pub fields: Vec<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_users(kind: &PersonKind) -> bool {
    *kind == PersonKind::User
}

/// Reads an entry of the state.
///
/// # Errors
///
/// Where it cannot be read.
pub fn read<T: DeserializeOwned>(state: &dyn State, key: &str) -> Result<Option<T>, RunAbort> {
    let Some(bytes) = state.get(key)? else {
        return Ok(None);
    };
    let value = json::from_bytes(&bytes).ok_or_else(|| RunAbort::Unreadable {
        key: key.to_owned(),
    })?;
    Ok(Some(value))
}

/// What writes an entry of the state; goes into a commit.
///
/// # Errors
///
/// Where the value is none that JSON can hold.
pub fn write<T: Serialize>(key: &str, value: &T) -> Result<StateWrite, RunAbort> {
    let value = json::to_bytes(value).ok_or_else(|| {
        StoreError::Other(format!("the state entry {key} cannot be written as JSON"))
    })?;
    Ok(StateWrite {
        key: key.to_owned(),
        value: Some(value),
    })
}

pub(super) fn delete(key: impl Into<String>) -> StateWrite {
    StateWrite {
        key: key.into(),
        value: None,
    }
}

impl Cursor {
    /// The saved cursor.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State) -> Result<Option<Self>, RunAbort> {
        read(state, CURSOR)
    }

    pub(super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(CURSOR, self)
    }

    pub(super) fn forget() -> StateWrite {
        delete(CURSOR)
    }
}

impl Round {
    /// Whether it has not come to its people yet.
    #[must_use]
    pub(super) fn is_reading_groups(&self) -> bool {
        let groups = self.groups.as_ref();
        groups.is_some_and(|groups| !groups.is_concluded)
    }

    /// Live people read so far, those of partitions and of both collections included.
    #[must_use]
    pub fn people_so_far(&self) -> u64 {
        let partitions = self.partitions.as_ref().map(Partitions::people);
        let other = self.other.as_ref().map(|other| other.people);
        self.people
            .saturating_add(partitions.unwrap_or_default())
            .saturating_add(other.unwrap_or_default())
    }

    /// Judges the collection that a full round has read to its end; `known_links` tells of how many people the
    /// store knew before.
    ///
    /// # Errors
    ///
    /// Where fewer people were seen than there are.
    pub(super) fn prove(&self, known_links: u64) -> Result<(), Flaw> {
        match self.reads {
            PersonKind::User => self.proof.complete(self.people, known_links),
            PersonKind::OrgContact => self.proof.complete_beside(self.people),
        }
    }

    /// Turns from a collection that is read to its end to the one that is not. Once both are, it is about the users
    /// again.
    pub(super) fn turn(&mut self) {
        let Some(other) = self.other.as_mut() else {
            return;
        };
        if self.reads == PersonKind::User && other.is_read() {
            return;
        }
        std::mem::swap(&mut self.step, &mut other.step);
        std::mem::swap(&mut self.proof, &mut other.proof);
        std::mem::swap(&mut self.people, &mut other.people);
        self.reads = match self.reads {
            PersonKind::User => PersonKind::OrgContact,
            PersonKind::OrgContact => PersonKind::User,
        };
    }

    /// The open round.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State) -> Result<Option<Self>, RunAbort> {
        read(state, ROUND)
    }

    pub(super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(ROUND, self)
    }

    pub(super) fn forget() -> StateWrite {
        delete(ROUND)
    }
}

impl Reconciled {
    /// What the last complete round over everybody has settled. States that were written before this
    /// was noted tell it where that round was read under the present configuration.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State, source: &str, settings: &Settings) -> Result<Self, RunAbort> {
        let noted: Option<Self> = read(state, RECONCILED)?;
        if let Some(noted) = noted {
            return Ok(if noted.source == source {
                noted
            } else {
                Self::default()
            });
        }
        let cursor = Cursor::load(state)?;
        let is_of_now = cursor.is_some_and(|cursor| cursor.fingerprint == settings.fingerprint);
        Ok(if is_of_now {
            Self::by(source, settings)
        } else {
            Self::default()
        })
    }

    /// What a complete round over everybody settles: nothing where contacts are not updated, or keep
    /// what they hold.
    pub(super) fn by(source: &str, settings: &Settings) -> Self {
        let policies = &settings.policies;
        let settles = policies.update && policies.conflict != Conflict::KeepLocal;
        let rows = settings.rows.iter();
        let settled = rows.filter(|row| settles && !row.only_on_create);
        Self {
            source: source.to_owned(),
            fields: settled.map(|row| row.field.clone()).collect(),
        }
    }

    pub(super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(RECONCILED, self)
    }
}

/// The run that has not ended.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn current_run(state: &dyn State) -> Result<Option<RunRecord>, RunAbort> {
    read(state, CURRENT_RUN)
}

pub(super) fn save_current_run(run: &RunRecord) -> Result<StateWrite, RunAbort> {
    write(CURRENT_RUN, run)
}

pub(super) fn forget_current_run() -> StateWrite {
    delete(CURRENT_RUN)
}

/// Moves a run that has ended from the current place into the history, and drops what is too old.
pub(super) fn close_run(state: &dyn State, run: &RunRecord) -> Result<Vec<StateWrite>, RunAbort> {
    let log = state.list(RUN_LOG, None, 10 * HISTORY as u32)?;
    // The new entry must come last, even where the clock has jumped back since the one before.
    let next = log.last().and_then(|(key, _)| number(key));
    let next = next.map_or(0, |number| number.saturating_add(1));
    let surplus = (log.len() + 1).saturating_sub(HISTORY);
    let mut writes: Vec<_> = log
        .into_iter()
        .take(surplus)
        .map(|(key, _)| delete(key))
        .collect();
    // The number gives the order. The id keeps apart two runs that a host let end at the same time.
    writes.push(write(&format!("{RUN_LOG}{next:012}/{}", run.id), run)?);
    writes.push(forget_current_run());
    Ok(writes)
}

/// The number in the key of a finished run.
fn number(key: &str) -> Option<u64> {
    let numbered = key.strip_prefix(RUN_LOG)?;
    let (number, _) = numbered.split_once('/').unwrap_or((numbered, ""));
    number.parse().ok()
}

/// The finished runs that are kept, newest first.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn finished_runs(state: &dyn State) -> Result<Vec<RunRecord>, RunAbort> {
    let mut runs = state
        .list(RUN_LOG, None, 10 * HISTORY as u32)?
        .into_iter()
        .map(|(key, value)| json::from_bytes(&value).ok_or(RunAbort::Unreadable { key }))
        .collect::<Result<Vec<RunRecord>, RunAbort>>()?;
    runs.reverse();
    runs.truncate(HISTORY);
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Timestamp;
    use crate::ports::testing::Memory;

    fn run(id: &str) -> RunRecord {
        RunRecord::begin(
            id.to_owned(),
            RunMode::Full,
            "test".to_owned(),
            Timestamp(0),
        )
    }

    fn keep(memory: &Memory, writes: Vec<StateWrite>) {
        let mut state = memory.state.borrow_mut();
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => state.insert(key, value),
                None => state.remove(&key),
            };
        }
    }

    fn told(memory: &Memory) -> Vec<String> {
        let runs = finished_runs(memory).unwrap();
        runs.into_iter().map(|run| run.id).collect()
    }

    #[test]
    fn the_newest_runs_are_kept_in_the_order_in_which_they_ended() {
        let memory = Memory::default();
        for number in 0..HISTORY + 3 {
            // Ids in another order than the runs.
            let id = format!("{}", 100 - number);
            keep(&memory, close_run(&memory, &run(&id)).unwrap());
        }
        let expected: Vec<_> = (3..HISTORY + 3)
            .rev()
            .map(|n| format!("{}", 100 - n))
            .collect();
        assert_eq!(told(&memory), expected);
    }

    #[test]
    fn of_two_runs_that_end_at_the_same_time_both_are_told() {
        let memory = Memory::default();
        keep(&memory, close_run(&memory, &run("before")).unwrap());
        let one = close_run(&memory, &run("one")).unwrap();
        let other = close_run(&memory, &run("other")).unwrap();
        keep(&memory, one);
        keep(&memory, other);
        keep(&memory, close_run(&memory, &run("after")).unwrap());
        assert_eq!(told(&memory), ["after", "other", "one", "before"]);
    }

    #[test]
    fn runs_that_were_kept_under_a_number_alone_stay_in_the_history() {
        let memory = Memory::default();
        let key = format!("{RUN_LOG}000000000041");
        keep(&memory, vec![write(&key, &run("older")).unwrap()]);
        keep(&memory, close_run(&memory, &run("newer")).unwrap());
        assert_eq!(told(&memory), ["newer", "older"]);
    }
}
