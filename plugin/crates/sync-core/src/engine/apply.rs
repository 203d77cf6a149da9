//! The stage of a sync: commits what may be done at once, and stages what has to wait.

use crate::contact::{ContactId, Effect, Invitation, ObjectId, Reasoned, Who};
use crate::mapping::person::PersonKind;
use crate::ports::{Commit, Level, Marked, Marking, Note, Outcome, PlanEntry, StateWrite};
use crate::reconcile::approval::same_change;
use crate::reconcile::decision::{Action, Addition, Decision, stands_on_properties, taken_away};
use crate::reconcile::reason::Reason;
use crate::run::ledger::LedgerRecord;
use crate::run::{RunMode, RunWarning};
use guest_kit::ordered::{Map, Set};

use super::checkpoint::Round;
use super::edited;
use super::format;
use super::guests;
use super::org_contacts;
use super::removals;
use super::run_abort::RunAbort;
use super::run_log::{PendingChange, RunLog};
use super::session::Session;
use super::stage::{Settlement, Stage};
use super::staged::{Deferred, Staged};

/// The name under which a sync's sightings are kept; there is one sync at a time.
pub(super) const SYNC_ROUND: &str = "sync";

/// The last changes to somebody that are looked through for those of this run.
const RECENT: u32 = 20;

/// Writes to the store, and to the log of the run.
pub(super) struct Apply<'s, 'a> {
    pub(super) session: &'s Session<'a>,
    pub(super) run_log: &'s mut RunLog<'a>,
    /// The digest of the plan that alone may be performed.
    pub(super) approved: Option<&'s str>,
    /// The digest of what a limit stopped, where that is approved.
    pub(super) approved_block: Option<&'s str>,
}

impl Stage for Apply<'_, '_> {
    fn settle(&mut self, settlement: Settlement<'_>) -> Result<Vec<ObjectId>, RunAbort> {
        let mut decisions = settlement.decisions;
        let planned = self.hold_to_the_plan(&mut decisions)?;
        let known = self
            .run_log
            .known(decisions.iter().map(|decision| &decision.object_id))?;
        let mut page = PageCommit {
            commit: self.session.commit_of(&self.run_log.run),
            pending: Vec::new(),
            staged_before: settlement.round.is_some_and(|round| round.staged),
            counted_before: Vec::new(),
            waiting_before: settlement.round.is_some_and(|round| round.waiting),
        };
        if page.staged_before {
            page.counted_before = self.counted_already(&decisions)?;
        }
        page.commit.sightings = settlement.sightings;
        page.commit.state = self.run_log.corrections()?;
        page.commit.state.extend(settlement.remembered);
        for decision in decisions {
            self.run_log
                .run
                .remark(&decision, |position| self.session.label(position));
            let before = known.get(&decision.object_id);
            if self.is_counted_now(&decision, before, &planned) {
                self.run_log.run.count_decision(&decision);
            }
            self.enter(&mut page, decision, before)?;
        }
        for (user, waiting) in settlement.deferred {
            // Whoever is asked for may have something staged; it stands until the answer is there.
            if page.staged_before && matches!(waiting, Deferred::Link(_)) {
                page.commit.state.push(Staged::forget(&user));
            }
            page.commit.state.push(waiting.save(SYNC_ROUND, &user)?);
        }
        for _ in 0..settlement.nameless {
            self.run_log.run.count_failure(None, "user-without-id");
        }
        if let Some(round) = settlement.round {
            page.commit.state.push(round.save()?);
            page.commit.state.extend(self.session.renamed(round)?);
        }
        self.commit(page)
    }

    fn keep(&mut self, state: Vec<StateWrite>, round: Option<&Round>) -> Result<(), RunAbort> {
        self.measure();
        let mut commit = self.session.commit_of(&self.run_log.run);
        commit.state = self.run_log.corrections()?;
        commit.state.extend(state);
        if let Some(round) = round {
            commit.state.push(round.save()?);
        }
        commit.state.push(self.run_log.record()?);
        format::commit(self.session.ports, commit)?;
        self.run_log.corrected();
        Ok(())
    }

    fn remark_groups(&mut self, remarks: Vec<RunWarning>) {
        self.run_log.run.groups = remarks;
    }

    fn approved_block(&self) -> Option<&str> {
        self.approved_block
    }

