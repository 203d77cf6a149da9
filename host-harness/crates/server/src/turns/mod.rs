//! Which workspace works next, so that those whose directory fails never starve the others.
//!
//! A job needs two things, and keeps neither longer than it must. A **slot** while its workspace is open:
//! it bounds files and memory, and there are many. A **turn** while it computes or writes: there are as many
//! as the server may do at a time. Whoever waits (for an answer, a back-off, a throttled directory) has no
//! turn; whoever has waited for long in a slot that others need gives that up, too, and begins its slice
//! anew.
//!
//! Two queues wait for each: those of normal priority, and, behind them, those that failed when they ran
//! last, whose last request failed, or that wait for their directory for long. One in eight is taken from
//! the second queue all the same.

mod wait_queue;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use connector_runtime as runtime;
use tokio::sync::Notify;

use self::wait_queue::{Permit, Priority, WaitQueue};

/// The most slots there are. A workspace that waits has one or two MiB of memory.
const MAX_SLOTS: usize = 512;

/// Files that one open workspace has: database, log and index twice, the lock, connections.
const FILES_PER_SLOT: u64 = 12;

/// Who waits for longer, once, is of low priority until its job has ended. Pages of a large
/// directory take a second or two.
const NORMAL_WAIT: Duration = Duration::from_secs(3);

/// Who waits for longer gives its slot to others that need one; twice as long each further time, so that
/// a slow directory is read in the end.
const SLOT_PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked for slots that are needed.
const LOOK: Duration = Duration::from_millis(250);

/// What kind of work it is; each has turns of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Slices of syncs.
    Sync,
    /// Plans. One comes in one piece, so that one of a large directory computes for minutes; and a trouble
    /// of the directory that stops many syncs at a limit leads to as many plans. They wait for each other,
    /// and no sync for them.
    Plan,
}

/// The slots and turns of a server.
pub(crate) struct Turns {
    slots: Arc<WaitQueue>,
    syncing: Arc<WaitQueue>,
    planning: Arc<WaitQueue>,
    working: Mutex<Vec<Weak<JobTurn>>>,
}

impl Turns {
    /// So many may sync at the same time, half as many may plan beside them, and the process may have so
    /// many files open.
    pub(crate) fn new(parallel: usize, open_files: u64) -> Self {
        let parallel = parallel.max(1);
        let planning = (parallel / 2).max(1);
        let files = usize::try_from(open_files / 2 / FILES_PER_SLOT).unwrap_or(MAX_SLOTS);
        Self {
            // Fewer slots than turns would leave turns to nobody.
            slots: WaitQueue::new(files.clamp(parallel + planning, MAX_SLOTS.max(2 * parallel))),
            syncing: WaitQueue::new(parallel),
            planning: WaitQueue::new(planning),
            working: Mutex::default(),
        }
    }

    /// The turns of one job; `failed`: of a workspace that failed when it ran last.
    pub(crate) fn job(&self, work: Work, failed: bool) -> Arc<JobTurn> {
        let turn = Arc::new(JobTurn {
            slots: Arc::clone(&self.slots),
            turns: Arc::clone(match work {
                Work::Sync => &self.syncing,
                Work::Plan => &self.planning,
            }),
            low_priority: AtomicBool::new(failed),
            begins: AtomicBool::new(true),
            given_up: AtomicU32::new(0),
            waiting_since: Mutex::new(None),
            has_slot: AtomicBool::new(false),
            slot_needed: Notify::new(),
        });
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        working.retain(|job| job.strong_count() > 0);
        working.push(Arc::downgrade(&turn));
        turn
    }

    /// Has those who wait longest give their slots up, where others need them; for ever.
    pub(crate) async fn make_room(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let needed = self.slots.normal_waiting();
            if needed == 0 {
                continue;
            }
            let working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
            let jobs = working.iter().filter_map(Weak::upgrade);
            let mut waiting: Vec<_> = jobs
                .filter_map(|job| job.waits_too_long().map(|since| (since, job)))
                .collect();
            waiting.sort_by_key(|(since, _)| *since);
            for (_, job) in waiting.iter().take(needed) {
                job.slot_needed.notify_one();
            }
        }
    }
}

/// The turns of one job.
pub(crate) struct JobTurn {
    slots: Arc<WaitQueue>,
    turns: Arc<WaitQueue>,
    /// Waits behind those of normal priority.
    low_priority: AtomicBool,
    /// A slice begins: as one among many, not as one that goes on.
    begins: AtomicBool,
    /// How often its slot was given up.
    given_up: AtomicU32,
    waiting_since: Mutex<Option<Instant>>,
    /// Has a slot that others may need.
    has_slot: AtomicBool,
    slot_needed: Notify,
}

/// A slot of a job, until it is dropped.
pub(crate) struct Slot {
    _permit: Permit,
    job: Arc<JobTurn>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.job.has_slot.store(false, Ordering::Relaxed);
    }
}

