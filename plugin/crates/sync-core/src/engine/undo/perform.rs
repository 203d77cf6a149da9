//! `undo`: performs an approved plan of `plan-undo`, a slice at a time.

use guest_kit::ordered::{Map, Set};
use std::time::Duration;

use crate::contact::{Change, Effect, Reasoned};
use crate::ports::{Commit, Conflict, Level, Outcome, Phase, PlanEntry, Ports, State, StateWrite};
use crate::reconcile::approval::same_change;
use crate::reconcile::invert::Undoing;
use crate::reconcile::reason::Reason;
use crate::run::{ApprovedOutcome, RunMode, RunRecord, RunStatus};

use super::super::approved::verify;
use super::super::bounds::Bounds;
use super::super::call::{CallError, Prepared};
use super::super::checkpoint::{Cursor, Round, close_run, current_run, save_current_run};
use super::super::conflicts;
use super::super::edited;
use super::super::finish_run::{SliceEnd, SyncResult};
use super::super::format;
use super::super::given::Given;
use super::super::run_abort::RunAbort;
use super::checkpoint::{Checkpoint, Pending};
use super::{Target, progress, seed};

/// The code of a reversal whose outcome was never heard.
const NOT_APPLIED: &str = "not-applied";

/// What the host asks for.
#[derive(Clone, Debug)]
pub struct UndoRequest {
    /// The run to take back.
    pub run: String,
    /// The digest of the plan that a person approved.
    pub approved: String,
    /// Who asks.
    pub trigger: String,
    /// Pages of this slice, at most.
    pub max_pages: Option<u32>,
    /// Time of this slice, at most.
    pub max_time: Option<Duration>,
}

/// Executes one slice. Asked again with the same run and digest after a slice that ended
/// [`SliceEnd::More`], or after a process that died, it goes on where it stood.
///
/// # Errors
///
/// Where no undo was begun or gone on with: [`CallError::RoundOpen`] while a sync has not ended,
/// [`CallError::NothingToUndo`], [`CallError::UnknownPlan`] where the host's plan does not have the
/// digest, and where document, store or state cannot be read.
pub fn undo(
    ports: Ports<'_>,
    prepared: &Prepared,
    source: &str,
    request: &UndoRequest,
) -> Result<SyncResult, CallError> {
    let target = Target::new(ports, prepared, source, &request.run);
    if Round::load(ports.state)?.is_some() {
        return Err(CallError::RoundOpen);
    }
    let left_over = current_run(ports.state)?;
    let checkpoint = Checkpoint::load(ports.state)?;
    let (checkpoint, run) = match (checkpoint, left_over) {
        (Some(mut checkpoint), Some(mut run)) if checkpoint.is_of(&run, request) => {
            catch_up(ports, target.source, &mut checkpoint, &mut run)?;
            (checkpoint, run)
        }
        (checkpoint, left_over) => {
            let begun = begin(&target, request)?;
            if let Some(run) = left_over {
                supersede(&target, checkpoint, run)?;
            }
            begun
        }
    };
    let mut performing = Performing {
        target: &target,
        checkpoint,
        run,
    };
    let mut bounds = Bounds::start(ports.clock, request.max_pages, request.max_time);
    let outcome = performing.go_on(&mut bounds);
    performing.conclude(outcome)
}

impl Checkpoint {
    /// Whether the unfinished run is the undo that is asked for.
    fn is_of(&self, run: &RunRecord, request: &UndoRequest) -> bool {
        self.run == run.id && self.undoes == request.run && self.digest == request.approved
    }
}

/// Proves the plan. Nothing is written before the first page.
fn begin(target: &Target<'_>, request: &UndoRequest) -> Result<(Checkpoint, RunRecord), CallError> {
    let ports = target.ports;
    let store = ports.store;
    let first = store.run_journal(target.source, target.run, None, 1);
    if first.map_err(RunAbort::from)?.is_empty() {
        return Err(target.nothing_to_undo());
    }
    let digest = &request.approved;
    let Some(changes) = verify(ports.plan, &seed(target.run), digest)? else {
        return Err(CallError::UnknownPlan);
    };
    let now = ports.clock.now();
    let id = format!("{}-{:08x}", now.0, ports.entropy.next_u64() as u32);
    let run = RunRecord {
        approved: Some(ApprovedOutcome {
            digest: digest.clone(),
            changes,
            performed: 0,
        }),
        ..RunRecord::begin(id, RunMode::Incremental, request.trigger.clone(), now)
    };
    let checkpoint = Checkpoint {
        run: run.id.clone(),
        undoes: request.run.clone(),
        digest: digest.clone(),
        after: None,
        before: None,
        unheard: Vec::new(),
    };
    Ok((checkpoint, run))
}

