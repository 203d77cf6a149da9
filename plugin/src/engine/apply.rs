//! The stage of a sync: commits what may be done at once, and stages removals.

use crate::contact::{Change, ContactId, Effect, ObjectId};
use crate::ports::{Level, Outcome};
use crate::reconcile::decision::{Action, Decision};
use crate::report::run::RunRecord;

use super::checkpoint::{Staged, save_current_run};
use super::halt::Halt;
use super::removals;
use super::session::Session;
use super::stage::{Settlement, Stage};

/// The name under which a sync's sightings are kept; there is one sync at a time.
pub(super) const SYNC_ROUND: &str = "sync";

/// Writes to the store and counts in the run's record.
pub(super) struct Apply<'s, 'a> {
    pub(super) session: &'s Session<'a>,
    pub(super) run: &'s mut RunRecord,
}

/// What a change is counted as once the store has done it.
struct Pending {
    user: ObjectId,
    effect: Effect,
    reason: &'static str,
}

impl Stage for Apply<'_, '_> {
    fn settle(&mut self, settlement: Settlement<'_>) -> Result<Vec<ObjectId>, Halt> {
        let mut commit = self.session.commit();
        commit.sightings = settlement.sightings;
        let mut pending = Vec::new();
        for decision in settlement.decisions {
            self.run
                .remark(&decision, |position| self.session.label(position));
            self.run.count_decision(&decision);
            if let Action::Remove(removal) = decision.action {
                let reason = decision.reason;
                commit.state.push(Staged { removal, reason }.save()?);
                continue;
            }
            if settlement.round.staged {
                // A removal that an earlier page staged is void: this page shows the user again.
                commit.state.push(Staged::forget(&decision.object_id));
            }
            if let Some((waiting, change)) = addition(decision) {
                pending.push(waiting);
                commit.changes.push(change);
            }
        }
        for _ in 0..settlement.nameless {
            self.run.count_failure(None, "user-without-id");
        }
        self.measure();
        // The record goes into the commit as it will be if the store takes everything; what the
        // store says otherwise is corrected below, and saved with the next commit.
        let corrected = self.run.clone();
        for waiting in &pending {
            self.run.count(waiting.effect, waiting.reason);
        }
        commit.state.push(save_current_run(self.run)?);
        commit.state.push(settlement.round.save()?);
        let outcomes = self.session.ports.store.apply(commit)?;
        if outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Applied { .. }))
            && outcomes.len() == pending.len()
        {
            return Ok(Vec::new());
        }
        *self.run = corrected;
        Ok(self.count_outcomes(pending, outcomes))
    }

    fn give_up(&mut self, users: &[ObjectId]) {
        for user in users {
            self.log_failure(user, "version-conflict");
            self.run.count_failure(None, "version-conflict");
        }
    }

    fn start_over(&mut self) -> Result<(), Halt> {
        removals::discard(self.session)
    }

    fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, Halt> {
        Ok(Vec::new())
    }

    fn round_name(&self) -> &'static str {
        SYNC_ROUND
    }
}

impl Apply<'_, '_> {
    /// Counts what the store did, change by change; the users whose contacts had changed meanwhile.
    fn count_outcomes(&mut self, pending: Vec<Pending>, outcomes: Vec<Outcome>) -> Vec<ObjectId> {
        let mut conflicts = Vec::new();
        let mut outcomes = outcomes.into_iter();
        for waiting in pending {
            match outcomes.next() {
                Some(Outcome::Applied { .. }) => self.run.count(waiting.effect, waiting.reason),
                Some(Outcome::Conflict(_)) => conflicts.push(waiting.user),
                Some(Outcome::Refused { field, code }) => {
                    self.log_failure(&waiting.user, &code);
                    self.run.count_failure(field.as_deref(), &code);
                }
                None => {
                    self.log_failure(&waiting.user, "store-gave-no-outcome");
                    self.run.count_failure(None, "store-gave-no-outcome");
                }
            }
        }
        conflicts
    }

    /// Adds the requests made since the last time to the record.
    pub(super) fn measure(&mut self) {
        let usage = self.session.take_usage();
        self.run.requests += usage.requests;
        self.run.throttled_ms += usage.throttled.as_millis() as u64;
    }

    fn log_failure(&self, user: &ObjectId, code: &str) {
        let fields = [("object-id", user.to_string()), ("code", code.to_owned())];
        self.session
            .ports
            .control
            .log(Level::Warn, "record-not-written", &fields);
    }
}

fn addition(decision: Decision) -> Option<(Pending, Change)> {
    let effect = decision.effect()?;
    let Action::Add(addition) = decision.action else {
        return None;
    };
    let pending = Pending {
        user: decision.object_id,
        effect,
        reason: decision.reason.code(),
    };
    Some((pending, addition.into()))
}
