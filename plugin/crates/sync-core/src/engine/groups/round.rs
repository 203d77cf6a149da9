//! How far the groups of a round are read, and where the next reading of them starts.

use serde::{Deserialize, Serialize};

use crate::ports::{Commit, Ports, State, StateWrite, Timestamp};
use crate::run::{Block, RunWarning};

use super::super::checkpoint::{Round, delete, read, write};
use super::super::format;
use super::super::run_abort::RunAbort;

const CURSOR: &str = "groups/cursor";
const DATA: &str = "groups/d/";
/// Above the memberships of the sync, what a plan found to be changed since.
const PLAN: &str = "groups/plan/";
/// People whose memberships have changed, until a sync that goes by it has come to its end.
const CHANGED: &str = "groups/changed/";
/// Whom what has changed concerns, nobody can say.
const EVERYBODY: &str = "groups/everybody";
const BATCH: u32 = 1_000;

/// Where the next reading of the groups starts. Saved together with the cursor of the people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCursor {
    /// The deltaLink of the last complete reading.
    pub delta_link: String,
    /// Which of the kept memberships it goes on with.
    pub generation: u32,
    /// When the last reading of all memberships ended.
    pub read_at: Timestamp,
    /// Whether some group waits to be believed.
    #[serde(default)]
    pub waits: bool,
    /// What is remarkable about the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<RunWarning>,
}

/// The groups of an open round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRound {
    /// The page that comes next; `None` once all are read.
    pub link: Option<String>,
    /// Where the next reading starts; known at the end.
    pub delta_link: Option<String>,
    /// Which memberships the round goes by.
    pub generation: u32,
    /// They are read from the beginning, into a generation of their own.
    pub is_fresh: bool,
    /// What they have said was judged; people may be read.
    #[serde(default)]
    pub is_concluded: bool,
    /// Everybody whose memberships have changed waits to be asked for.
    #[serde(default)]
    pub is_asked: bool,
    /// What some pages have said is kept.
    #[serde(default)]
    pub is_laid: bool,
    /// Elements that were read so far.
    #[serde(default)]
    pub stated: u64,
    /// A group counts from now on whose members were passed over so far.
    #[serde(default)]
    pub unknown_members: bool,
    /// Nobody can say who is concerned by what has changed: all people have to be read.
    pub everybody: bool,
    /// How often they were begun anew.
    #[serde(default)]
    pub restarts: u8,
    /// Whether some group waits to be believed.
    #[serde(default)]
    pub waits: bool,
    /// What is remarkable about the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<RunWarning>,
    /// What has to be approved before it is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
}

impl GroupCursor {
    /// The saved cursor.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State) -> Result<Option<Self>, RunAbort> {
        read(state, CURSOR)
    }

    pub(in super::super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(CURSOR, self)
    }

    pub(in super::super) fn forget() -> StateWrite {
        delete(CURSOR)
    }
}

impl GroupRound {
    /// All groups and their members, from the first page.
    pub(super) fn fresh(link: String, before: Option<u32>, restarts: u8) -> Self {
        Self {
            link: Some(link),
            delta_link: None,
            generation: before.map_or(1, |generation| generation.wrapping_add(1)),
            is_fresh: true,
            is_concluded: false,
            is_asked: false,
            is_laid: false,
            stated: 0,
            unknown_members: false,
            everybody: false,
            restarts,
            waits: false,
            remarks: Vec::new(),
            block: None,
        }
    }

    /// What has changed since the last reading.
    pub(super) fn since(cursor: &GroupCursor) -> Self {
        Self {
            link: Some(cursor.delta_link.clone()),
            delta_link: None,
            generation: cursor.generation,
            is_fresh: false,
            is_concluded: false,
            is_asked: false,
            is_laid: false,
            stated: 0,
            unknown_members: false,
            everybody: false,
            restarts: 0,
            waits: cursor.waits,
            remarks: cursor.remarks.clone(),
            block: None,
        }
    }

