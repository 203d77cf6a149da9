//! Invites those who are staged for it, once the [limits](super::breakers) have let it pass.
//!
//! Each is looked at once more, in the store and in the directory, twenty at a time. Then it is noted that they are about
//! to be invited, in a commit of its own, and only then something is sent. What the directory answered is kept in the
//! commit that links the contact to the guest. A process that dies in between finds the note, and looks before anything
//! is sent again; an invitation without an answer is not sent again in this run.

use std::time::Duration;

use crate::contact::{
    Change, Contact, ContactId, Effect, Invitation, LinkContact, Membership, ObjectId, Reasoned,
};
use crate::ports::inviter::{Guest, InviteOutcome, Inviter, PEOPLE_AT_ONCE};
use crate::ports::{Commit, Conflict, Level, Note, Outcome, Query, Timestamp};
use crate::reconcile::guest::{GuestFields, Sent, Verdict, intended, key_of, verdict};
use crate::reconcile::reason::Reason;
use contact_identity::address;
use guest_kit::ordered::Map;

use super::checkpoint::Round;
use super::edited;
use super::finish_run::RUN_PATIENCE;
use super::format;
use super::guests::{self, Memory, SentTo};
use super::run_abort::RunAbort;
use super::run_log::{PendingChange, RunLog};
use super::session::Session;
use super::staged::Staged;

/// How long to wait where the directory does not say it.
const PAUSE: Duration = Duration::from_secs(5);

/// Invites them, as many at a time as one call takes.
pub(super) fn invite(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    round: Option<&Round>,
    staged: &[Invitation],
) -> Result<(), RunAbort> {
    let mut barred = guests::barred(session.ports)?.is_some();
    for portion in staged.chunks(PEOPLE_AT_ONCE) {
        let work = Inviting {
            session,
            now: session.ports.clock.now(),
        };
        match (&session.guests, session.directory.inviter()) {
            (Some(fields), Some(inviter)) if !barred => {
                barred = work.invite(run_log, round, (portion, fields), &*inviter)?;
            }
            _ => work.drop_all(run_log, round, portion)?,
        }
    }
    Ok(())
}

struct Inviting<'s, 'a> {
    session: &'s Session<'a>,
    now: Timestamp,
}

/// One of them on the way.
struct Turn<'i> {
    invitation: &'i Invitation,
    /// The contact, where it is still nobody's and has the address.
    contact: Option<Contact>,
    key: String,
    verdict: Verdict,
}

/// What is to be kept of a portion.
struct Settling {
    commit: Commit,
    /// One for each change of the commit, with the contact.
    pending: Vec<(PendingChange, ContactId)>,
    /// Why the others were passed over.
    passed: Vec<Reason>,
    later: Option<Duration>,
    barred: Option<String>,
}

impl Inviting<'_, '_> {
    /// Whether the tenant has said that nobody can be invited.
    fn invite(
        &self,
        run_log: &mut RunLog<'_>,
        round: Option<&Round>,
        (portion, fields): (&[Invitation], &GuestFields),
        inviter: &dyn Inviter,
    ) -> Result<bool, RunAbort> {
        let mut turns = self.current(portion, fields)?;
        let named = turns
            .iter()
            .map(|turn| (&turn.invitation.contact.contact, &*turn.key));
        let memory = Memory::of(self.session.ports.state, named)?;
        self.judge(&mut turns, fields, &memory, inviter)?;
        let outcomes = self.send(run_log, &turns, &memory, inviter)?;
        let mut outcomes = outcomes.into_iter();
        let mut settling = Settling {
            commit: self.session.commit_of(&run_log.run),
            pending: Vec::new(),
            passed: Vec::new(),
            later: None,
            barred: None,
        };
        settling.commit.state = run_log.corrections()?;
        for turn in &turns {
            match &turn.verdict {
                Verdict::Pass(reason) => self.pass(turn, *reason, &mut settling)?,
                Verdict::Link(user) => self.link(run_log, turn, user, &mut settling)?,
                Verdict::Invite => {
                    let outcome = outcomes.next().unwrap_or_else(no_answer);
                    self.take(run_log, turn, outcome, &memory, &mut settling)?;
                }
            }
        }
        self.keep(run_log, round, settling)
    }

