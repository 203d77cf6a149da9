//! What is left of an undo whose process died.

use guest_kit::ordered::Set;

use crate::ports::{Ports, State, StateWrite};
use crate::reconcile::reason::Reason;
use crate::run::RunRecord;

use super::super::run_abort::RunAbort;
use super::checkpoint::Checkpoint;

/// The code of a reversal whose outcome was never heard.
const NOT_APPLIED: &str = "not-applied";

/// Corrects what a process that died could not: reversals that the record counts and that the store
/// did not take. The journal says which it took.
pub(super) fn catch_up(
    ports: Ports<'_>,
    source: &str,
    checkpoint: &mut Checkpoint,
    run: &mut RunRecord,
) -> Result<(), RunAbort> {
    let unheard = std::mem::take(&mut checkpoint.unheard);
    if unheard.is_empty() {
        return Ok(());
    }
    let limit = u32::try_from(unheard.len() + checkpoint.settled.len()).unwrap_or(u32::MAX);
    let done: Set<_> = ports
        .store
        .run_journal(source, &run.id, checkpoint.before.as_ref(), limit)?
        .into_iter()
        .map(|entry| entry.object_id)
        .collect();
    for pending in unheard
        .iter()
        .filter(|pending| !done.contains(&pending.user))
    {
        run.uncount(pending.effect, Reason::Undo.code());
        if let Some(approved) = &mut run.approved {
            approved.performed = approved.performed.saturating_sub(1);
        }
        run.count_failure(None, NOT_APPLIED);
    }
    Ok(())
}

/// Corrects the record of an undo that nobody will go on with; a run that is none stays as it is.
pub(in crate::engine) fn correct(
    ports: Ports<'_>,
    source: &str,
    run: &mut RunRecord,
) -> Result<(), RunAbort> {
    match Checkpoint::load(ports.state) {
        Ok(Some(mut checkpoint)) if checkpoint.run == run.id => {
            catch_up(ports, source, &mut checkpoint, run)
        }
        Ok(_) | Err(RunAbort::Unreadable { .. }) => Ok(()),
        Err(abort) => Err(abort),
    }
}

/// Whether a run that has not ended is an undo.
pub(in crate::engine) fn is_of(state: &dyn State, run: &RunRecord) -> Result<bool, RunAbort> {
    match Checkpoint::load(state) {
        Ok(checkpoint) => Ok(checkpoint.is_some_and(|checkpoint| checkpoint.run == run.id)),
        Err(RunAbort::Unreadable { .. }) => Ok(false),
        Err(abort) => Err(abort),
    }
}

/// Forgets where an undo stands.
pub(in crate::engine) fn forget() -> StateWrite {
    Checkpoint::forget()
}