    fn give_up(&mut self, users: &[ObjectId]) -> Result<(), RunAbort> {
        for user in users {
            self.log_failure(user, "version-conflict");
            self.run_log.give_up(user, "version-conflict")?;
        }
        Ok(())
    }

    fn start_over(&mut self) -> Result<(), RunAbort> {
        removals::discard(self.session, SYNC_ROUND)
    }

    fn taken(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
        let staged = Staged::of(self.session.ports.state, users)?;
        Ok(staged
            .into_iter()
            .map(Staged::into_plan_entry)
            .filter(stands_on_properties)
            .map(|entry| entry.object_id)
            .collect())
    }

    fn unwritten(&self, users: &[ObjectId]) -> Result<Vec<ObjectId>, RunAbort> {
        Ok(self.run_log.known(users.iter())?.into_keys().collect())
    }

    fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, RunAbort> {
        Ok(Vec::new())
    }

    fn round_name(&self) -> &'static str {
        SYNC_ROUND
    }

    fn shows_people(&self) -> bool {
        false
    }

    fn knows_contacts_again(&self) -> bool {
        true
    }

    fn run_id(&self) -> Option<&str> {
        Some(&self.run_log.run.id)
    }
}

/// A page's effects, as they come together.
struct PageCommit {
    commit: Commit,
    /// One for each change of the commit.
    pending: Vec<PendingChange>,
    /// Earlier pages may have staged something about the same people.
    staged_before: bool,
    /// People whose turn an earlier page has counted, and with whom it was not over.
    counted_before: Vec<ObjectId>,
    /// Earlier pages may have let the same people wait.
    waiting_before: bool,
}

impl Apply<'_, '_> {
    /// Of an approved plan's sync, whatever is not exactly an approved change becomes a skip. The users
    /// of the page whom the plan is to change: what became of them is told when the run ends.
    fn hold_to_the_plan(&self, decisions: &mut [Decision]) -> Result<Set<ObjectId>, RunAbort> {
        let Some(plan) = self.approved else {
            return Ok(Set::new());
        };
        let users: Vec<_> = decisions
            .iter()
            .map(|decision| decision.object_id.clone())
            .collect();
        let approved: Map<_, _> = self
            .session
            .ports
            .plan
            .entries(Some(plan), &users)?
            .into_iter()
            .map(|entry| (entry.object_id.clone(), entry))
            .collect();
        let mut planned: Set<_> = approved.keys().cloned().collect();
        for decision in decisions {
            if !decision.changes_something() {
                continue;
            }
            let user = decision.object_id.clone();
            let entry = decision.clone().into_plan_entry();
            let reason = match approved.get(&user) {
                Some(approved) if same_change(approved, &entry) => continue,
                Some(approved) if self.is_the_rest(decision, approved, &entry)? => continue,
                Some(_) if !self.has_changed(&user)? => Reason::Drifted,
                // Approved and done, and the directory has changed once more since.
                _ => {
                    planned.remove(&user);
                    Reason::NotApproved
                }
            };
            *decision = Decision::plain(user, Action::Skip(entry.contact), reason);
        }
        Ok(planned)
    }

    /// Whether all that is left to be done of an approved change is to empty the fields that wait: what
    /// could be done at once was done when an earlier page showed the user.
    fn is_the_rest(
        &self,
        decision: &Decision,
        approved: &PlanEntry,
        now: &PlanEntry,
    ) -> Result<bool, RunAbort> {
        let rest = taken_away(approved.clone());
        let is_rest =
            decision.action == Action::Wait && rest.is_some_and(|rest| same_change(&rest, now));
        Ok(is_rest && self.has_changed(&decision.object_id)?)
    }

    /// Whether this run has changed the user's contact already.
    fn has_changed(&self, user: &ObjectId) -> Result<bool, RunAbort> {
        let (store, who) = (self.session.ports.store, Who::User(user.clone()));
        let journal = store.journal(&self.session.source, &who, RECENT)?;
        let run = Some(self.run_log.run.id.as_str());
        Ok(journal.iter().any(|entry| entry.run.as_deref() == run))
    }