    /// Forgets what nobody needs once a sync has gone by the groups, and come to its end.
    pub(in super::super) fn tidy(&self, ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
        discard(ports, source, CHANGED)?;
        discard(ports, source, EVERYBODY)?;
        if self.is_fresh {
            discard_others(ports, source, Some(self.generation))?;
        }
        Ok(())
    }

    /// What the next reading goes on with; `None` where this one was not believed, or has not ended.
    pub(in super::super) fn next_cursor(
        &self,
        before: Option<&GroupCursor>,
        now: Timestamp,
    ) -> Option<GroupCursor> {
        let read_at = match before {
            Some(before) if !self.is_fresh => before.read_at,
            _ => now,
        };
        Some(GroupCursor {
            delta_link: self.delta_link.clone()?,
            generation: self.generation,
            read_at,
            waits: self.waits,
            remarks: self.remarks.clone(),
        })
    }
}

/// Under which the memberships of a generation are kept.
pub(super) fn generation(number: u32) -> String {
    format!("{DATA}{number:08x}/")
}

/// Under which a plan keeps what it found.
pub(super) fn of_plan() -> String {
    PLAN.to_owned()
}

/// Under which it is kept whose memberships have changed: for a sync until one has come to its end.
pub(super) fn changed(is_plan: bool) -> String {
    if is_plan {
        format!("{PLAN}{CHANGED}")
    } else {
        CHANGED.to_owned()
    }
}

/// Whether something has changed of which nobody can say whom it concerns, since a sync has come to its end.
pub(super) fn concerns_everybody(state: &dyn State) -> Result<bool, RunAbort> {
    Ok(state.get(EVERYBODY)?.is_some())
}

/// What keeps that until a sync has come to its end.
pub(super) fn note_everybody() -> Result<StateWrite, RunAbort> {
    write(EVERYBODY, &1)
}

/// Forgets the open round, where there is one.
pub(super) fn forget_open(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    if Round::load(ports.state)?.is_none() {
        return Ok(());
    }
    let commit = Commit {
        source: source.to_owned(),
        state: vec![Round::forget()],
        ..Commit::default()
    };
    format::commit(ports, commit)?;
    Ok(())
}

/// Forgets what a plan found.
pub(in super::super) fn discard_plan(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    discard(ports, source, PLAN)
}

/// Forgets the memberships of all generations but one.
pub(in super::super) fn discard_others(
    ports: Ports<'_>,
    source: &str,
    kept: Option<u32>,
) -> Result<(), RunAbort> {
    let kept = kept.map(generation);
    // Behind the last key that a generation can have.
    let behind = kept.as_ref().map(|kept| format!("{kept}~"));
    loop {
        let mut page = ports.state.list(DATA, None, BATCH)?;
        if let (Some(kept), Some(behind)) = (&kept, &behind) {
            let is_kept = page.iter().any(|(key, _)| key.starts_with(kept.as_str()));
            page.retain(|(key, _)| !key.starts_with(kept.as_str()));
            if page.is_empty() && is_kept {
                page = ports.state.list(DATA, Some(behind), BATCH)?;
            }
        }
        if page.is_empty() {
            return Ok(());
        }
        forget(ports, source, page)?;
    }
}

/// Forgets everything about groups.
pub(in super::super) fn discard_all(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    discard(ports, source, "groups/")
}

fn discard(ports: Ports<'_>, source: &str, prefix: &str) -> Result<(), RunAbort> {
    loop {
        let page = ports.state.list(prefix, None, BATCH)?;
        if page.is_empty() {
            return Ok(());
        }
        forget(ports, source, page)?;
    }
}

fn forget(ports: Ports<'_>, source: &str, page: Vec<(String, Vec<u8>)>) -> Result<(), RunAbort> {
    let commit = Commit {
        source: source.to_owned(),
        state: page.into_iter().map(|(key, _)| delete(key)).collect(),
        ..Commit::default()
    };
    format::commit(ports, commit)?;
    Ok(())
}
