//! Which format the state is written in.
//!
//! One entry of the state says it, for all the others: the cursor, the open round, run records, the
//! ledger, and whoever is staged, waiting or held back. It is written by the first commit that keeps
//! anything, and with each one after it, so it is never behind what it speaks of. A connector that finds
//! a higher number than its own changes nothing and says so: it could neither read what is there, nor
//! keep what it does not know of.
//!
//! | format | what it is |
//! |---|---|
//! | 1 | as in 0.1; where the entry is missing, too, because the first versions did not write it |
//!
//! What an earlier version has written is read as long as its format stands in this table. A field that
//! is added with a default, and that earlier versions may lose, needs no new format. Anything else does:
//! raise [`FORMAT`], read the earlier form where the new one is read, add a line here, and add what the
//! last version wrote to `plugin/tests/fixtures/state/`.

use crate::ports::{Commit, Outcome, Ports, State, StateWrite};

use super::checkpoint::{delete, read, write};
use super::run_abort::RunAbort;

/// The format that this version writes, and the highest that it reads.
pub const FORMAT: u64 = 1;

const KEY: &str = "format";

/// Makes sure that this version can read the state.
///
/// # Errors
///
/// [`RunAbort::NewerState`] where a newer connector has written it, and [`RunAbort::Unreadable`] where the entry
/// is not a number.
pub fn check(state: &dyn State) -> Result<(), RunAbort> {
    match read::<u64>(state, KEY)? {
        Some(written) if written > FORMAT => Err(RunAbort::NewerState {
            written,
            known: FORMAT,
        }),
        Some(_) | None => Ok(()),
    }
}

/// What makes the entry forgotten, where nothing else is kept in the same commit.
pub(super) fn forget() -> StateWrite {
    delete(KEY)
}

/// Commits, and says beside what is kept in which format it is. Every commit goes this way.
///
/// # Errors
///
/// Where the store refused.
pub fn commit(ports: Ports<'_>, mut commit: Commit) -> Result<Vec<Outcome>, RunAbort> {
    if commit.state.iter().any(|write| write.value.is_some()) {
        commit.state.retain(|write| write.key != KEY);
        commit.state.push(write(KEY, &FORMAT)?);
    }
    Ok(ports.store.apply(commit)?)
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
