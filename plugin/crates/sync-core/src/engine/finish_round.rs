//! What a round does once every page was read: decide about those who had to wait, ask for people who could not be
//! written before, ask for linked people who were not seen.

use guest_kit::ordered;

use crate::contact::ObjectId;
use crate::mapping::person::Item;
use crate::reconcile::decision::Decision;
use crate::reconcile::finding::Finding;
use crate::run::RunMode;
use crate::settings::Removing;

use super::checkpoint::{Round, Step};
use super::guests;
use super::ledger;
use super::nobodys;
use super::org_contacts;
use super::page::RoundPhase;
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::stage::Settlement;
use super::staged::Deferred;
use super::stepped::Stepped;
use super::verify::{Verified, decide_absent, fetch_by_id, unless_lately};

/// People asked for by id at a time: five `$batch` requests of 20.
const ASKED: u32 = 100;
/// People who had to wait, decided about at a time.
const AT_ONCE: u32 = 500;
/// People of the ledger that one run asks for, at most.
const RETRIES: u32 = 1_000;

impl Reading<'_, '_> {
    /// Decides about the next people who had to wait, the smallest object ids first.
    pub(super) fn settle_waiting(
        &mut self,
        round: &Round,
        delta_link: &str,
    ) -> Result<Stepped, RunAbort> {
        let mut next = round.clone();
        let waiting = if round.waiting {
            let (state, limit) = (self.session.ports.state, AT_ONCE);
            Deferred::page(state, self.stage.round_name(), limit)?
        } else {
            Vec::new()
        };
        if waiting.is_empty() {
            next.waiting = false;
            next.step = Step::Retrying {
                after: None,
                asked: 0,
                delta_link: delta_link.to_owned(),
            };
            return Ok(Stepped::Passed(next));
        }
        let mut asked = Vec::new();
        let mut people = Vec::new();
        for (user, waiting) in waiting {
            match waiting {
                Deferred::Link(person) => people.push(Item::Live(*person)),
                Deferred::Ask => asked.push(user),
            }
        }
        self.settle_verified(&asked, people, round, next)
            .map(Stepped::Settled)
    }

    /// What follows once everybody was asked for who could not be written before.
    fn after_retrying(&self, round: &Round, delta_link: &str) -> Result<Step, RunAbort> {
        let delta_link = delta_link.to_owned();
        let policies = &self.session.settings.policies;
        let asks = policies.removed != Removing::Keep;
        let verifies = round.mode == RunMode::Full
            && round.known_links > 0
            && (asks
                || (policies.left_scope != Removing::Keep
                    && org_contacts::may_leave(self.session)?));
        Ok(if verifies {
            Step::Verifying {
                after: None,
                delta_link,
            }
        } else {
            nobodys::after_all(self.session, &delta_link)
        })
    }

    /// Asks for the next people who could not be written before, and whom this run has not met.
    pub(super) fn retry(
        &mut self,
        round: &Round,
        after: Option<&ObjectId>,
        asked: u32,
        delta_link: &str,
    ) -> Result<Stepped, RunAbort> {
        let mut next = round.clone();
        let page = if asked < RETRIES {
            ledger::page(self.session.ports.state, after)?
        } else {
            Vec::new()
        };
        let mut users = Vec::new();
        let mut last = None;
        for entry in page {
            last = Some(entry.object_id.clone());
            let met = self.stage.run_id() == Some(&entry.failing.run);
            // A full round has met everybody: whoever is left is gone, and is to be forgotten.
            let may_be_tried = round.mode == RunMode::Full || !entry.failing.is_given_up();
            if !met && may_be_tried {
                users.push(entry.object_id);
            }
            if users.len() == ASKED as usize {
                break;
            }
        }
        let Some(last) = last else {
            next.step = self.after_retrying(round, delta_link)?;
            return Ok(Stepped::Passed(next));
        };
        next.step = Step::Retrying {
            after: Some(last),
            asked: asked + users.len() as u32,
            delta_link: delta_link.to_owned(),
        };
        if users.is_empty() {
            return Ok(Stepped::Passed(next));
        }
        self.settle_verified(&users, Vec::new(), round, next)
            .map(Stepped::Settled)
    }

    /// Asks for people by id, and settles what is found together with others who are known already.
    pub(super) fn settle_verified(
        &mut self,
        users: &[ObjectId],
        known: Vec<Item>,
        before: &Round,
        mut after: Round,
    ) -> Result<Round, RunAbort> {
        let Verified { there, not_there } = if users.is_empty() {
            Verified::default()
        } else {
            fetch_by_id(&*self.people, users)?
        };
        let mut people: Vec<_> = known.into_iter().chain(there).collect();
        ordered::sort_by(&mut people, |left, right| {
            left.object_id().cmp(&right.object_id())
        });
        if !not_there.is_empty() {
            let decisions = decide_absent(self.session, not_there)?;
            let mut round = before.clone();
            round.staged |= decisions.iter().any(Decision::takes_away);
            after.staged |= round.staged;
            self.stage.settle(Settlement {
                remembered: Vec::new(),
                decisions,
                deferred: Vec::new(),
                nameless: 0,
                sightings: None,
                round: Some(&round),
            })?;
        }
        let people = self.people_on(people)?;
        self.settle(&people, RoundPhase::Complete, before, after)
    }

    /// Asks for the next linked people whom the round did not show.
    pub(super) fn verify(
        &mut self,
        round: &Round,
        after: Option<&ObjectId>,
        delta_link: &str,
    ) -> Result<Stepped, RunAbort> {
        let session = self.session;
        let unseen = session.ports.store.unseen(
            &session.source,
            self.stage.round_name(),
            after,
            ASKED,
            &session.fields,
        )?;
        let mut next = round.clone();
        let users: Vec<_> = unseen
            .iter()
            .filter_map(|contact| contact.link.as_ref().map(|link| link.object_id.clone()))
            .collect();
        let Some(last) = users.last() else {
            next.step = nobodys::after_all(session, delta_link);
            return Ok(Stepped::Passed(next));
        };
        next.step = Step::Verifying {
            after: Some(last.clone()),
            delta_link: delta_link.to_owned(),
        };
        // Whoever is not to be taken away when the directory has them no more need not be asked for.
        let asks = session.settings.policies.removed != Removing::Keep;
        let left_out = org_contacts::left_out(session, &users)?;
        let asked: Vec<_> = users
            .iter()
            .filter(|user| asks && !left_out.contains(user))
            .cloned()
            .collect();
        let mut findings = session.directory.whereabouts(&asked)?.into_iter();
        let lately = guests::lately_among(session.ports, &asked)?;
        let rules = session.rules();
        let decide = |(user, contact)| {
            let finding = match left_out.contains(user) {
                true => Finding::OtherKind,
                false if asks => unless_lately(&lately, user, findings.next()?),
                false => return None,
            };
            Some(rules.unseen(user, contact, finding))
        };
        let decisions: Vec<_> = users.iter().zip(&unseen).filter_map(decide).collect();
        next.staged |= decisions.iter().any(Decision::takes_away);
        self.stage.settle(Settlement {
            remembered: Vec::new(),
            decisions,
            deferred: Vec::new(),
            nameless: 0,
            sightings: None,
            round: Some(&next),
        })?;
        Ok(Stepped::Settled(next))
    }
}
