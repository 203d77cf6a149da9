//! `sync`: reads a round and does what it says, a slice at a time.

use std::time::Duration;

use crate::contact::Effect;
use crate::ports::{Commit, Phase, Ports, Progress, StateWrite, Timestamp};
use crate::reconcile::reason::Reason;
use crate::run::{ApprovedOutcome, Block, RunMode, RunStatus};

use super::apply::{Apply, SYNC_ROUND};
use super::approved::{self, verify};
use super::begin_round::{Beginning, begin_full, begin_incremental, mode_of};
use super::bounds::Bounds;
use super::breakers;
use super::call::{CallError, Prepared};
use super::checkpoint::{Cursor, Reconciled, Round, Step, current_run};
use super::directory::{Directory, Notified};
use super::edited;
pub use super::finish_run::{SliceEnd, SyncResult};
use super::finish_run::{begin, conclude, save_end, supersede};
use super::format;
use super::groups::kept::discard_all;
use super::groups::round::GroupCursor;
use super::held;
use super::proof::Flaw;
use super::reading::Reading;
use super::removals;
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::session::Session;
use super::stage::Stage as _;
use super::undo;

/// What the host asks for.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// Who is to be read.
    pub mode: RunMode,
    /// Who asks.
    pub trigger: String,
    /// Pages of this slice, at most.
    pub max_pages: Option<u32>,
    /// Time of this slice, at most.
    pub max_time: Option<Duration>,
    /// What a person has approved.
    pub approval: Option<Approval>,
}

/// What a person has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// A plan, by its digest: exactly its changes are performed.
    Plan(String),
    /// What a breaker stopped, by the digest of the block.
    Block(String),
}

impl SyncRequest {
    fn plan(&self) -> Option<&str> {
        match &self.approval {
            Some(Approval::Plan(digest)) => Some(digest),
            Some(Approval::Block(_)) | None => None,
        }
    }

    fn block(&self) -> Option<&str> {
        match &self.approval {
            Some(Approval::Block(digest)) => Some(digest),
            Some(Approval::Plan(_)) | None => None,
        }
    }
}

/// Executes one slice. `source` is the namespace of the object ids, as far as it is known before the
/// directory is asked.
///
/// # Errors
///
/// Where no run was begun or gone on with. Failures of a run are in its record.
pub fn sync(
    ports: Ports<'_>,
    prepared: &Prepared,
    source: &str,
    directory: &dyn Directory,
    request: &SyncRequest,
) -> Result<SyncResult, CallError> {
    let fingerprint = &prepared.settings.fingerprint;
    let mut bounds = Bounds::start(ports.clock, request.max_pages, request.max_time);

    let unfinished = current_run(ports.state)?;
    let resumable = Round::load(ports.state)?
        .filter(|round| can_go_on(round, request, fingerprint, unfinished.is_some()));
    let approved = match (request.plan(), &resumable) {
        (Some(digest), None) => Some(approved_plan(ports, fingerprint, digest)?),
        _ => None,
    };
    let is_undo = match &unfinished {
        Some(run) => undo::is_of(ports.state, run)?,
        None => false,
    };
    let run = match unfinished {
        Some(run) if resumable.is_some() || (run.counts.processed == 0 && !is_undo) => run,
        Some(superseded) => {
            supersede(ports, source, superseded)?;
            begin(ports, request.mode, &request.trigger)
        }
        None => begin(ports, request.mode, &request.trigger),
    };
    let mut run_log = RunLog::open(ports, run)?;
    run_log.catch_up()?;
    if approved.is_some() {
        run_log.run.approved = approved;
    }

    let outcome = Session::open(ports, prepared, directory).and_then(|session| {
        let mut slice = Slice {
            session: &session,
            run_log: &mut run_log,
            bounds: &mut bounds,
            request,
        };
        let outcome = slice.go_on(resumable);
        run_log.measure(&session);
        match outcome {
            Err(RunAbort::Incomplete(flaw)) => {
                abandon(&session, &mut run_log, &flaw)?;
                Ok(())
            }
            outcome => outcome,
        }
    });
    conclude(ports, source, run_log, outcome)
}

/// Whether an open round is the one that is asked for: read under the same configuration and approval,
/// and not to be begun anew.
fn can_go_on(round: &Round, request: &SyncRequest, fingerprint: &str, is_running: bool) -> bool {
    let asked_anew =
        request.mode == RunMode::Full && (round.mode == RunMode::Incremental || !is_running);
    round.fingerprint == fingerprint && round.approved.as_deref() == request.plan() && !asked_anew
}

