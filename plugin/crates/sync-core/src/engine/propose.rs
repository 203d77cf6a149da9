//! The stage of a plan: puts every decision into the host's plan, and writes no contact.

use crate::contact::{ContactId, ObjectId};
use crate::ports::{PlanEntry, StateWrite};
use crate::reconcile::decision::{Decision, amended, is_failure, stands_on_properties, taken_away};
use crate::run::{RunRecord, RunWarning};
use guest_kit::ordered::{Map, Set};

use super::checkpoint::Round;
use super::format;
use super::ledger;
use super::removals;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::{Settlement, Stage};
use super::staged::Deferred;

/// The name under which a plan's sightings are kept, apart from those of a sync between two slices.
pub(super) const PLAN_ROUND: &str = "plan";

/// Writes to the plan, and keeps remarks in a record that is never saved.
pub(super) struct Propose<'s, 'a> {
    pub(super) session: &'s Session<'a>,
    pub(super) remarks: &'s mut RunRecord,
}

impl Propose<'_, '_> {
    /// What the plan has already of people whom this page states only in part.
    fn put_earlier(&self, decisions: &[Decision]) -> Result<Map<ObjectId, PlanEntry>, RunAbort> {
        let partial: Vec<_> = decisions
            .iter()
            .filter(|decision| decision.is_partial)
            .map(|decision| decision.object_id.clone())
            .collect();
        if partial.is_empty() {
            return Ok(Map::new());
        }
        let entries = self.session.ports.plan.entries(None, &partial)?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.object_id.clone(), entry))
            .collect())
    }
}

impl Stage for Propose<'_, '_> {
    fn settle(&mut self, settlement: Settlement<'_>) -> Result<Vec<ObjectId>, RunAbort> {
        let mut entries = Vec::with_capacity(settlement.decisions.len());
        let earlier = self.put_earlier(&settlement.decisions)?;
        let decided: Vec<_> = settlement
            .decisions
            .iter()
            .map(|decision| decision.object_id.clone())
            .collect();
        for decision in settlement.decisions {
            self.remarks
                .remark(&decision, |position| self.session.label(position));
            let earlier = earlier.get(&decision.object_id).cloned();
            let entry = decision.into_plan_entry();
            entries.push(match earlier {
                Some(earlier) => amended(earlier, entry),
                None => entry,
            });
        }
        for _ in 0..settlement.nameless {
            self.remarks.count_failure(None, "user-without-id");
        }
        if !entries.is_empty() {
            self.session.ports.plan.put(entries)?;
        }
        let mut commit = self.session.commit();
        commit.sightings = settlement.sightings;
        if settlement.round.is_some_and(|round| round.waiting) {
            commit.state = decided
                .iter()
                .flat_map(|user| {
                    Deferred::forget(PLAN_ROUND, user, self.session.settings.org_contacts)
                })
                .collect();
        }
        for (user, waiting) in &settlement.deferred {
            commit.state.push(waiting.save(PLAN_ROUND, user)?);
        }
        if commit.sightings.is_some() || !commit.state.is_empty() {
            format::commit(self.session.ports, commit)?;
        }
        Ok(Vec::new())
    }

    fn keep(&mut self, state: Vec<StateWrite>, _: Option<&Round>) -> Result<(), RunAbort> {
        if state.is_empty() {
            return Ok(());
        }
        let mut commit = self.session.commit();
        commit.state = state;
        format::commit(self.session.ports, commit)?;
        Ok(())
    }

    fn remark_groups(&mut self, remarks: Vec<RunWarning>) {
        self.remarks.groups = remarks;
    }

    fn approved_block(&self) -> Option<&str> {
        None
    }

    fn give_up(&mut self, _: &[ObjectId]) -> Result<(), RunAbort> {
        Ok(())
    }

    /// What was put stays: whoever is read again replaces it.
    fn start_over(&mut self) -> Result<(), RunAbort> {
        removals::discard_waiting(self.session.ports, &self.session.source, PLAN_ROUND)
    }

    fn taken(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
        let entries = self.session.ports.plan.entries(None, users)?;
        Ok(entries
            .into_iter()
            .filter_map(taken_away)
            .filter(stands_on_properties)
            .map(|entry| entry.object_id)
            .collect())
    }

    fn unwritten(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
        let ports = self.session.ports;
        let before = ledger::of(ports.state, users.iter())?;
        let planned = ports.plan.entries(None, users)?.into_iter();
        let now = planned.filter(is_failure).map(|entry| entry.object_id);
        let unwritten = Set::from_iter(before.into_keys().chain(now));
        Ok(unwritten.into_iter().collect())
    }

    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, RunAbort> {
        Ok(self.session.ports.plan.claimed(contacts)?)
    }

    fn round_name(&self) -> &'static str {
        PLAN_ROUND
    }

    fn shows_people(&self) -> bool {
        true
    }

    /// A plan says which contact it is that stays as it is.
    fn knows_contacts_again(&self) -> bool {
        false
    }

    fn run_id(&self) -> Option<&str> {
        None
    }
}