    /// The contacts as they are now.
    fn current<'i>(
        &self,
        portion: &'i [Invitation],
        fields: &GuestFields,
    ) -> Result<Vec<Turn<'i>>, RunAbort> {
        let session = self.session;
        let contacts = session.ports.store.lookup(&Query {
            source: session.source.clone(),
            contacts: portion
                .iter()
                .map(|one| one.contact.contact.clone())
                .collect(),
            fields: fields.names(),
            ..Query::default()
        })?;
        let mut contacts: Map<ContactId, Contact> = contacts
            .into_iter()
            .map(|contact| (contact.id.clone(), contact))
            .collect();
        let turn = |invitation: &'i Invitation| {
            let contact = contacts.remove(&invitation.contact.contact);
            let contact = contact.filter(|contact| still_stands(contact, invitation, fields));
            Turn {
                invitation,
                key: key_of(&invitation.address),
                verdict: Verdict::Pass(Reason::AddressChanged),
                contact,
            }
        };
        Ok(portion.iter().map(turn).collect())
    }

    /// Looks for those who still stand, also where that was done when they were staged: it may be long ago.
    fn judge(
        &self,
        turns: &mut [Turn<'_>],
        fields: &GuestFields,
        memory: &Memory,
        inviter: &dyn Inviter,
    ) -> Result<(), RunAbort> {
        let standing = turns.iter().filter_map(|turn| turn.contact.as_ref());
        let people: Vec<_> = standing.map(|contact| fields.addresses(contact)).collect();
        if people.is_empty() {
            return Ok(());
        }
        let mut accounts = inviter.accounts(&people)?.into_iter();
        for turn in turns.iter_mut().filter(|turn| turn.contact.is_some()) {
            let sent = memory.sent(&turn.key).map(|it| (&it.sent, it.at));
            turn.verdict = match accounts.next() {
                Some(account) => verdict(&account, sent, self.now),
                None => Verdict::Pass(Reason::AccountUnknown),
            };
        }
        Ok(())
    }

    /// Notes that they are about to be invited, and invites them.
    fn send(
        &self,
        run_log: &RunLog<'_>,
        turns: &[Turn<'_>],
        memory: &Memory,
        inviter: &dyn Inviter,
    ) -> Result<Vec<InviteOutcome>, RunAbort> {
        let due: Vec<_> = turns
            .iter()
            .filter(|turn| turn.verdict == Verdict::Invite)
            .collect();
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut commit = self.session.commit_of(&run_log.run);
        for turn in &due {
            let before = memory.sent(&turn.key).map(|before| &before.sent);
            let intended = self.sent(run_log, intended(before));
            commit.state.push(guests::note_sent(&turn.key, &intended)?);
        }
        format::commit(self.session.ports, commit)?;
        let guests = due.iter().map(|turn| Guest {
            address: turn.invitation.address.clone(),
            display_name: turn.invitation.display_name.clone(),
        });
        let outcomes = inviter.invite(&guests.collect::<Vec<_>>());
        match outcomes {
            Ok(outcomes) => Ok(outcomes),
            Err(error) => {
                let mut commit = self.session.commit_of(&run_log.run);
                for turn in &due {
                    let before = memory.sent(&turn.key);
                    commit.state.push(guests::put_back(&turn.key, before)?);
                }
                format::commit(self.session.ports, commit)?;
                Err(error.into())
            }
        }
    }

    fn sent(&self, run_log: &RunLog<'_>, sent: Sent) -> SentTo {
        SentTo {
            sent,
            at: self.now,
            run: run_log.run.id.clone(),
        }
    }

    fn take(
        &self,
        run_log: &mut RunLog<'_>,
        turn: &Turn<'_>,
        outcome: InviteOutcome,
        memory: &Memory,
        settling: &mut Settling,
    ) -> Result<(), RunAbort> {
        let nothing_was_sent = || guests::put_back(&turn.key, memory.sent(&turn.key));
        let reason = match outcome {
            InviteOutcome::Invited(user) => return self.link(run_log, turn, &user, settling),
            InviteOutcome::Later { retry_after, code } => {
                settling.commit.state.push(nothing_was_sent()?);
                let wait = retry_after.unwrap_or(PAUSE);
                if run_log.run.may_wait(wait, RUN_PATIENCE) {
                    // It stays staged, and its turn comes again.
                    settling.later = settling.later.max(Some(wait));
                    return Ok(());
                }
                self.log(turn, "invitation-not-taken", code);
                Reason::AccountUnknown
            }
            InviteOutcome::Refused { code } => {
                settling.commit.state.push(nothing_was_sent()?);
                self.log(turn, "invitation-refused", code);
                Reason::InvitationRefused
            }
            InviteOutcome::Barred { code } => {
                settling.commit.state.push(nothing_was_sent()?);
                settling.barred = Some(code);
                Reason::AccountUnknown
            }
            // What tells of it stays: the next run looks for the guest.
            InviteOutcome::Unknown { code } => {
                self.log(turn, "invitation-unanswered", code);
                Reason::InvitationUnanswered
            }
        };
        self.pass(turn, reason, settling)
    }

    fn log(&self, turn: &Turn<'_>, event: &str, code: String) {
        let contact = turn.invitation.contact.contact.to_string();
        let fields = [("contact", contact), ("code", code)];
        let control = self.session.ports.control;
        control.log(Level::Warn, event, &fields);
    }

    /// Nothing is done about the contact.
    fn pass(
        &self,
        turn: &Turn<'_>,
        reason: Reason,
        settling: &mut Settling,
    ) -> Result<(), RunAbort> {
        let invitation = turn.invitation;
        let contact = &invitation.contact.contact;
        let commit = &mut settling.commit;
        commit.state.push(Staged::forget(&invitation.object_id));
        let passed = guests::note_passed(contact, &turn.key, reason, self.now)?;
        commit.state.extend(passed);
        commit.notes.push(Note {
            object_id: invitation.object_id.clone(),
            address: Some(invitation.address.clone()),
            contact: Some(contact.clone()),
            reason: reason.code().to_owned(),
        });
        settling.passed.push(reason);
        Ok(())
    }

    /// The person is a guest of the directory by now, and the contact is theirs. What the directory holds of them is seen
    /// when it shows them: of that, the base says nothing.
    fn link(
        &self,
        run_log: &RunLog<'_>,
        turn: &Turn<'_>,
        user: &ObjectId,
        settling: &mut Settling,
    ) -> Result<(), RunAbort> {
        let Some(contact) = &turn.contact else {
            return Ok(());
        };
        let invited = self.sent(run_log, Sent::Invited(user.clone()));
        let stand_in = &turn.invitation.object_id;
        let commit = &mut settling.commit;
        commit.state.extend([
            guests::note_sent(&turn.key, &invited)?,
            guests::note_lately(user, self.now)?,
            guests::forget_passed(&contact.id),
            edited::note_open(user),
            // What a page of changes leaves out of a new guest is no value: the guest is asked for as a whole.
            edited::ask_next(user),
            Staged::forget(stand_in),
        ]);
        commit.state.extend(run_log.held_no_more(stand_in));
        commit.settled.push(stand_in.clone());
        commit.changes.push(Reasoned {
            change: Change::Link(LinkContact {
                contact: contact.precondition(),
                object_id: user.clone(),
                writes: Vec::new(),
                base: Vec::new(),
                membership: Membership::default(),
                reactivate: false,
            }),
            reason: Reason::Invited.code(),
        });
        let pending = PendingChange {
            user: user.clone(),
            effect: Effect::Invite,
            reason: Reason::Invited.code(),
            before: None,
        };
        settling.pending.push((pending, contact.id.clone()));
        Ok(())
    }

    /// Commits, and counts what the store says. Whether the tenant has said that nobody can be invited.
    fn keep(
        &self,
        run_log: &mut RunLog<'_>,
        round: Option<&Round>,
        settling: Settling,
    ) -> Result<bool, RunAbort> {
        let Settling {
            mut commit,
            pending,
            passed,
            later,
            barred,
        } = settling;
        if let Some(code) = &barred {
            commit.state.push(guests::note_barred(code, self.now)?);
            run_log.run.remark_on_the_way(told_barred(code));
        }
        for reason in passed {
            count_passed(run_log, reason);
        }
        let before = run_log.run.clone();
        for (change, _) in &pending {
            run_log.run.count(change.effect, change.reason);
        }
        let changes = pending.iter().map(|(change, _)| change);
        commit.otherwise = run_log.contingencies((0..).zip(changes))?;
        commit.state.push(run_log.record()?);
        if let Some(round) = round {
            commit.state.push(round.save()?);
        }
        let outcomes = format::commit(self.session.ports, commit)?;
        run_log.corrected();
        run_log.run = before;
        let mut outcomes = outcomes.into_iter();
        for (change, _) in &pending {
            match outcomes.next() {
                Some(Outcome::Applied { .. }) => run_log.run.count(change.effect, change.reason),
                // The person is invited; whose the contact is, the next run finds out.
                Some(Outcome::Conflict(conflict)) => {
                    count_passed(run_log, of_conflict(conflict));
                    run_log.in_conflict();
                    run_log.correct_settled(&change.user);
                }
                Some(Outcome::Refused { field, code }) => run_log.refused(change, field, &code),
                None => run_log.refused(change, None, "store-gave-no-outcome"),
            }
        }
        match later {
            Some(resume_after) => Err(RunAbort::SliceEnd { resume_after }),
            None => Ok(barred.is_some()),
        }
    }

    /// Nobody can be invited any more, or is to be.
    fn drop_all(
        &self,
        run_log: &mut RunLog<'_>,
        round: Option<&Round>,
        portion: &[Invitation],
    ) -> Result<(), RunAbort> {
        let mut commit = self.session.commit_of(&run_log.run);
        commit.state = run_log.corrections()?;
        for invitation in portion {
            commit.state.push(Staged::forget(&invitation.object_id));
            count_passed(run_log, Reason::AccountUnknown);
        }
        commit.state.push(run_log.record()?);
        if let Some(round) = round {
            commit.state.push(round.save()?);
        }
        format::commit(self.session.ports, commit)?;
        run_log.corrected();
        Ok(())
    }
}

fn no_answer() -> InviteOutcome {
    InviteOutcome::Unknown {
        code: "no-answer".to_owned(),
    }
}

/// Whether the contact is what it was when the invitation was staged.
fn still_stands(contact: &Contact, invitation: &Invitation, fields: &GuestFields) -> bool {
    let addressee = fields.addressee(contact);
    contact.active
        && contact.link.is_none()
        && contact.former.is_none()
        && addressee.is_some_and(|held| address::is_same(&held, &invitation.address))
}

fn of_conflict(conflict: Conflict) -> Reason {
    match conflict {
        Conflict::Linked => Reason::HasAccount,
        Conflict::Version | Conflict::Gone => Reason::AddressChanged,
    }
}

/// Where a plan was approved, whoever was not invited has drifted, and is counted so when the run ends.
fn count_passed(run_log: &mut RunLog<'_>, reason: Reason) {
    if run_log.run.approved.is_none() {
        run_log.run.count(Effect::Skip, reason.code());
    }
}

/// What an administrator is told where the tenant lets the application invite nobody.
pub(super) fn told_barred(code: &str) -> String {
    format!(
        "Nobody is invited: the directory does not let this application invite guests ({code}). Look at the external \
         collaboration settings of the tenant; it is tried again after a day"
    )
}
