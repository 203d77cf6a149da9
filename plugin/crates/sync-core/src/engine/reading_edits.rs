//! Reads what others wrote here from the store, so that a round which gives the directory something need not look at
//! everybody.
//!
//! It comes before what the directory has changed. Whose base tells what the directory holds is decided about at once;
//! whoever else was edited is asked for, with all others who have to wait. Where a page of changes shows somebody
//! after that of whom the directory is to be given something, or who waits already, they are asked for as a whole:
//! both sides have moved, and one decision has to see both.

use crate::contact::{Contact, ObjectId};
use crate::mapping::person::Item;
use crate::ports::{EditsSince, Level, Query};
use crate::reconcile::approval::same_change;
use crate::reconcile::correlate::Correlation;
use crate::reconcile::decide::Rules;
use guest_kit::ordered::{self, Map};

use super::checkpoint::Round;
use super::given::Given;
use super::page::RoundPhase;
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Settlement;
use super::staged::Deferred;
use super::stepped::Stepped;
use super::{conflicts, edited, org_contacts};

impl Reading<'_, '_> {
    /// Reads the next part of what was edited; `None` where that is done, or is not read.
    pub(super) fn step_of_edits(&mut self, round: &Round) -> Result<Option<Stepped>, RunAbort> {
        let Some(token) = round.edits.as_deref().filter(|_| round.reads_edits) else {
            return Ok(None);
        };
        let session = self.session;
        let limit = session.batch as u32;
        let store = session.ports.store;
        let (users, token) = match store.changed_since(&session.source, Some(token), limit)? {
            EditsSince::Edits { users, next } => (users, next),
            EditsSince::TokenLost => {
                let why = [("why", "edits".to_owned())];
                let control = session.ports.control;
                control.log(Level::Info, "round-restarted", &why);
                let again = self.restart(round, round.restarts)?;
                return Ok(Some(Stepped::Passed(again)));
            }
        };
        let mut next = Round {
            edits: Some(token),
            ..round.clone()
        };
        let (items, asked) = if users.is_empty() {
            next.reads_edits = false;
            (Vec::new(), told_no_more(session)?)
        } else {
            self.tell_apart(users, round)?
        };
        if items.is_empty() && asked.is_empty() {
            return Ok(Some(Stepped::Passed(next)));
        }
        let mut before = round.clone();
        if !asked.is_empty() {
            before.waiting = true;
            before.to_ask += asked.len() as u64;
            (next.waiting, next.to_ask) = (true, before.to_ask);
            let deferred = asked.into_iter().map(|user| (user, Deferred::Ask));
            self.stage.settle(Settlement {
                decisions: Vec::new(),
                remembered: Vec::new(),
                deferred: deferred.collect(),
                nameless: 0,
                sightings: None,
                round: Some(if items.is_empty() { &next } else { &before }),
            })?;
        }
        if !items.is_empty() {
            let people = self.people_on(items)?;
            next = self.settle(&people, RoundPhase::Following, &before, next)?;
        }
        Ok(Some(Stepped::Settled(next)))
    }

    /// Those of the edited whose base tells enough, and those who have to be asked for.
    fn tell_apart(
        &self,
        mut users: Vec<ObjectId>,
        round: &Round,
    ) -> Result<(Vec<Item>, Vec<ObjectId>), RunAbort> {
        if round.asks_edited {
            return Ok((Vec::new(), users));
        }
        let session = self.session;
        let (state, rules) = (session.ports.state, session.rules());
        let approved = match &round.approved {
            Some(plan) => session.ports.plan.entries(Some(plan), &users)?,
            None => Vec::new(),
        };
        let given = Given::lately_of(state, users.iter())?;
        let others = org_contacts::known(state, &users)?;
        // Of these the base says what both sides have moved away from.
        let contested = conflicts::of(state, &users)?;
        let open = edited::open_among(state, &users)?;
        let contacts = session.ports.store.lookup(&Query {
            source: session.source.clone(),
            object_ids: users.clone(),
            fields: session.fields.clone(),
            ..Query::default()
        })?;
        let mut items = Vec::with_capacity(contacts.len());
        for contact in &contacts {
            let person = rules.as_last_reconciled(contact).filter(|person| {
                // Of somebody whom an approved plan is to change otherwise, it knew more than the base.
                let mut planned = approved.iter();
                let planned = planned.find(|entry| entry.object_id == person.object_id);
                let is_as_approved = planned.is_none_or(|approved| {
                    let decision = rules.live(person, Correlation::Linked(contact));
                    same_change(approved, &decision.into_plan_entry())
                });
                let is_told = !others.contains(&person.object_id)
                    && !contested.contains(&person.object_id)
                    && !open.contains(&person.object_id);
                is_told && is_as_approved && is_agreed(&rules, contact, &given)
            });
            items.extend(person.map(Item::Live));
        }
        users.retain(|user| items.iter().all(|item| item.object_id() != Some(user)));
        Ok((items, users))
    }
}

/// Whether the base has moved to what the directory was given last. Otherwise whoever gave it has not come to that,
/// and the directory may hold something else.
fn is_agreed(rules: &Rules<'_>, contact: &Contact, given: &Map<ObjectId, Given>) -> bool {
    let user = contact.link.as_ref().map(|link| &link.object_id);
    let Some(given) = user.and_then(|user| given.get(user)) else {
        return true;
    };
    let rows = rules.rows.iter();
    let mut rows = rows.filter(|row| row.direction.writes_directory());
    rows.all(|row| given.agrees(row, contact.base(&row.field)))
}

/// Those of whom neither side tells again, and who have to be looked at: what both sides have changed is undecided until
/// somebody has decided, and then to be done; and who was late can be so no longer.
fn told_no_more(session: &Session<'_>) -> Result<Vec<ObjectId>, RunAbort> {
    let mut users = conflicts::users(session.ports.state)?;
    users.extend(edited::no_longer_late(session)?);
    ordered::sort(&mut users);
    users.dedup();
    Ok(users)
}
