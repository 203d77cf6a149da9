//! What the state keeps of groups, and what makes it forgotten.

use crate::ports::{Commit, Ports, State, StateWrite};

use super::super::checkpoint::{Round, delete, read, write};
use super::super::discard::discard_prefix;
use super::super::format;
use super::super::run_abort::RunAbort;
use super::round::{GroupCursor, GroupRound};

const CURSOR: &str = "groups/cursor";
const DATA: &str = "groups/d/";
/// Above the memberships of the sync, what a plan found to be changed since.
const PLAN: &str = "groups/plan/";
/// People whose memberships have changed, until a sync that goes by it has come to its end.
const CHANGED: &str = "groups/changed/";
/// Whom what has changed concerns, nobody can say.
const EVERYBODY: &str = "groups/everybody";
const BATCH: u32 = 1_000;

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
    /// Forgets what nobody needs once a sync has gone by the groups, and come to its end.
    pub(in super::super) fn tidy(&self, ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
        discard_prefix(ports, source, CHANGED)?;
        discard_prefix(ports, source, EVERYBODY)?;
        if self.is_fresh {
            discard_others(ports, source, Some(self.generation))?;
        }
        Ok(())
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
    discard_prefix(ports, source, PLAN)
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
    discard_prefix(ports, source, "groups/")
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
