//! `disconnect`: forgets where the connection stands, and nothing of the contacts.
//!
//! The first commit decides: the run is closed, and the round and the cursor are gone. What waited in
//! the state, and what the directory was given, is dropped after it, a batch at a time. A process that dies in between leaves only what
//! the next round drops before it begins, so nothing staged before is ever taken away.

use crate::ports::{Commit, Ports, State, StateWrite};
use crate::run::{RunRecord, RunStatus};

use super::apply::SYNC_ROUND;
use super::call::CallError;
use super::checkpoint::{Cursor, Round, current_run, forget_current_run};
use super::conflicts;
use super::edited;
use super::finish_run::save_end;
use super::format;
use super::given;
use super::groups::kept::discard_all;
use super::groups::round::GroupCursor;
use super::guests;
use super::held;
use super::propose::PLAN_ROUND;
use super::removals;
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::undo;

/// Forgets the cursor, an open round and what waits to be taken away, and `also` what the directory keeps for itself.
/// The host may call it again. `source` tells the namespace of the object ids by a state that can be read.
///
/// # Errors
///
/// Where the store does not answer, and where the state is of a newer version.
pub fn disconnect(
    ports: Ports<'_>,
    also: Vec<StateWrite>,
    source: impl FnOnce(&dyn State) -> Result<String, RunAbort>,
) -> Result<(), CallError> {
    let unreadable = match format::check(ports.state) {
        Ok(()) => None,
        Err(RunAbort::Unreadable { .. }) => Some(format::forget()),
        Err(abort) => return Err(abort.into()),
    };
    let source = source(ports.state)?;
    let more = unreadable.into_iter().chain(also).collect();
    forget_position(ports, &source, more)?;
    removals::discard_staged(ports, &source)?;
    held::discard(ports, &source)?;
    given::discard(ports, &source)?;
    conflicts::discard(ports, &source)?;
    edited::discard(ports, &source)?;
    guests::discard(ports, &source)?;
    discard_all(ports, &source)?;
    for round in [SYNC_ROUND, PLAN_ROUND] {
        removals::discard_waiting(ports, &source, round)?;
        ports
            .store
            .close_round(&source, round)
            .map_err(RunAbort::from)?;
    }
    Ok(())
}

fn forget_position(ports: Ports<'_>, source: &str, more: Vec<StateWrite>) -> Result<(), RunAbort> {
    let position = [
        Round::forget(),
        Cursor::forget(),
        GroupCursor::forget(),
        undo::forget(),
    ];
    let state = position.into_iter().chain(more).collect();
    match current_run(ports.state) {
        Ok(Some(run)) => stop(ports, source, run, state),
        Ok(None) => write(ports, source, state),
        // Nobody can go on with it, and it must not keep the workspace connected.
        Err(RunAbort::Unreadable { .. }) => {
            let unreadable = [forget_current_run()];
            write(ports, source, state.into_iter().chain(unreadable).collect())
        }
        Err(abort) => Err(abort),
    }
}

/// Closes a run that nobody will go on with: its record says what it did until now.
fn stop(
    ports: Ports<'_>,
    source: &str,
    mut run: RunRecord,
    state: Vec<StateWrite>,
) -> Result<(), RunAbort> {
    undo::correct(ports, source, &mut run)?;
    run.end(RunStatus::Stopped, ports.clock.now());
    let mut run_log = RunLog::open(ports, run)?;
    run_log.catch_up()?;
    save_end(ports, source, &mut run_log, state)
}

fn write(ports: Ports<'_>, source: &str, state: Vec<StateWrite>) -> Result<(), RunAbort> {
    let commit = Commit {
        source: source.to_owned(),
        state,
        ..Commit::default()
    };
    format::commit(ports, commit)?;
    Ok(())
}

#[cfg(test)]
mod tests;