impl JobTurn {
    /// Waits for a slot.
    pub(crate) async fn slot(self: &Arc<Self>) -> Slot {
        let priority = if self.low_priority.load(Ordering::Relaxed) {
            Priority::Low
        } else {
            Priority::Normal
        };
        let permit = WaitQueue::acquire(&self.slots, priority).await;
        // That the last one was needed says nothing of this one.
        let _ = tokio::time::timeout(Duration::ZERO, self.slot_needed.notified()).await;
        *self.since() = None;
        self.has_slot.store(true, Ordering::Relaxed);
        Slot {
            _permit: permit,
            job: Arc::clone(self),
        }
    }

    /// A slice begins: it is one among many until it has its first turn.
    pub(crate) fn begin_slice(&self) {
        self.begins.store(true, Ordering::Relaxed);
    }

    /// Until the job's slot is needed by others while it waits; it was given up then.
    pub(crate) async fn slot_needed(&self) {
        self.slot_needed.notified().await;
        self.given_up.fetch_add(1, Ordering::Relaxed);
        self.low_priority.store(true, Ordering::Relaxed);
    }

    /// Since when it waits, where that is too long while others need its slot.
    fn waits_too_long(&self) -> Option<Instant> {
        if !self.has_slot.load(Ordering::Relaxed) {
            return None;
        }
        let patience = SLOT_PATIENCE * 2_u32.pow(self.given_up.load(Ordering::Relaxed).min(8));
        let since = *self.since();
        since.filter(|since| since.elapsed() > patience)
    }

    fn since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.waiting_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn, which ends when it is dropped.
    pub(crate) async fn turn(self: Arc<Self>) -> TurnGuard {
        self.turn_while(false).await
    }

    /// Waits for a turn; `failing`: behind all whose directory works.
    async fn turn_while(self: Arc<Self>, failing: bool) -> TurnGuard {
        let waited = self.since().take();
        if waited.is_some_and(|since| since.elapsed() > NORMAL_WAIT) {
            self.low_priority.store(true, Ordering::Relaxed);
        }
        let begins = self.begins.swap(false, Ordering::Relaxed);
        let is_low = failing || self.low_priority.load(Ordering::Relaxed);
        let priority = match (is_low, begins) {
            (true, _) => Priority::Low,
            (false, true) => Priority::Normal,
            (false, false) => Priority::Continuing,
        };
        let permit = WaitQueue::acquire(&self.turns, priority).await;
        TurnGuard {
            _permit: permit,
            job: self,
        }
    }
}

impl runtime::Turns for HeldTurns {
    fn next(&self) -> Pin<Box<dyn Future<Output = runtime::Turn> + Send>> {
        let turn = Arc::clone(&self.job).turn_while(self.http.is_failing());
        Box::pin(async move { Box::new(turn.await) as runtime::Turn })
    }
}

/// The turns of a job, as a call of the connector asks for them: while its requests fail, behind the others.
/// A directory that fails is asked again and again, and each try computes.
pub(crate) struct HeldTurns {
    pub(crate) job: Arc<JobTurn>,
    pub(crate) http: runtime::HttpAccess,
}

/// While this lives, the job has a turn.
pub(crate) struct TurnGuard {
    _permit: Permit,
    job: Arc<JobTurn>,
}

impl Drop for TurnGuard {
    fn drop(&mut self) {
        *self.job.since() = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_goes_on_comes_before_who_begins_and_both_before_who_failed_or_fails() {
        let turns = Arc::new(Turns::new(1, 1_000));
        let first = turns.job(Work::Sync, false);
        let held = Arc::clone(&first).turn().await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        let queue = |name: &'static str, job: Arc<JobTurn>, failing: bool| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                let turn = job.turn_while(failing).await;
                order.lock().unwrap().push(name);
                drop(turn);
            })
        };
        waiting.push(queue("failed", turns.job(Work::Sync, true), false));
        tokio::task::yield_now().await;
        waiting.push(queue("fails now", Arc::clone(&first), true));
        tokio::task::yield_now().await;
        waiting.push(queue("begins", turns.job(Work::Sync, false), false));
        tokio::task::yield_now().await;
        waiting.push(queue("goes on", first, false));
        tokio::task::yield_now().await;
        drop(held);
        for one in waiting {
            one.await.unwrap();
        }
        let order = order.lock().unwrap();
        assert_eq!(*order, ["goes on", "begins", "failed", "fails now"]);
    }

    #[tokio::test]
    async fn who_waits_long_in_a_place_that_is_needed_gives_it_up_and_others_do_not() {
        let turns = Arc::new(Turns::new(1, 0));
        let silent = turns.job(Work::Sync, false);
        let _places = [silent.slot().await, silent.slot().await];
        drop(Arc::clone(&silent).turn().await);
        let room = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.make_room().await }
        });
        let patient = tokio::time::timeout(SLOT_PATIENCE + 4 * LOOK, silent.slot_needed());
        assert!(patient.await.is_err(), "nobody needs it");
        let other = turns.job(Work::Sync, false);
        let needing = tokio::spawn(async move { other.slot().await });
        let needed = tokio::time::timeout(4 * LOOK, silent.slot_needed());
        needed.await.expect("somebody does");
        room.abort();
        needing.abort();
    }
}
