//! What survives a call: the cursor, the open round, what is staged, and run records.
//!
//! Everything here is written through `ContactStore::apply`, together with the contacts it speaks
//! of. A process that dies between two commits finds a state in which both are true.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::contact::{Blanking, ContactId, ObjectId, Removal};
use crate::ports::{State, StateWrite, StoreError, Timestamp};
use crate::reconcile::reason::Reason;
use crate::report::run::{RunMode, RunRecord};

use super::halt::Halt;

const CURSOR: &str = "cursor";
const ROUND: &str = "round";
const TENANT: &str = "tenant";
const CURRENT_RUN: &str = "run/current";
const RUN_LOG: &str = "run/log/";
const STAGED: &str = "staged/";

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
    /// How often it had to start again.
    pub restarts: u8,
}

/// What a round does next. Links are kept as text; they are checked again when they are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Read a page of the list of users, and when it ends follow the bookmark.
    Listing {
        /// The page.
        link: String,
        /// Where the changes made meanwhile will be found.
        bookmark: String,
    },
    /// Read a page of changes.
    Following {
        /// The page.
        link: String,
    },
    /// Ask for linked people who were not seen.
    Verifying {
        /// The last one asked for.
        after: Option<ObjectId>,
        /// Where the next round will start.
        delta_link: String,
    },
    /// Every page is read and everybody unseen was asked for: judge what is staged, and apply it.
    Closed {
        /// Where the next round will start.
        delta_link: String,
    },
    /// The breakers were asked and let it pass.
    Removing {
        /// Where the next round will start.
        delta_link: String,
    },
}

/// Something that is taken away once its round is closed and the breakers were asked. At most one for
/// each user: a contact that goes need not be emptied first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Staged {
    /// A contact is unlinked, deactivated or deleted.
    Removal {
        /// What is to be done; with evidence.
        removal: Removal,
        /// Why.
        reason: Reason,
    },
    /// Fields are emptied.
    Blanking {
        /// What is to be done.
        blanking: Blanking,
        /// The user's turn was counted already, with what was written at once.
        counted: bool,
    },
}

/// What the directory says about itself; asked for once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// As the configuration names it.
    pub configured: String,
    /// The tenant id.
    pub id: String,
    /// For people.
    pub name: Option<String>,
}

pub(super) fn read<T: DeserializeOwned>(state: &dyn State, key: &str) -> Result<Option<T>, Halt> {
    let Some(bytes) = state.get(key)? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|_| Halt::Unreadable {
            key: key.to_owned(),
        })
}

pub(super) fn write<T: Serialize>(key: &str, value: &T) -> Result<StateWrite, Halt> {
    let value = serde_json::to_vec(value).map_err(|_| {
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
    pub fn load(state: &dyn State) -> Result<Option<Self>, Halt> {
        read(state, CURSOR)
    }

    pub(super) fn save(&self) -> Result<StateWrite, Halt> {
        write(CURSOR, self)
    }

    pub(super) fn forget() -> StateWrite {
        delete(CURSOR)
    }
}

impl Round {
    /// The open round.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State) -> Result<Option<Self>, Halt> {
        read(state, ROUND)
    }

    pub(super) fn save(&self) -> Result<StateWrite, Halt> {
        write(ROUND, self)
    }

    pub(super) fn forget() -> StateWrite {
        delete(ROUND)
    }
}

impl Tenant {
    /// What was learned about the tenant that the configuration names.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State, configured: &str) -> Result<Option<Self>, Halt> {
        let tenant: Option<Self> = read(state, TENANT)?;
        Ok(tenant.filter(|tenant| tenant.configured == configured))
    }

    pub(super) fn save(&self) -> Result<StateWrite, Halt> {
        write(TENANT, self)
    }
}

impl Staged {
    /// The user it is about.
    #[must_use]
    pub fn object_id(&self) -> &ObjectId {
        match self {
            Self::Removal { removal, .. } => &removal.object_id,
            Self::Blanking { blanking, .. } => &blanking.object_id,
        }
    }

    /// The contact it is about.
    #[must_use]
    pub fn contact(&self) -> &ContactId {
        match self {
            Self::Removal { removal, .. } => &removal.contact.contact,
            Self::Blanking { blanking, .. } => &blanking.contact.contact,
        }
    }

    fn key(user: &ObjectId) -> String {
        format!("{STAGED}{user}")
    }

    /// What is staged for one user.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State, user: &ObjectId) -> Result<Option<Self>, Halt> {
        read(state, &Self::key(user))
    }

    pub(super) fn save(&self) -> Result<StateWrite, Halt> {
        write(&Self::key(self.object_id()), self)
    }

    pub(super) fn forget(user: &ObjectId) -> StateWrite {
        delete(Self::key(user))
    }

    /// What is staged, in byte order of the object id.
    pub(super) fn page(
        state: &dyn State,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<Self>, Halt> {
        let after = after.map(Self::key);
        state
            .list(STAGED, after.as_deref(), limit)?
            .into_iter()
            .map(|(key, value)| {
                serde_json::from_slice(&value).map_err(|_| Halt::Unreadable { key })
            })
            .collect()
    }
}

/// The run that has not ended.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn current_run(state: &dyn State) -> Result<Option<RunRecord>, Halt> {
    read(state, CURRENT_RUN)
}

pub(super) fn save_current_run(run: &RunRecord) -> Result<StateWrite, Halt> {
    write(CURRENT_RUN, run)
}

/// Moves a run that has ended from the current place into the history, and drops what is too old.
pub(super) fn close_run(state: &dyn State, run: &RunRecord) -> Result<Vec<StateWrite>, Halt> {
    let log = state.list(RUN_LOG, None, 10 * HISTORY as u32)?;
    // The new entry must come last, even where the clock has jumped back since the one before.
    let next = log
        .last()
        .and_then(|(key, _)| key.strip_prefix(RUN_LOG))
        .and_then(|number| number.parse::<u64>().ok())
        .map_or(0, |number| number + 1);
    let surplus = (log.len() + 1).saturating_sub(HISTORY);
    let mut writes: Vec<_> = log
        .into_iter()
        .take(surplus)
        .map(|(key, _)| delete(key))
        .collect();
    writes.push(write(&format!("{RUN_LOG}{next:012}"), run)?);
    writes.push(delete(CURRENT_RUN));
    Ok(writes)
}

/// The finished runs that are kept, newest first.
///
/// # Errors
///
/// Where the state cannot be read.
pub fn finished_runs(state: &dyn State) -> Result<Vec<RunRecord>, Halt> {
    let mut runs = state
        .list(RUN_LOG, None, 10 * HISTORY as u32)?
        .into_iter()
        .map(|(key, value)| serde_json::from_slice(&value).map_err(|_| Halt::Unreadable { key }))
        .collect::<Result<Vec<RunRecord>, Halt>>()?;
    runs.reverse();
    runs.truncate(HISTORY);
    Ok(runs)
}
