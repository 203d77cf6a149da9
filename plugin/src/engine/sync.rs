//! `sync`: reads a round and does what it says, a slice at a time.

use std::time::Duration;

use crate::contact::Effect;
use crate::graph::error::GraphError;
use crate::graph::retry::Budget;
use crate::ports::{Commit, Phase, Ports, Progress};
use crate::reconcile::reason::Reason;
use crate::report::run::{Block, RunMode, RunRecord, RunStatus};

use super::apply::{Apply, SYNC_ROUND};
use super::bounds::Bounds;
use super::call::{CallError, PATIENCE, prepare};
use super::checkpoint::{Cursor, Round, Step, close_run, current_run, save_current_run};
use super::halt::Halt;
use super::reading::{Reading, begin_full, begin_incremental, mode_of};
use super::session::{Session, source};
use super::stage::Stage as _;
use super::taking;

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
    Taking(String),
}

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

/// Executes one slice.
///
/// # Errors
///
/// Where no run was begun or gone on with. Failures of a run are in its record.
pub fn sync(
    ports: Ports<'_>,
    document: &str,
    request: &SyncRequest,
) -> Result<SyncResult, CallError> {
    let prepared = prepare(ports, document)?;
    let connection = prepared.connection()?;
    let mut bounds = Bounds::start(ports.clock, request.max_pages, request.max_time);
    let budget = Budget::until(request.max_time.unwrap_or(PATIENCE));

    let round = Round::load(ports.state)?;
    let unfinished = current_run(ports.state)?;
    let resumable = round.filter(|round| {
        let same_configuration = round.fingerprint == prepared.settings.fingerprint;
        let asked_anew = request.mode == RunMode::Full
            && (round.mode == RunMode::Incremental || unfinished.is_none());
        same_configuration && !asked_anew
    });
    let mut run = match unfinished {
        Some(run) if resumable.is_some() || run.counts.processed == 0 => run,
        Some(superseded) => {
            supersede(ports, &source(&connection.tenant), superseded)?;
            begin(ports, request)
        }
        None => begin(ports, request),
    };

    let outcome = Session::open(
        ports,
        &prepared.settings,
        connection,
        &prepared.store,
        budget,
    )
    .and_then(|session| {
        let mut slice = Slice {
            session: &session,
            run: &mut run,
            bounds: &mut bounds,
            approved: match &request.approval {
                Some(Approval::Taking(digest)) => Some(digest),
                _ => None,
            },
        };
        let outcome = slice.go_on(resumable, request.mode);
        slice.measure();
        outcome
    });
    conclude(ports, &source(&connection.tenant), run, outcome)
}

fn begin(ports: Ports<'_>, request: &SyncRequest) -> RunRecord {
    let now = ports.clock.now();
    let id = format!("{}-{:08x}", now.0, ports.entropy.next_u64() as u32);
    RunRecord::begin(id, request.mode, request.trigger.clone(), now)
}

/// Closes a run that cannot be gone on with, because the configuration or the mode is another.
fn supersede(ports: Ports<'_>, source: &str, mut run: RunRecord) -> Result<(), Halt> {
    run.add_error(
        "interrupted",
        "the run was interrupted, and then another configuration or a full sync was asked for"
            .to_owned(),
    );
    run.end(RunStatus::Failed, ports.clock.now());
    save_end(ports, source, &run, Vec::new())
}

fn save_end(
    ports: Ports<'_>,
    source: &str,
    run: &RunRecord,
    more: Vec<crate::ports::StateWrite>,
) -> Result<(), Halt> {
    let mut state = close_run(ports.state, run)?;
    state.extend(more);
    ports.store.apply(Commit {
        source: source.to_owned(),
        state,
        ..Commit::default()
    })?;
    Ok(())
}

/// Keeps the record for the next slice: since the last commit the store may have refused something
/// that the record had counted as done, and requests may have been made in vain.
fn pause_run(ports: Ports<'_>, source: &str, run: &RunRecord) -> Result<(), Halt> {
    ports.store.apply(Commit {
        source: source.to_owned(),
        state: vec![save_current_run(run)?],
        ..Commit::default()
    })?;
    Ok(())
}

/// Turns the end of a slice into its result; a run that failed or was stopped is closed, its round
/// stays open for the next one.
fn conclude(
    ports: Ports<'_>,
    source: &str,
    mut run: RunRecord,
    outcome: Result<(), Halt>,
) -> Result<SyncResult, CallError> {
    let end = match outcome {
        Ok(()) => SliceEnd::Finished,
        Err(
            Halt::SliceEnd {
                resume_after: pause,
            }
            | Halt::Graph(GraphError::Throttled {
                retry_after: pause, ..
            }),
        ) => {
            pause_run(ports, source, &run)?;
            SliceEnd::More(pause)
        }
        Err(Halt::Stopped | Halt::Graph(GraphError::Stopped)) => {
            run.end(RunStatus::Stopped, ports.clock.now());
            save_end(ports, source, &run, Vec::new())?;
            SliceEnd::Finished
        }
        Err(Halt::Graph(error)) => {
            run.add_error(error.code(), format!("{error}. {}", error.advice()));
            run.end(RunStatus::Failed, ports.clock.now());
            save_end(ports, source, &run, Vec::new())?;
            SliceEnd::Finished
        }
        // Where the store or the state does not work, there is nowhere to record it.
        Err(halt @ (Halt::Store(_) | Halt::Unreadable { .. })) => return Err(halt.into()),
    };
    Ok(SyncResult { end, run })
}