    /// Whether a decision that is final as it stands is counted with its page. Somebody whom an approved
    /// plan is to change is counted once: as changed, as failed, or, at the end, as drifted.
    fn is_counted_now(
        &self,
        decision: &Decision,
        before: Option<&LedgerRecord>,
        planned: &Set<ObjectId>,
    ) -> bool {
        let failed_before = before.is_some_and(|failing| failing.run == self.run_log.run.id);
        match decision.action {
            _ if !planned.contains(&decision.object_id) => true,
            Action::Fail { .. } => !failed_before,
            _ => false,
        }
    }

    /// Of the people for whom all that is to be done is to empty fields: those whose turn was counted by
    /// an earlier page, with what that one wrote at once. They come by again, and change no more.
    fn counted_already(&mut self, decisions: &[Decision]) -> Result<Vec<ObjectId>, RunAbort> {
        let waiting: Vec<_> = decisions
            .iter()
            .filter(|decision| decision.action == Action::Wait)
            .map(|decision| decision.object_id.clone())
            .collect();
        if waiting.is_empty() {
            return Ok(waiting);
        }
        let staged = Staged::of(self.session.ports.state, &waiting)?;
        let counted: Vec<_> = staged
            .into_iter()
            .filter(|staged| matches!(staged, Staged::Update { counted: true, .. }))
            .map(|staged| staged.object_id().clone())
            .collect();
        // Whoever a plan is to change is counted once.
        let again = counted.iter().filter(|_| self.approved.is_none());
        for _ in again {
            self.run_log
                .run
                .count(Effect::Unchanged, Reason::InStep.code());
        }
        Ok(counted)
    }

    /// Puts one decision into the page's commit.
    fn enter(
        &mut self,
        page: &mut PageCommit,
        mut decision: Decision,
        before: Option<&LedgerRecord>,
    ) -> Result<(), RunAbort> {
        let state = &mut page.commit.state;
        // What an earlier page let wait is void: this page shows the user again.
        if page.waiting_before {
            let (user, settings) = (&decision.object_id, self.session.settings);
            state.extend(Deferred::forget(SYNC_ROUND, user, settings.org_contacts));
        }
        let counted_before = page.counted_before.contains(&decision.object_id);
        let takes_away = decision.takes_away();
        if !takes_away {
            state.extend(self.run_log.held_no_more(&decision.object_id));
        }
        // The staging area holds the last word about a user: of two pages, the later one counts. Where the
        // round has staged nothing so far there is nothing to take back, and a page of people in step
        // writes no state for each of them.
        match staged(&mut decision, counted_before) {
            Some(staged) => state.push(staged.save()?),
            None if page.staged_before => state.push(Staged::forget(&decision.object_id)),
            None => {}
        }
        if self.session.tells_edits {
            // In a full round somebody waits for almost any reason.
            let run = &self.run_log.run;
            let was_asked = page.waiting_before && run.mode == RunMode::Incremental;
            let now = self.session.ports.clock.now();
            state.extend(edited::to_compare(&decision, was_asked, &run.id, now));
        }
        if decision.reason == Reason::InvitedLately {
            state.push(edited::ask_next(&decision.object_id));
        }
        if let (Some(_), Action::Add(Addition::Link(link))) =
            (&self.session.guests, &decision.action)
        {
            // What was noted of the contact while it was nobody's.
            let contact = &link.contact.contact;
            state.push(guests::forget_passed(contact));
            page.commit.settled.push(Invitation::stand_in(contact));
        }
        // Of whoever was decided about before it is known already.
        let notes_kind = decision.kind == PersonKind::OrgContact
            && match &decision.action {
                Action::Add(addition) => !matches!(addition, Addition::Update(_)),
                Action::Skip(_) | Action::Fail { .. } => true,
                _ => false,
            };
        if notes_kind {
            state.push(org_contacts::note(&decision.object_id)?);
        }
        match &decision.action {
            Action::Fail { field, code } => {
                self.log_failure(&decision.object_id, code);
                let (user, field) = (&decision.object_id, field.as_deref());
                state.push(self.run_log.enter_failure(user, before, field, code)?);
            }
            _ if before.is_some() => state.push(self.run_log.settled(&decision.object_id)),
            _ => {}
        }
        match note(&decision) {
            Some(note) => page.commit.notes.push(note),
            // Until it is done, what was noted before holds: perhaps that a limit holds it back.
            None if takes_away => {}
            // Nothing was noted since the contact was found in step, or the store would not say so.
            None if decision.action == Action::Same => {}
            None => page.commit.settled.push(decision.object_id.clone()),
        }
        if let (Some(mark), Action::Leave(contact)) = (decision.mark, &decision.action) {
            let what = Marked::Contact(contact.clone());
            page.commit.marks.push(Marking { what, mark });
        }
        if let Some(effect) = decision.effect()
            && let Action::Add(addition) = decision.action
        {
            let reason = decision.reason.code();
            if let Some(mark) = decision.mark {
                let what = Marked::Change(page.commit.changes.len() as u32);
                page.commit.marks.push(Marking { what, mark });
            }
            page.commit.changes.push(Reasoned {
                change: addition.into(),
                reason,
            });
            page.pending.push(PendingChange {
                user: decision.object_id,
                effect,
                reason,
                before: before.cloned(),
            });
        }
        Ok(())
    }

