//! What a run writes down about itself: its record, and who could not be written.
//!
//! Both go into the same commits as the changes they speak of. What the store says about a change
//! is only known after its commit, so the record is committed as it will be if the store takes
//! everything, and corrected with the next commit; the ledger's contingencies make sure that the
//! correction can also be made by a later process.

use crate::contact::{Effect, ObjectId};
use crate::ports::{Contingency, Ports, StateWrite, Timestamp};
use crate::run::RunRecord;
use crate::run::ledger::LedgerRecord;
use guest_kit::ordered::Map;

use super::checkpoint::save_current_run;
use super::held::Held;
use super::ledger;
use super::run_abort::RunAbort;
use super::session::Session;

/// The code of a change whose outcome was never heard.
const NOT_APPLIED: &str = "not-applied";

/// The record of one run, and the ledger as it writes it.
pub(super) struct RunLog<'a> {
    ports: Ports<'a>,
    /// The record.
    pub(super) run: RunRecord,
    /// Whether anybody is in the ledger: while nobody is, it is not looked into.
    ledger_in_use: bool,
    /// Whether a limit held anything back in an earlier run: while nothing is, nothing is forgotten.
    held_in_use: bool,
    /// Corrections of the ledger that wait for the next commit: an entry, or none.
    corrections: Map<ObjectId, Option<LedgerRecord>>,
}

/// A change given to the store: what it is counted as where the store takes it.
#[derive(Clone, Debug)]
pub(super) struct PendingChange {
    pub(super) user: ObjectId,
    pub(super) effect: Effect,
    pub(super) reason: &'static str,
    /// Tries and first failure before this one.
    pub(super) before: Option<LedgerRecord>,
}

impl<'a> RunLog<'a> {
    /// The log of a run that begins or goes on.
    pub(super) fn open(ports: Ports<'a>, run: RunRecord) -> Result<Self, RunAbort> {
        Ok(Self {
            ports,
            run,
            ledger_in_use: ledger::is_in_use(ports.state)?,
            held_in_use: Held::is_in_use(ports.state)?,
            corrections: Map::new(),
        })
    }

    /// Corrects what a process that died could not: changes that the record counts and that the store
    /// did not take.
    pub(super) fn catch_up(&mut self) -> Result<(), RunAbort> {
        let mut after: Option<ObjectId> = None;
        while self.ledger_in_use {
            let page = ledger::page(self.ports.state, after.as_ref())?;
            let Some(last) = page.last() else { break };
            after = Some(last.object_id.clone());
            for entry in page {
                let mut failing = entry.failing;
                if failing.run != self.run.id {
                    continue;
                }
                if let Some((effect, reason)) = failing.unheard.take() {
                    self.run.uncount(effect, &reason);
                    self.run.count_failure(None, NOT_APPLIED);
                    self.corrections.insert(entry.object_id, Some(failing));
                }
            }
        }
        Ok(())
    }