struct Slice<'s, 'a> {
    session: &'s Session<'a>,
    run: &'s mut RunRecord,
    bounds: &'s mut Bounds,
    approved: Option<&'s str>,
}

impl Slice<'_, '_> {
    fn go_on(&mut self, resumable: Option<Round>, asked: RunMode) -> Result<(), Halt> {
        let cursor = Cursor::load(self.session.ports.state)?;
        let mut round = match resumable {
            Some(round) => round,
            None => self.begin_round(asked, cursor.as_ref())?,
        };
        self.run.mode = round.mode;
        let expected = (round.mode == RunMode::Full)
            .then(|| cursor.as_ref().map(|cursor| cursor.people))
            .flatten();
        let mut stage = Apply {
            session: self.session,
            run: self.run,
        };
        let mut reading = Reading {
            session: self.session,
            stage: &mut stage,
            bounds: self.bounds,
            expected,
        };
        reading.until_closed(&mut round)?;
        self.run.mode = round.mode;
        self.close(round, cursor)
    }

    fn begin_round(&mut self, asked: RunMode, cursor: Option<&Cursor>) -> Result<Round, Halt> {
        let mut stage = Apply {
            session: self.session,
            run: self.run,
        };
        stage.start_over()?;
        match (mode_of(self.session, asked, cursor), cursor) {
            (RunMode::Incremental, Some(cursor)) => Ok(begin_incremental(self.session, cursor)),
            _ => begin_full(self.session, SYNC_ROUND, 0),
        }
    }

    /// The round is read: judge what it would take away, take it away, and move the cursor.
    fn close(&mut self, mut round: Round, cursor: Option<Cursor>) -> Result<(), Halt> {
        if let Step::Closed { delta_link } = &round.step {
            if round.staged {
                let (toll, digest) = taking::survey(self.session)?;
                let blocks = taking::judge(self.session, &toll, &digest)?;
                let approved = self.approved == Some(digest.as_str());
                if let Some(block) = blocks.into_iter().next().filter(|_| !approved) {
                    return self.block(block, toll.uncounted);
                }
            }
            round.step = Step::Removing {
                delta_link: delta_link.clone(),
            };
        }
        if round.staged {
            taking::apply_all(self.session, self.run, &round, self.bounds)?;
        }
        self.finish(round, cursor)
    }

    /// Ends the run with nothing taken away. The record is closed and the round forgotten before the
    /// staged rest is dropped: a process that dies in between must not find some of them and
    /// take that for all.
    fn block(&mut self, block: Block, held: u64) -> Result<(), Halt> {
        for _ in 0..held {
            self.run.count(Effect::Skip, Reason::HeldByBreaker.code());
        }
        self.run.block = Some(block);
        self.measure();
        let ports = self.session.ports;
        self.run.end(RunStatus::Blocked, ports.clock.now());
        save_end(ports, &self.session.source, self.run, vec![Round::forget()])?;
        taking::discard(self.session)?;
        ports.store.close_round(&self.session.source, SYNC_ROUND)?;
        Ok(())
    }

    fn finish(&mut self, round: Round, before: Option<Cursor>) -> Result<(), Halt> {
        let ports = self.session.ports;
        ports.control.progress(Progress {
            phase: Phase::Finishing,
            done: self.run.counts.processed,
            total: None,
        });
        let (Step::Removing { delta_link } | Step::Closed { delta_link }) = round.step else {
            return Ok(());
        };
        let now = ports.clock.now();
        let full = round.mode == RunMode::Full;
        let cursor = Cursor {
            delta_link,
            fingerprint: round.fingerprint,
            saved_at: now,
            full_round_at: before
                .as_ref()
                .filter(|_| !full)
                .map_or(now, |cursor| cursor.full_round_at),
            people: before
                .filter(|_| !full)
                .map_or(round.people, |cursor| cursor.people),
        };
        self.measure();
        self.run.succeed(now);
        save_end(
            ports,
            &self.session.source,
            self.run,
            vec![cursor.save()?, Round::forget()],
        )?;
        if full {
            ports.store.close_round(&self.session.source, SYNC_ROUND)?;
        }
        Ok(())
    }

    fn measure(&mut self) {
        Apply {
            session: self.session,
            run: self.run,
        }
        .measure();
    }
}
