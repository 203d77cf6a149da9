//! How a run begins and ends in the state, and how the end of a slice becomes its result.

use std::time::Duration;

use crate::ports::{Commit, DirectoryErrorKind, Ports, StateWrite};
use crate::run::{RunMode, RunRecord, RunStatus};

use super::call::CallError;
use super::checkpoint::close_run;
use super::format;
use super::given;
use super::guests;
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::undo;

/// How long one run may wait for a directory that asks for patience, over all its slices.
pub(super) const RUN_PATIENCE: Duration = Duration::from_hours(3);

/// How a slice ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceEnd {
    /// The run is over.
    Finished,
    /// There is more to do, not before so long from now.
    More(Duration),
}

/// What one slice came to.
#[derive(Clone, Debug)]
pub struct SyncResult {
    /// How the slice ended.
    pub end: SliceEnd,
    /// The run as it stands.
    pub run: RunRecord,
}

pub(super) fn begin(ports: Ports<'_>, mode: RunMode, trigger: &str) -> RunRecord {
    let now = ports.clock.now();
    let id = format!("{}-{:08x}", now.0, ports.entropy.next_u64() as u32);
    RunRecord::begin(id, mode, trigger.to_owned(), now)
}

/// Closes a run that cannot be gone on with: the configuration or the mode is another, or it was an undo.
pub(super) fn supersede(
    ports: Ports<'_>,
    source: &str,
    mut run: RunRecord,
) -> Result<(), RunAbort> {
    let message = if undo::is_of(ports.state, &run)? {
        undo::correct(ports, source, &mut run)?;
        "the undo was interrupted, and then something else was asked for; what it has taken back stays so"
    } else {
        "the run was interrupted, and then another configuration or a full sync was asked for"
    };
    run.add_error("interrupted", message.to_owned());
    run.end(RunStatus::Failed, ports.clock.now());
    let mut run_log = RunLog::open(ports, run)?;
    run_log.catch_up()?;
    save_end(ports, source, &mut run_log, vec![undo::forget()])
}

/// Moves a run that has ended into the history, with whatever its end means for the state.
pub(super) fn save_end(
    ports: Ports<'_>,
    source: &str,
    run_log: &mut RunLog<'_>,
    more: Vec<StateWrite>,
) -> Result<(), RunAbort> {
    if !matches!(
        run_log.run.status,
        RunStatus::Succeeded | RunStatus::Warnings
    ) {
        run_log.run.note_performed();
    }
    let mut state = run_log.corrections()?;
    state.extend(close_run(ports.state, &run_log.run)?);
    state.extend(given::drop_values(ports, source)?);
    state.extend(guests::drop_seen(ports)?);
    state.extend(more);
    save(ports, source, run_log, state)
}

/// Saves a run between two slices.
fn pause(ports: Ports<'_>, source: &str, run_log: &mut RunLog<'_>) -> Result<(), RunAbort> {
    let mut state = run_log.corrections()?;
    state.push(run_log.record()?);
    save(ports, source, run_log, state)
}

fn save(
    ports: Ports<'_>,
    source: &str,
    run_log: &mut RunLog<'_>,
    state: Vec<StateWrite>,
) -> Result<(), RunAbort> {
    let commit = Commit {
        source: source.to_owned(),
        run: Some(run_log.run.id.clone()),
        state,
        ..Commit::default()
    };
    format::commit(ports, commit)?;
    run_log.corrected();
    Ok(())
}

/// Turns the end of a slice into its result; a run that failed or was stopped is closed, its round
/// stays open for the next one.
pub(super) fn conclude(
    ports: Ports<'_>,
    source: &str,
    mut run_log: RunLog<'_>,
    outcome: Result<(), RunAbort>,
) -> Result<SyncResult, CallError> {
    let end = match outcome {
        Ok(()) => SliceEnd::Finished,
        Err(RunAbort::SliceEnd { resume_after }) => {
            pause(ports, source, &mut run_log)?;
            SliceEnd::More(resume_after)
        }
        Err(RunAbort::Stopped) => stop(ports, source, &mut run_log)?,
        Err(RunAbort::Directory(error)) => match error.kind {
            DirectoryErrorKind::Throttled { retry_after }
                if run_log.run.may_wait(retry_after, RUN_PATIENCE) =>
            {
                pause(ports, source, &mut run_log)?;
                SliceEnd::More(retry_after)
            }
            DirectoryErrorKind::Stopped => stop(ports, source, &mut run_log)?,
            _ => {
                let message = format!("{error}. {}", error.advice());
                run_log.run.add_error(error.code(), message);
                run_log.run.end(RunStatus::Failed, ports.clock.now());
                save_end(ports, source, &mut run_log, Vec::new())?;
                SliceEnd::Finished
            }
        },
        // Where the store or the state does not work, there is nowhere to record it.
        Err(
            abort @ (RunAbort::Store(_)
            | RunAbort::Unreadable { .. }
            | RunAbort::NewerState { .. }
            | RunAbort::Incomplete(_)),
        ) => {
            return Err(abort.into());
        }
    };
    Ok(SyncResult {
        end,
        run: run_log.run,
    })
}

/// The host said stop.
fn stop(ports: Ports<'_>, source: &str, run_log: &mut RunLog<'_>) -> Result<SliceEnd, RunAbort> {
    run_log.run.end(RunStatus::Stopped, ports.clock.now());
    save_end(ports, source, run_log, Vec::new())?;
    Ok(SliceEnd::Finished)
}