/// Proves that the host keeps the plan that was approved, and that it is one of this configuration.
fn approved_plan(
    ports: Ports<'_>,
    fingerprint: &str,
    digest: &str,
) -> Result<ApprovedOutcome, CallError> {
    match verify(ports.plan, fingerprint, digest)? {
        Some(changes) => Ok(ApprovedOutcome {
            digest: digest.to_owned(),
            changes,
            performed: 0,
        }),
        None => Err(CallError::UnknownPlan),
    }
}

/// Ends a run whose round cannot be believed: what was added stands, nothing is taken away, the
/// cursor stays where it was.
fn abandon(session: &Session<'_>, run_log: &mut RunLog<'_>, flaw: &Flaw) -> Result<(), RunAbort> {
    let ports = session.ports;
    run_log.run.add_error(
        flaw.code(),
        format!(
            "{flaw}. Nothing was taken away, and the next run reads again from where this one began; if \
             it happens again, ask Microsoft's service health."
        ),
    );
    run_log.run.end(RunStatus::Incomplete, ports.clock.now());
    save_end(ports, &session.source, run_log, vec![Round::forget()])?;
    removals::discard(session, SYNC_ROUND)?;
    ports.store.close_round(&session.source, SYNC_ROUND)?;
    Ok(())
}

struct Slice<'s, 'a> {
    session: &'s Session<'a>,
    run_log: &'s mut RunLog<'a>,
    bounds: &'s mut Bounds,
    request: &'s SyncRequest,
}