    /// The ledger's entries of these users.
    pub(super) fn known<'u>(
        &self,
        users: impl Iterator<Item = &'u ObjectId>,
    ) -> Result<Map<ObjectId, LedgerRecord>, RunAbort> {
        if !self.ledger_in_use {
            return Ok(Map::new());
        }
        let mut known: Map<_, _> = ledger::of(self.ports.state, users)?;
        for (user, correction) in &self.corrections {
            if let (Some(entry), Some(failing)) = (known.get_mut(user), correction) {
                entry.clone_from(failing);
            }
        }
        Ok(known)
    }

    /// An entry for a user who fails now. One run is one try, however often it comes by.
    fn failing(
        &self,
        now: Timestamp,
        before: Option<&LedgerRecord>,
        field: Option<String>,
        code: &str,
    ) -> LedgerRecord {
        let tries = match before {
            Some(before) if before.run == self.run.id => before.tries,
            Some(before) => before.tries_with(code, now),
            None => 1,
        };
        LedgerRecord {
            code: code.to_owned(),
            field,
            tries,
            first: before.map_or(now, |before| before.first),
            last: now,
            run: self.run.id.clone(),
            unheard: None,
        }
    }

    /// Notes that a decision cannot be carried out.
    pub(super) fn enter_failure(
        &mut self,
        user: &ObjectId,
        before: Option<&LedgerRecord>,
        field: Option<&str>,
        code: &str,
    ) -> Result<StateWrite, RunAbort> {
        let now = self.ports.clock.now();
        let failing = self.failing(now, before, field.map(str::to_owned), code);
        self.ledger_in_use = true;
        self.corrections.remove(user);
        ledger::save(user, &failing)
    }

    /// What the state must hold for changes that the store does not take, each with its place in the commit.
    pub(super) fn contingencies<'e>(
        &self,
        pending: impl IntoIterator<Item = (u32, &'e PendingChange)>,
    ) -> Result<Vec<Contingency>, RunAbort> {
        let now = self.ports.clock.now();
        let mut groups: Vec<(LedgerRecord, Vec<u32>)> = Vec::new();
        for (position, change) in pending {
            let mut failing = self.failing(now, change.before.as_ref(), None, NOT_APPLIED);
            failing.unheard = Some((change.effect, change.reason.to_owned()));
            match groups.iter_mut().find(|(known, _)| *known == failing) {
                Some((_, changes)) => changes.push(position),
                None => groups.push((failing, vec![position])),
            }
        }
        groups
            .into_iter()
            .map(|(failing, changes)| ledger::unless_applied(changes, &failing))
            .collect()
    }

    /// The store did not take a change. The commit has put the user into the ledger; the code
    /// follows with the next one.
    pub(super) fn refused(&mut self, change: &PendingChange, field: Option<String>, code: &str) {
        let now = self.ports.clock.now();
        let failing = self.failing(now, change.before.as_ref(), field, code);
        self.run.count_failure(failing.field.as_deref(), code);
        self.ledger_in_use = true;
        self.corrections.insert(change.user.clone(), Some(failing));
    }

    /// A change met another version of its contact, and is decided about again. The commit has put
    /// the user into the ledger.
    pub(super) fn in_conflict(&mut self) {
        self.ledger_in_use = true;
    }

    /// Somebody's contact kept changing.
    pub(super) fn give_up(&mut self, user: &ObjectId, code: &str) -> Result<(), RunAbort> {
        let known = self.known(std::iter::once(user))?;
        let now = self.ports.clock.now();
        let failing = self.failing(now, known.get(user), None, code);
        self.run.count_failure(None, code);
        self.corrections.insert(user.clone(), Some(failing));
        Ok(())
    }

    /// Nothing is to be taken away from somebody any more, or it is done: no limit holds it back.
    pub(super) fn held_no_more(&self, user: &ObjectId) -> Option<StateWrite> {
        self.held_in_use.then(|| Held::forget(user))
    }

    /// Whether a limit held anything back in an earlier run.
    pub(super) fn any_held(&self) -> bool {
        self.held_in_use
    }

    /// Somebody who was in the ledger is settled: written, or nothing is left to write.
    pub(super) fn settled(&mut self, user: &ObjectId) -> StateWrite {
        self.corrections.remove(user);
        ledger::forget(user)
    }

    /// Somebody whom the commit has put into the ledger has nothing left to be done; said with the
    /// next commit.
    pub(super) fn correct_settled(&mut self, user: &ObjectId) {
        self.corrections.insert(user.clone(), None);
    }

    /// Adds the requests made since the last time to the record, and what is to be said of how they were let in.
    pub(super) fn measure(&mut self, session: &Session<'_>) {
        let usage = session.take_usage();
        self.run.requests += usage.requests;
        self.run.throttled_ms += usage.throttled.as_millis() as u64;
        for remark in session.remarks() {
            self.run.remark_on_the_way(remark);
        }
    }

    /// The corrections of the ledger that must go into the next commit.
    pub(super) fn corrections(&self) -> Result<Vec<StateWrite>, RunAbort> {
        self.corrections
            .iter()
            .map(|(user, correction)| match correction {
                Some(failing) => ledger::save(user, failing),
                None => Ok(ledger::forget(user)),
            })
            .collect()
    }

    /// The corrections are durable.
    pub(super) fn corrected(&mut self) {
        self.corrections = Map::new();
    }

    /// The record as it stands.
    pub(super) fn record(&self) -> Result<StateWrite, RunAbort> {
        save_current_run(&self.run)
    }
}