    /// Commits a page with the record as it will be if the store takes everything; what the store says
    /// otherwise is corrected afterwards, and saved with the next commit.
    fn commit(&mut self, page: PageCommit) -> Result<Vec<ObjectId>, RunAbort> {
        let PageCommit {
            mut commit,
            pending,
            ..
        } = page;
        self.measure();
        let uncounted = self.run_log.run.clone();
        for change in &pending {
            self.run_log.run.count(change.effect, change.reason);
        }
        // Should this process end before it hears that the store refused, the next one finds the user in
        // the ledger, and takes the count back.
        commit.otherwise = self.run_log.contingencies((0..).zip(&pending))?;
        commit.state.push(self.run_log.record()?);
        let outcomes = format::commit(self.session.ports, commit)?;
        self.run_log.corrected();
        self.run_log.run = uncounted;
        Ok(self.count_outcomes(pending, outcomes))
    }

    /// Counts what the store did, change by change; the users whose contacts had changed meanwhile.
    fn count_outcomes(
        &mut self,
        pending: Vec<PendingChange>,
        outcomes: Vec<Outcome>,
    ) -> Vec<ObjectId> {
        let mut conflicts = Vec::new();
        let mut outcomes = outcomes.into_iter();
        for change in pending {
            match outcomes.next() {
                Some(Outcome::Applied { .. }) => {
                    self.run_log.run.count(change.effect, change.reason);
                }
                Some(Outcome::Conflict(_)) => {
                    self.run_log.in_conflict();
                    conflicts.push(change.user);
                }
                Some(Outcome::Refused { field, code }) => {
                    self.log_failure(&change.user, &code);
                    self.run_log.refused(&change, field, &code);
                }
                None => {
                    self.log_failure(&change.user, "store-gave-no-outcome");
                    self.run_log.refused(&change, None, "store-gave-no-outcome");
                }
            }
        }
        conflicts
    }

    /// Adds the requests made since the last time to the record.
    pub(super) fn measure(&mut self) {
        self.run_log.measure(self.session);
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
fn staged(decision: &mut Decision, counted_before: bool) -> Option<Staged> {
    if let Some(update) = decision.staged.take() {
        let counted = counted_before || matches!(decision.action, Action::Add(_));
        return Some(Staged::Update { update, counted });
    }
    match &decision.action {
        Action::Remove(removal) => Some(Staged::Removal {
            removal: removal.clone(),
            reason: decision.reason,
        }),
        Action::Invite(invitation) => Some(Staged::Invitation {
            invitation: invitation.clone(),
        }),
        _ => None,
    }
}

/// Why the decision changes nothing, where an administrator may ask.
fn note(decision: &Decision) -> Option<Note> {
    let (contact, reason) = match &decision.action {
        // Who is nowhere any more leaves nothing to ask about but their history.
        Action::Skip(_) if decision.reason == Reason::UnknownUser => return None,
        Action::Skip(contact) => (contact.clone(), decision.reason.code().to_owned()),
        Action::Fail { code, .. } => (None, code.clone()),
        Action::Add(_)
        | Action::Remove(_)
        | Action::Invite(_)
        | Action::Wait
        | Action::Leave(_)
        | Action::Same => {
            return None;
        }
    };
    Some(Note {
        object_id: decision.object_id.clone(),
        address: decision.address.clone(),
        contact,
        reason,
    })
}