impl<'a> Slice<'_, 'a> {
    fn go_on(&mut self, resumable: Option<Round>) -> Result<(), RunAbort> {
        let cursor = Cursor::load(self.session.ports.state)?;
        let mut round = match resumable {
            Some(round) => edited::go_on(self.session, round),
            None => {
                if cursor.is_some() {
                    self.keep_notified_from_now_on()?;
                }
                self.begin_round(cursor.as_ref())?
            }
        };
        self.run_log.run.mode = round.mode;
        let session = self.session;
        let mut stage = Apply {
            session,
            run_log: &mut *self.run_log,
            approved: self.request.plan(),
            approved_block: self.request.block(),
        };
        let mut reading = Reading::of(&round, session, &mut stage, &mut *self.bounds);
        let outcome = reading.until_closed(&mut round);
        self.run_log.run.mode = round.mode;
        outcome?;
        self.close(round, cursor)
    }

    /// Before anything is read: of what changes from now on the directory tells, and what changed before is read.
    fn keep_notified_from_now_on(&mut self) -> Result<(), RunAbort> {
        let state = self.keep_notified()?;
        if !state.is_empty() {
            let commit = Commit {
                state,
                ..self.session.commit()
            };
            format::commit(self.session.ports, commit)?;
        }
        Ok(())
    }

    fn keep_notified(&mut self) -> Result<Vec<StateWrite>, RunAbort> {
        let ports = self.session.ports;
        let Notified { state, trouble } = self.session.directory.keep_notified(ports)?;
        self.run_log.run.notification_trouble = trouble;
        Ok(state)
    }

    fn begin_round(&mut self, cursor: Option<&Cursor>) -> Result<Round, RunAbort> {
        let mut stage = Apply {
            session: self.session,
            run_log: &mut *self.run_log,
            approved: None,
            approved_block: None,
        };
        stage.start_over()?;
        let mode = mode_of(self.session, self.request.mode, cursor)?;
        let mut round = match (mode, cursor) {
            (RunMode::Incremental, Some(cursor)) => begin_incremental(self.session, cursor)?,
            _ => begin_full(self.session, SYNC_ROUND, cursor, Beginning::default())?,
        };
        round.approved = self.request.plan().map(str::to_owned);
        Ok(round)
    }

    /// The round is read: judge what it would take away, take it away, and move the cursor.
    fn close(&mut self, mut round: Round, cursor: Option<Cursor>) -> Result<(), RunAbort> {
        if let Step::Closed { delta_link } = &round.step {
            if round.approved.is_none()
                && let Some(block) = round.groups.as_mut().and_then(|groups| groups.block.take())
            {
                let (totals, _) = breakers::scan(self.session)?;
                return self.block(block, totals.uncounted);
            }
            if round.staged && round.approved.is_none() {
                let (totals, digest) = breakers::scan(self.session)?;
                let blocks = breakers::check_breakers(self.session, &totals, 0, &digest)?;
                let approved = self.request.block() == Some(digest.as_str());
                if let Some(block) = blocks.into_iter().next().filter(|_| !approved) {
                    return self.block(block, totals.uncounted);
                }
            }
            round.step = Step::Removing {
                delta_link: delta_link.clone(),
            };
            if round.staged && self.session.tells_edits {
                // Whoever goes on with it does not read again what the directory has changed since.
                let mut commit = self.session.commit_of(&self.run_log.run);
                commit.state.push(round.save()?);
                format::commit(self.session.ports, commit)?;
            }
        }
        if round.staged {
            removals::apply_all(self.session, self.run_log, Some(&round), self.bounds)?;
        }
        self.finish(round, cursor)
    }

    /// Ends the run with nothing taken away, and keeps from whom what was held back. The record is closed and the round forgotten before the
    /// staged rest is dropped: a process that dies in between must not find some of them and
    /// take that for all.
    fn block(&mut self, block: Block, uncounted: u64) -> Result<(), RunAbort> {
        held::keep(self.session, &self.run_log.run, &block)?;
        for _ in 0..uncounted {
            self.run_log
                .run
                .count(Effect::Skip, Reason::HeldByBreaker.code());
        }
        self.run_log.run.block = Some(block);
        self.run_log.measure(self.session);
        let ports = self.session.ports;
        self.run_log.run.end(RunStatus::Blocked, ports.clock.now());
        let source = &self.session.source;
        save_end(ports, source, self.run_log, vec![Round::forget()])?;
        removals::discard(self.session, SYNC_ROUND)?;
        ports.store.close_round(source, SYNC_ROUND)?;
        Ok(())
    }

    fn finish(&mut self, round: Round, before: Option<Cursor>) -> Result<(), RunAbort> {
        let ports = self.session.ports;
        let done = self.run_log.run.counts.processed;
        let progress = Progress::new(Phase::Finishing, done, None);
        ports.control.progress(progress);
        let full = round.mode == RunMode::Full;
        let mut state = vec![Round::forget()];
        if before.is_none() {
            state.extend(self.keep_notified()?);
        }
        if let Some(plan) = self.request.plan() {
            approved::settle(self.session, self.run_log, plan)?;
        }
        // The end of a run is one moment, for its record and for the cursor.
        let now = ports.clock.now();
        let is_complete = !self.run_log.run.left_something_out();
        let groups = round.groups.clone().filter(|_| is_complete);
        // Nobody goes by groups any more.
        let is_without = is_complete
            && full
            && self.session.settings.groups.is_none()
            && GroupCursor::load(ports.state)?.is_some();
        state.extend(is_without.then(GroupCursor::forget));
        if is_complete {
            if let Some(groups) = &groups {
                let before = GroupCursor::load(ports.state)?;
                let next = groups.next_cursor(before.as_ref(), now);
                state.extend(next.map(|next| next.save()).transpose()?);
            }
            state.extend(self.next_cursor(round, before, now)?);
            if full {
                state.push(Reconciled::by(&self.session.source, self.session.settings).save()?);
                if self.session.tells_edits {
                    state.extend(edited::forget_links(ports.state, &self.run_log.run.id)?);
                }
            }
        }
        if self.run_log.any_held() {
            held::discard(ports, &self.session.source)?;
        }
        self.run_log.measure(self.session);
        self.run_log.run.succeed(now);
        save_end(ports, &self.session.source, self.run_log, state)?;
        if full {
            ports.store.close_round(&self.session.source, SYNC_ROUND)?;
        }
        if let Some(groups) = groups {
            groups.tidy(ports, &self.session.source)?;
        }
        if is_without {
            discard_all(ports, &self.session.source)?;
        }
        Ok(())
    }

    /// Where the next round starts. Behind somebody whom an approved plan left out the cursor does
    /// not move: the next sync has to meet them again.
    fn next_cursor(
        &self,
        round: Round,
        before: Option<Cursor>,
        now: Timestamp,
    ) -> Result<Option<StateWrite>, RunAbort> {
        let (Step::Removing { delta_link } | Step::Closed { delta_link }) = round.step else {
            return Ok(None);
        };
        let full = round.mode == RunMode::Full;
        let mut before = before.filter(|_| !full);
        let contacts_before = before
            .as_mut()
            .and_then(|before| before.org_contacts.take());
        let cursor = Cursor {
            org_contacts: round
                .other
                .and_then(|other| other.next_cursor(contacts_before)),
            delta_link,
            fingerprint: round.fingerprint,
            saved_at: now,
            full_round_at: before.as_ref().map_or(now, |cursor| cursor.full_round_at),
            people: before.map_or(round.people, |cursor| cursor.people),
            organization: round.organization,
            edits: round.edits,
            asks_edited: round.asks_edited,
            not_permitted: round.not_permitted,
        };
        cursor.save().map(Some)
    }
}
