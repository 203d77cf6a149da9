//! The stage of a sync: commits what may be done at once, and stages what takes something away.

use crate::contact::{ContactId, Effect, ObjectId, Reasoned};
use crate::ports::{Level, Outcome};
use crate::reconcile::decision::{Action, Decision};
use crate::report::run::RunRecord;

use super::checkpoint::{Staged, save_current_run};
use super::halt::Halt;
use super::session::Session;
use super::stage::{Settlement, Stage};
use super::taking;

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
        for mut decision in settlement.decisions {
            self.run
                .remark(&decision, |position| self.session.label(position));
            self.run.count_decision(&decision);
            match staged(&mut decision) {
                Some(staged) => commit.state.push(staged.save()?),
                // What an earlier page staged is void: this page shows the user again.
                None if settlement.round.staged => {
                    commit.state.push(Staged::forget(&decision.object_id));
                }
                None => {}
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
        let uncounted = self.run.clone();
        for waiting in &pending {
            self.run.count(waiting.effect, waiting.reason);
        }
        commit.state.push(save_current_run(self.run)?);
        commit.state.push(settlement.round.save()?);
        let outcomes = self.session.ports.store.apply(commit)?;
        *self.run = uncounted;
        Ok(self.count_outcomes(pending, outcomes))
    }

    fn give_up(&mut self, users: &[ObjectId]) {
        for user in users {
            self.log_failure(user, "version-conflict");
            self.run.count_failure(None, "version-conflict");
        }
    }

    fn start_over(&mut self) -> Result<(), Halt> {
        taking::discard(self.session)
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

/// What the decision takes away, to wait for its turn.
fn staged(decision: &mut Decision) -> Option<Staged> {
    if let Some(blanking) = decision.blanking.take() {
        let counted = matches!(decision.action, Action::Add(_));
        return Some(Staged::Blanking { blanking, counted });
    }
    match &decision.action {
        Action::Remove(removal) => Some(Staged::Removal {
            removal: removal.clone(),
            reason: decision.reason,
        }),
        _ => None,
    }
}

fn addition(decision: Decision) -> Option<(Pending, Reasoned)> {
    let effect = decision.effect()?;
    let Action::Add(addition) = decision.action else {
        return None;
    };
    let pending = Pending {
        user: decision.object_id,
        effect,
        reason: decision.reason.code(),
    };
    let change = Reasoned {
        change: addition.into(),
        reason: pending.reason,
    };
    Some((pending, change))
}