/// Corrects what a process that died could not: reversals that the record counts and that the store
/// did not take. The journal says which it took.
fn catch_up(
    ports: Ports<'_>,
    source: &str,
    checkpoint: &mut Checkpoint,
    run: &mut RunRecord,
) -> Result<(), RunAbort> {
    let unheard = std::mem::take(&mut checkpoint.unheard);
    if unheard.is_empty() {
        return Ok(());
    }
    let limit = u32::try_from(unheard.len()).unwrap_or(u32::MAX);
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

/// Closes a run that is not gone on with: another undo, or a sync that had not opened its round.
fn supersede(
    target: &Target<'_>,
    checkpoint: Option<Checkpoint>,
    mut run: RunRecord,
) -> Result<(), RunAbort> {
    if let Some(mut checkpoint) = checkpoint.filter(|checkpoint| checkpoint.run == run.id) {
        catch_up(target.ports, target.source, &mut checkpoint, &mut run)?;
    }
    let message = "the run was interrupted, and then an undo was asked for";
    run.add_error("interrupted", message.to_owned());
    run.end(RunStatus::Failed, target.ports.clock.now());
    close(target, &run)
}

/// Moves the record into the history. The next sync reads everybody: what the cursor says was settled
/// may have been taken back.
fn close(target: &Target<'_>, run: &RunRecord) -> Result<(), RunAbort> {
    let mut state = close_run(target.ports.state, run)?;
    state.push(Checkpoint::forget());
    state.push(Cursor::forget());
    write_state(target, state)
}

fn write_state(target: &Target<'_>, state: Vec<StateWrite>) -> Result<(), RunAbort> {
    let commit = Commit {
        source: target.source.to_owned(),
        state,
        ..Commit::default()
    };
    format::commit(target.ports, commit)?;
    Ok(())
}

/// An undo on its way.
struct Performing<'a> {
    target: &'a Target<'a>,
    checkpoint: Checkpoint,
    run: RunRecord,
}

