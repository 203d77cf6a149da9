//! `undo`: performs an approved plan of `plan-undo`, a slice at a time.

use guest_kit::ordered::Map;
use std::time::Duration;

use crate::contact::{Change, Effect, ObjectId, Reasoned};
use crate::ports::{
    Commit, Conflict, DirectoryErrorKind, Level, Outcome, Phase, PlanEntry, Ports, Progress,
    StateWrite,
};
use crate::reconcile::approval::same_change;
use crate::reconcile::invert::Undoing;
use crate::reconcile::reason::Reason;
use crate::run::{ApprovedOutcome, RunMode, RunRecord, RunStatus};

use super::super::approved::verify;
use super::super::bounds::Bounds;
use super::super::call::{CallError, Prepared};
use super::super::checkpoint::{Cursor, Round, close_run, current_run, save_current_run};
use super::super::conflicts;
use super::super::directory::Directory;
use super::super::edited;
use super::super::finish_run::{RUN_PATIENCE, SliceEnd, SyncResult};
use super::super::format;
use super::super::given::{self, Given};
use super::super::giving::Trouble;
use super::super::journaled::{self, Unjournaled};
use super::super::run_abort::RunAbort;
use super::back::{self, Ready};
use super::checkpoint::{Checkpoint, Pending};
use super::recovery::catch_up;
use super::{Target, progress, seed};

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
    directory: Option<&dyn Directory>,
    request: &UndoRequest,
) -> Result<SyncResult, CallError> {
    let target = Target::new(ports, prepared, directory, source, &request.run);
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
        undoes: Some(request.run.clone()),
        ..RunRecord::begin(id, RunMode::Incremental, request.trigger.clone(), now)
    };
    let checkpoint = Checkpoint {
        run: run.id.clone(),
        undoes: request.run.clone(),
        digest: digest.clone(),
        after: None,
        before: None,
        settled: Vec::new(),
        unheard: Vec::new(),
    };
    Ok((checkpoint, run))
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
    state.extend(given::drop_values(target.ports, target.source)?);
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
            bounds.next_page(ports.clock, ports.control, self.progress(&page)?)?;
            self.settle(page)?;
        }
        let done = self.run.counts.processed;
        ports
            .control
            .progress(progress(Phase::Finishing, done, Some(done)));
        self.measure();
        // Whoever the journal no longer tells of.
        self.run.count_drifted();
        self.run.succeed(ports.clock.now());
        close(self.target, &self.run)
    }

    /// How far it is. Where the directory is given something back, its limit on writes sets the pace.
    fn progress(&self, page: &[Undoing]) -> Result<Progress, RunAbort> {
        let done = self.run.counts.processed;
        let total = self.run.approved.as_ref().map(|approved| approved.changes);
        if page
            .iter()
            .all(|undoing| undoing.entry.directory.is_empty())
        {
            return Ok(progress(Phase::Reading, done, total));
        }
        let directory = self.target.reach.session()?.directory;
        let left = total.unwrap_or(done).saturating_sub(done);
        let progress = Progress {
            remaining: directory.writer().map(|writer| writer.time_for(left)),
            ..progress(Phase::Writing, done, total)
        };
        directory.remember_progress(progress);
        Ok(progress)
    }

    /// Takes back one page, in one commit with the record and the place where the undo stands.
    fn settle(&mut self, page: Vec<Undoing>) -> Result<(), RunAbort> {
        let ports = self.target.ports;
        let users: Vec<_> = page
            .iter()
            .map(|undoing| undoing.entry.object_id.clone())
            .collect();
        self.checkpoint.settled.retain(|user| users.contains(user));
        let approved: Map<_, _> = ports
            .plan
            .entries(Some(&self.checkpoint.digest), &users)?
            .into_iter()
            .map(|entry| (entry.object_id.clone(), entry))
            .collect();
        let mut ready = Vec::new();
        for undoing in page {
            if self.checkpoint.settled.contains(&undoing.entry.object_id) {
                continue;
            }
            let approved = approved.get(&undoing.entry.object_id);
            ready.extend(self.weigh(undoing, approved));
        }
        let mut portion = back::give(self.target, &mut self.run, &ready)?;
        let mut commit = Commit {
            source: self.target.source.to_owned(),
            run: Some(self.run.id.clone()),
            ..Commit::default()
        };
        let mut later = Vec::new();
        // One for each change of the commit, with what the directory was given.
        let mut entered: Vec<(Option<Pending>, Option<Unjournaled>)> = Vec::new();
        for mut each in ready {
            let mut trouble = None;
            if let Some(mut turn) = portion.people.remove(each.user()) {
                commit.state.append(&mut turn.record);
                if turn.is_later {
                    later.push(each.user().clone());
                    continue;
                }
                self.run.count_given(&turn.given);
                trouble = each.take(self.target, turn);
            }
            self.target.remark(&mut self.run, &each.undoing);
            if let Some(trouble) = &trouble {
                self.count_trouble(trouble);
            }
            if each.does_something() {
                let pending = trouble.is_none().then(|| each.pending());
                entered.push((pending, each.unjournaled()));
                commit.changes.push(Reasoned {
                    change: Change::Revert(each.reversal),
                    reason: Reason::Undo.code(),
                });
            }
        }
        self.stand_behind(users, &later);
        let pending: Vec<_> = entered
            .iter()
            .filter_map(|(pending, _)| pending.clone())
            .collect();
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
        self.checkpoint.unheard = Vec::new();
        let lost = self.count_outcomes(entered, outcomes);
        if !lost.is_empty() {
            let session = self.target.reach.session()?;
            journaled::journal_all(session, &self.run, lost, Reason::Undo.code())?;
        }
        match (portion.abort, portion.later) {
            (Some(abort), _) => Err(abort),
            (None, Some(resume_after)) => Err(RunAbort::SliceEnd { resume_after }),
            (None, None) => Ok(()),
        }
    }

    /// Both ends of the page go into the checkpoint: whoever catches up after a process that died here
    /// asks the journal what was done between them, and for as many users as are unheard of. Where some of its users have
    /// to come again, the undo stays at the page.
    fn stand_behind(&mut self, users: Vec<ObjectId>, later: &[ObjectId]) {
        let Checkpoint {
            before,
            after,
            settled,
            ..
        } = &mut self.checkpoint;
        if later.is_empty() {
            *before = std::mem::replace(after, users.into_iter().next_back());
        } else {
            before.clone_from(after);
            *settled = users;
            settled.retain(|user| !later.contains(user));
        }
    }

    /// The directory did not take what it was to be given back of somebody.
    fn count_trouble(&mut self, trouble: &Trouble) {
        let Trouble { field, code, told } = trouble;
        self.run
            .count_refusal(field.as_deref(), code, told.as_deref());
    }

    /// What is approved and still the same is to be done; everything else is counted.
    fn weigh(&mut self, undoing: Undoing, approved: Option<&PlanEntry>) -> Option<Ready> {
        let entry = &undoing.entry;
        let as_approved = approved.is_some_and(|approved| same_change(approved, entry));
        if let (Some(reversal), true) = (&undoing.reversal, as_approved) {
            let reversal = reversal.clone();
            return Some(Ready { undoing, reversal });
        }
        self.target.remark(&mut self.run, &undoing);
        match undoing.reversal {
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

    /// Counts what the store has answered; what the directory was given in changes that it did not take.
    fn count_outcomes(
        &mut self,
        entered: Vec<(Option<Pending>, Option<Unjournaled>)>,
        outcomes: Vec<Outcome>,
    ) -> Vec<Unjournaled> {
        let mut lost = Vec::new();
        let mut outcomes = outcomes.into_iter();
        for (waiting, unjournaled) in entered {
            let outcome = outcomes.next();
            if !matches!(outcome, Some(Outcome::Applied { .. })) {
                lost.extend(unjournaled);
            }
            // Whose turn has failed already is counted, whatever the store says of the rest.
            let Some(waiting) = waiting else {
                continue;
            };
            let (field, code) = match outcome {
                Some(Outcome::Applied { .. }) => {
                    self.performed(&waiting);
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
        lost
    }

    /// Adds what was asked of the directory since the last time.
    fn measure(&mut self) {
        let usage = self.target.reach.take_usage();
        self.run.requests += usage.requests;
        self.run.throttled_ms += usage.throttled.as_millis() as u64;
    }

    /// Turns the end of a slice into its result.
    fn conclude(mut self, outcome: Result<(), RunAbort>) -> Result<SyncResult, CallError> {
        self.measure();
        let end = match outcome {
            Ok(()) => SliceEnd::Finished,
            Err(RunAbort::SliceEnd { resume_after }) => self.pause(resume_after)?,
            Err(RunAbort::Stopped) => self.end(RunStatus::Stopped)?,
            Err(RunAbort::Directory(error)) => match error.kind {
                DirectoryErrorKind::Throttled { retry_after }
                    if self.run.may_wait(retry_after, RUN_PATIENCE) =>
                {
                    self.pause(retry_after)?
                }
                DirectoryErrorKind::Stopped => self.end(RunStatus::Stopped)?,
                // What was taken back stays so; the rest can be planned again.
                _ => {
                    let message = format!("{error}. {}", error.advice());
                    self.run.add_error(error.code(), message);
                    self.end(RunStatus::Failed)?
                }
            },
            Err(abort) => return Err(abort.into()),
        };
        Ok(SyncResult { end, run: self.run })
    }

    fn pause(&self, resume_after: Duration) -> Result<SliceEnd, RunAbort> {
        let state = vec![save_current_run(&self.run)?, self.checkpoint.save()?];
        write_state(self.target, state)?;
        Ok(SliceEnd::More(resume_after))
    }

    fn end(&mut self, status: RunStatus) -> Result<SliceEnd, RunAbort> {
        self.run.end(status, self.target.ports.clock.now());
        close(self.target, &self.run)?;
        Ok(SliceEnd::Finished)
    }
}