impl Performing<'_> {
    fn go_on(&mut self, bounds: &mut Bounds) -> Result<(), RunAbort> {
        let ports = self.target.ports;
        let mut history = self.target.history(self.checkpoint.after.clone());
        while let Some(page) = history.next_page()? {
            let total = self.run.approved.as_ref().map(|approved| approved.changes);
            bounds.next_page(
                ports.clock,
                ports.control,
                progress(Phase::Reading, self.run.counts.processed, total),
            )?;
            self.settle(page)?;
        }
        let done = self.run.counts.processed;
        ports
            .control
            .progress(progress(Phase::Finishing, done, Some(done)));
        // Whoever the journal no longer tells of.
        self.run.count_drifted();
        self.run.succeed(ports.clock.now());
        close(self.target, &self.run)
    }

    /// Takes back one page, in one commit with the record and the place where the undo stands.
    fn settle(&mut self, page: Vec<Undoing>) -> Result<(), RunAbort> {
        let ports = self.target.ports;
        let users: Vec<_> = page
            .iter()
            .map(|undoing| undoing.entry.object_id.clone())
            .collect();
        // Both ends of the page go into the checkpoint: whoever catches up after a process that died here
        // asks the journal what was done between them, and for as many users as are unheard of.
        self.checkpoint.before =
            std::mem::replace(&mut self.checkpoint.after, users.last().cloned());
        let approved: Map<_, _> = ports
            .plan
            .entries(Some(&self.checkpoint.digest), &users)?
            .into_iter()
            .map(|entry| (entry.object_id.clone(), entry))
            .collect();
        let mut commit = Commit {
            source: self.target.source.to_owned(),
            run: Some(self.run.id.clone()),
            ..Commit::default()
        };
        let mut pending = Vec::new();
        for undoing in page {
            let labels = undoing
                .left_alone
                .iter()
                .map(|part| self.target.label(part));
            self.run.leave_alone(labels);
            let approved = approved.get(&undoing.entry.object_id);
            if let Some((waiting, change)) = self.weigh(undoing, approved) {
                pending.push(waiting);
                commit.changes.push(change);
            }
        }
        // The record goes into the commit as it will be if the store takes everything; what the
        // store says otherwise is corrected below, and saved with the next commit.
        let uncounted = self.run.clone();
        pending.iter().for_each(|waiting| self.performed(waiting));
        for waiting in &pending {
            if matches!(waiting.effect, Effect::Unlink | Effect::Delete) {
                commit.state.extend(Given::forget(&waiting.user));
                commit.state.push(conflicts::forget(&waiting.user));
                commit.state.extend(edited::forget(&waiting.user));
            }
        }
        commit.state.push(save_current_run(&self.run)?);
        self.checkpoint.unheard = pending;
        commit.state.push(self.checkpoint.save()?);
        // Between two slices, too, a sync must not trust it.
        commit.state.push(Cursor::forget());
        let outcomes = format::commit(ports, commit)?;
        // From the record as it was before the page, so that what the store did not take is not counted
        // twice: once as done, once as failed.
        self.run = uncounted;
        let pending = std::mem::take(&mut self.checkpoint.unheard);
        self.count_outcomes(&pending, outcomes);
        Ok(())
    }

    /// What is approved and still the same is to be done; everything else is counted.
    fn weigh(
        &mut self,
        undoing: Undoing,
        approved: Option<&PlanEntry>,
    ) -> Option<(Pending, Reasoned)> {
        let entry = undoing.entry;
        let as_approved = approved.is_some_and(|approved| same_change(approved, &entry));
        match undoing.reversal {
            Some(reversal) if as_approved => {
                let waiting = Pending {
                    user: entry.object_id,
                    effect: entry.effect,
                };
                let change = Reasoned {
                    change: Change::Revert(reversal),
                    reason: Reason::Undo.code(),
                };
                return Some((waiting, change));
            }
            // A person has approved something else than what would be done now: neither is done.
            _ if approved.is_some() => self.run.count(Effect::Skip, Reason::Drifted.code()),
            Some(_) => self.run.count(Effect::Skip, Reason::NotApproved.code()),
            None => self.run.count(entry.effect, &entry.reason),
        }
        None
    }

    fn performed(&mut self, waiting: &Pending) {
        self.run.count(waiting.effect, Reason::Undo.code());
        if let Some(approved) = &mut self.run.approved {
            approved.performed += 1;
        }
    }

    fn count_outcomes(&mut self, pending: &[Pending], outcomes: Vec<Outcome>) {
        let mut outcomes = outcomes.into_iter();
        for waiting in pending {
            let (field, code) = match outcomes.next() {
                Some(Outcome::Applied { .. }) => {
                    self.performed(waiting);
                    continue;
                }
                Some(Outcome::Conflict(Conflict::Version)) => {
                    (None, "changed-meanwhile".to_owned())
                }
                Some(Outcome::Conflict(Conflict::Gone)) => (None, "gone-meanwhile".to_owned()),
                Some(Outcome::Conflict(Conflict::Linked)) => (None, "linked-meanwhile".to_owned()),
                Some(Outcome::Refused { field, code }) => (field, code),
                None => (None, "store-gave-no-outcome".to_owned()),
            };
            let user = ("object-id", waiting.user.to_string());
            self.target.ports.control.log(
                Level::Warn,
                "record-not-undone",
                &[user, ("code", code.clone())],
            );
            self.run.count_failure(field.as_deref(), &code);
        }
    }

    /// Turns the end of a slice into its result.
    fn conclude(mut self, outcome: Result<(), RunAbort>) -> Result<SyncResult, CallError> {
        let end = match outcome {
            Ok(()) => SliceEnd::Finished,
            Err(RunAbort::SliceEnd { resume_after }) => {
                let state = vec![save_current_run(&self.run)?, self.checkpoint.save()?];
                write_state(self.target, state)?;
                SliceEnd::More(resume_after)
            }
            Err(RunAbort::Stopped) => {
                self.run
                    .end(RunStatus::Stopped, self.target.ports.clock.now());
                close(self.target, &self.run)?;
                SliceEnd::Finished
            }
            Err(abort) => return Err(abort.into()),
        };
        Ok(SyncResult { end, run: self.run })
    }
}
