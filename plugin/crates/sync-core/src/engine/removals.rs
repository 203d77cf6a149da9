//! What a closed round takes away, and what it gives the directory: done once the [limits](super::breakers) have let
//! it pass.
//!
//! Removals, emptied fields and what the directory is to be given wait in the state until nothing can be added to
//! them.

use crate::contact::{
    Change, Contact, ContactId, Effect, Field, FieldWrite, GivenChange, Invitation, Membership,
    ObjectId, Reasoned, Removal, RemovalKind, StagedUpdate, Update,
};
use crate::ports::{Conflict, Outcome, Phase, Ports, Progress, Query, StateWrite};
use crate::reconcile::decision::staged_reason;
use crate::reconcile::reason::Reason;
use crate::run::ledger::LedgerRecord;
use guest_kit::ordered::Map;

use super::bounds::Bounds;
use super::checkpoint::Round;
use super::conflicts;
use super::discard::discard_all;
use super::edited;
use super::format;
use super::given::Given;
use super::giving::{self, Due, Held, Trouble, Way};
use super::inviting;
use super::journaled::{self, Unjournaled};
use super::ledger;
use super::run_abort::RunAbort;
use super::run_log::{PendingChange, RunLog};
use super::session::Session;
use super::staged::{Deferred, Staged};

/// What goes into one commit.
const BATCH: u32 = 500;

/// Applies everything staged, a commit at a time.
pub(super) fn apply_all(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    round: Option<&Round>,
    bounds: &mut Bounds,
) -> Result<(), RunAbort> {
    let most = if session.settings.writes_directory() {
        giving::BATCH
    } else {
        BATCH
    };
    let mut writing = Writing::of(session)?;
    loop {
        let staged = Staged::page(session.ports.state, None, most)?;
        if staged.is_empty() {
            return Ok(());
        }
        let progress = match &writing {
            Some(writing) => writing.progress(session),
            None => Progress::new(Phase::Removing, run_log.run.counts.removed, None),
        };
        session.directory.remember_progress(progress);
        bounds.next_page(session.ports.clock, session.ports.control, progress)?;
        if let Some(writing) = &mut writing {
            writing.done += people_to_give(&staged);
        }
        apply_page(session, run_log, round, staged)?;
    }
}

/// How far it is with what the directory is to be given; of this slice, since nothing tells of those before.
struct Writing {
    done: u64,
    total: u64,
}

impl Writing {
    /// `None` where nothing waits for the directory.
    fn of(session: &Session<'_>) -> Result<Option<Self>, RunAbort> {
        if !session.settings.writes_directory() {
            return Ok(None);
        }
        let mut total = 0;
        let mut after: Option<ObjectId> = None;
        loop {
            let page = Staged::page(session.ports.state, after.as_ref(), BATCH)?;
            let Some(last) = page.last() else {
                return Ok((total > 0).then_some(Self { done: 0, total }));
            };
            after = Some(last.object_id().clone());
            total += people_to_give(&page);
        }
    }

    fn progress(&self, session: &Session<'_>) -> Progress {
        let left = self.total.saturating_sub(self.done);
        let writer = session.directory.writer();
        Progress {
            remaining: writer.map(|writer| writer.time_for(left)),
            ..Progress::new(Phase::Writing, self.done, Some(self.total))
        }
    }
}

fn people_to_give(staged: &[Staged]) -> u64 {
    let is_given = |staged: &&Staged| matches!(staged, Staged::Update { update, .. } if !update.directory.is_empty());
    staged.iter().filter(is_given).count() as u64
}

/// A staged entry on its way into the store.
struct UserTurn {
    pending: PendingChange,
    /// Counted already, with what was written at once.
    counted: bool,
    /// Why the directory was not given all that it was to be given.
    trouble: Option<Trouble>,
}

impl UserTurn {
    fn of(staged: &Staged, known: &Map<ObjectId, LedgerRecord>) -> Self {
        let user = staged.object_id();
        let (effect, reason, counted) = match staged {
            Staged::Removal { removal, reason } => (removal.kind.into(), *reason, false),
            Staged::Update { update, counted } => (Effect::Update, staged_reason(update), *counted),
            // They are invited apart from the others.
            Staged::Invitation { .. } => (Effect::Invite, Reason::NotInDirectory, false),
        };
        Self {
            pending: PendingChange {
                user: user.clone(),
                effect,
                reason: reason.code(),
                before: known.get(user).cloned(),
            },
            counted,
            trouble: None,
        }
    }

    /// What was to be written at once was not taken by the store: then nothing is emptied either, and
    /// all of it is tried again.
    fn is_void(&self, run: &str) -> bool {
        let failed_now = self
            .pending
            .before
            .as_ref()
            .map(|failing| failing.run.as_str());
        self.counted && failed_now == Some(run)
    }

    /// Counts what the store has answered.
    fn count(&self, run_log: &mut RunLog<'_>, outcome: &Outcome) {
        // It has failed, whatever the store says; the commit has counted that.
        if self.trouble.is_some() {
            return;
        }
        match outcome {
            Outcome::Applied { .. } if self.counted => {}
            Outcome::Applied { .. } => run_log.run.count(self.pending.effect, self.pending.reason),
            // Somebody else's by now: there is nothing left to take away.
            Outcome::Conflict(Conflict::Gone | Conflict::Linked) => {
                if !self.counted {
                    count_gone(run_log);
                }
                run_log.correct_settled(&self.pending.user);
            }
            Outcome::Conflict(Conflict::Version) => self.fail(run_log, None, "version-conflict"),
            Outcome::Refused { field, code } => self.fail(run_log, field.clone(), code),
        }
    }

    /// The directory was not given all of it: that is counted, and entered into the ledger, in the commit of whatever
    /// else is done about the person. Said with a later commit, a process that dies in between would lose it.
    fn fail_with(
        &self,
        trouble: &Trouble,
        run_log: &mut RunLog<'_>,
    ) -> Result<StateWrite, RunAbort> {
        let PendingChange {
            user,
            effect,
            reason,
            before,
        } = &self.pending;
        if self.counted {
            run_log.run.uncount(*effect, reason);
        }
        let Trouble { field, code, told } = trouble;
        run_log
            .run
            .count_refusal(field.as_deref(), code, told.as_deref());
        run_log.enter_failure(user, before.as_ref(), field.as_deref(), code)
    }

    /// Whoever was counted already with what was written at once, was written only in part.
    fn fail(&self, run_log: &mut RunLog<'_>, field: Option<String>, code: &str) {
        if self.counted {
            run_log
                .run
                .uncount(self.pending.effect, self.pending.reason);
        }
        run_log.refused(&self.pending, field, code);
    }
}

/// Applies one portion. Everything that is decided leaves the staging area in the same commit, so
/// that a process that dies takes it up exactly where it stopped; what the store does not take is in
/// the ledger.
fn apply_page(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    round: Option<&Round>,
    staged: Vec<Staged>,
) -> Result<(), RunAbort> {
    let (invitations, staged) = apart(staged);
    if !invitations.is_empty() {
        inviting::invite(session, run_log, round, &invitations)?;
    }
    if staged.is_empty() {
        return Ok(());
    }
    let current = current_contacts(session, &staged)?;
    let known = run_log.known(staged.iter().map(Staged::object_id))?;
    let turns: Vec<_> = staged
        .iter()
        .map(|entry| UserTurn::of(entry, &known))
        .collect();
    let run = run_log.run.id.clone();
    let due = staged
        .iter()
        .zip(&turns)
        .filter_map(|(entry, turn)| match entry {
            Staged::Update { update, .. } if !turn.is_void(&run) => {
                let contact = current.get(entry.contact());
                let contact = contact.filter(|contact| belongs_to(contact, entry.object_id()));
                contact.map(|contact| Due {
                    user: &update.object_id,
                    directory: &update.directory,
                    contact,
                })
            }
            Staged::Update { .. } | Staged::Removal { .. } | Staged::Invitation { .. } => None,
        });
    let mut given = giving::give(session, &mut run_log.run, Way::Forth, due, round.is_some())?;
    let mut commit = session.commit_of(&run_log.run);
    commit.state = run_log.corrections()?;
    // One for each change of the commit, with what the directory was given.
    let mut entered = Vec::new();
    for (entry, mut turn) in staged.into_iter().zip(turns) {
        let given = given.people.remove(entry.object_id()).unwrap_or_default();
        commit.state.extend(given.record);
        run_log.run.count_given(&given.given);
        // It stays staged, and its turn comes again.
        if given.is_later {
            continue;
        }
        turn.trouble = given.trouble;
        commit.state.push(Staged::forget(entry.object_id()));
        commit.state.extend(run_log.held_no_more(entry.object_id()));
        commit.settled.push(entry.object_id().clone());
        let is_over = !turn.is_void(&run_log.run.id) && turn.trouble.is_none();
        if turn.pending.before.is_some() && is_over {
            commit.state.push(ledger::forget(entry.object_id()));
        }
        let contact = current
            .get(entry.contact())
            .filter(|contact| belongs_to(contact, entry.object_id()));
        if contact.is_none() || takes_link(&entry) {
            commit.state.extend(Given::forget(entry.object_id()));
            commit.state.push(conflicts::forget(entry.object_id()));
            commit.state.extend(edited::forget(entry.object_id()));
        }
        let contact = contact.filter(|_| !turn.is_void(&run_log.run.id));
        if session.tells_edits && contact.is_some_and(|contact| was_edited(&entry, contact)) {
            commit.state.push(edited::ask_next(entry.object_id()));
        }
        if let Some(trouble) = &turn.trouble {
            commit.state.push(turn.fail_with(trouble, run_log)?);
        }
        let journaled = contact
            .filter(|_| !given.given.is_empty())
            .map(|contact| Unjournaled {
                user: entry.object_id().clone(),
                contact: contact.id.clone(),
                directory: given.given.clone(),
            });
        match contact.and_then(|contact| still(entry, contact, &given.held, given.given)) {
            Some(change) => {
                commit.changes.push(Reasoned {
                    change,
                    reason: turn.pending.reason,
                });
                entered.push((turn, journaled));
            }
            None if turn.trouble.is_some() || turn.counted => {}
            // Both sides hold it, and the contact is already compared with it.
            None if !given.held.is_empty() => {
                run_log.run.count(Effect::Unchanged, Reason::InStep.code());
            }
            None => count_gone(run_log),
        }
    }
    let before = run_log.run.clone();
    let (turns, journaled): (Vec<_>, Vec<_>) = entered.into_iter().unzip();
    // Whose turn has failed already is counted, and in the ledger, whatever the store says of the rest.
    let may_apply = || {
        (0..)
            .zip(&turns)
            .filter(|(_, turn): &(u32, &UserTurn)| turn.trouble.is_none())
    };
    for (_, turn) in may_apply().filter(|(_, turn)| !turn.counted) {
        run_log.run.count(turn.pending.effect, turn.pending.reason);
    }
    commit.otherwise =
        run_log.contingencies(may_apply().map(|(place, turn)| (place, &turn.pending)))?;
    commit.state.push(run_log.record()?);
    if let Some(round) = round {
        commit.state.push(round.save()?);
    }
    let outcomes = format::commit(session.ports, commit)?;
    run_log.corrected();
    run_log.run = before;
    for (turn, outcome) in turns.iter().zip(&outcomes) {
        turn.count(run_log, outcome);
    }
    let outcomes = outcomes.iter().zip(journaled);
    let lost = outcomes.filter(|(outcome, _)| !matches!(outcome, Outcome::Applied { .. }));
    let lost: Vec<_> = lost.filter_map(|(_, journaled)| journaled).collect();
    journaled::journal_all(session, &run_log.run, lost, Reason::ContactChanged.code())?;
    match (given.abort, given.later) {
        (Some(abort), _) => Err(abort),
        (None, Some(resume_after)) => Err(RunAbort::SliceEnd { resume_after }),
        (None, None) => Ok(()),
    }
}

/// Invitations, and what else is staged.
fn apart(staged: Vec<Staged>) -> (Vec<Invitation>, Vec<Staged>) {
    let (mut invitations, mut others) = (Vec::new(), Vec::new());
    for staged in staged {
        match staged {
            Staged::Invitation { invitation } => invitations.push(invitation),
            other => others.push(other),
        }
    }
    (invitations, others)
}

/// Whether the contact is the person's no longer, once that is done.
fn takes_link(staged: &Staged) -> bool {
    matches!(
        staged,
        Staged::Removal { removal, .. }
            if matches!(removal.kind, RemovalKind::Unlink | RemovalKind::Delete)
    )
}

/// Counts a contact that is gone, or somebody else's, when its turn comes. Where a plan was approved, it
/// has drifted, and is counted so when the run ends.
fn count_gone(run_log: &mut RunLog<'_>) {
    if run_log.run.approved.is_none() {
        run_log.run.count(Effect::Skip, Reason::NotLinked.code());
    }
}

/// What is to be done by now, if anything. Where the directory was given something, that is a change of this run also
/// where the base says so already: a value that was put back.
fn still(
    staged: Staged,
    contact: &Contact,
    held: &[Held],
    given: Vec<GivenChange>,
) -> Option<Change> {
    match staged {
        Staged::Removal { removal, .. } => Some(still_remove(removal, contact)),
        Staged::Invitation { .. } => None,
        Staged::Update { update, .. }
            if update.fields.is_empty()
                && given.is_empty()
                && held.iter().all(|held| is_base(contact, held)) =>
        {
            None
        }
        Staged::Update { update, .. } => Some(still_update(update, contact, held, given)),
    }
}

fn current_contacts(
    session: &Session<'_>,
    staged: &[Staged],
) -> Result<Map<ContactId, Contact>, RunAbort> {
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        contacts: staged.iter().map(|entry| entry.contact().clone()).collect(),
        fields: session.fields.clone(),
        ..Query::default()
    })?;
    Ok(contacts
        .into_iter()
        .map(|contact| (contact.id.clone(), contact))
        .collect())
}

fn belongs_to(contact: &Contact, user: &ObjectId) -> bool {
    contact
        .link
        .as_ref()
        .is_some_and(|link| link.object_id == *user)
}

/// A local edit made since the removal was staged does not make its evidence less true.
fn still_remove(removal: Removal, contact: &Contact) -> Change {
    Change::Remove(Removal {
        contact: contact.precondition(),
        ..removal
    })
}

/// Whether a field was edited since its emptying was staged. It keeps its value, and the base does not tell what the
/// directory holds.
fn was_edited(staged: &Staged, contact: &Contact) -> bool {
    let Staged::Update { update, .. } = staged else {
        return false;
    };
    let mut fields = update.fields.iter();
    fields.any(|field| contact.field(&field.name) != Some(field.value.as_str()))
}

fn is_base(contact: &Contact, held: &Held) -> bool {
    contact.base(&held.field) == held.value.as_deref()
}

/// A field that was edited since its emptying was staged keeps its new value. What the directory holds by now is
/// where the next comparison starts.
fn still_update(
    update: StagedUpdate,
    contact: &Contact,
    held: &[Held],
    given: Vec<GivenChange>,
) -> Change {
    let unedited = |field: &Field| contact.field(&field.name) == Some(field.value.as_str());
    let writes: Vec<_> = update
        .fields
        .into_iter()
        .filter(unedited)
        .map(|field| FieldWrite {
            name: field.name,
            value: None,
        })
        .collect();
    let stays = |field: &&Field| {
        !writes.iter().any(|write| write.name == field.name)
            && !held.iter().any(|held| held.field == field.name)
    };
    let agreed = held.iter().filter_map(|held| {
        let value = held.value.clone()?;
        Some(Field {
            name: held.field.clone(),
            value,
        })
    });
    let base = contact.link.as_ref().map(|link| {
        let stays = link.base.iter().filter(stays).cloned();
        stays.chain(agreed).collect()
    });
    Change::Update(Update {
        contact: contact.precondition(),
        object_id: update.object_id,
        base,
        writes,
        membership: Membership::default(),
        reactivate: false,
        directory: given,
    })
}

/// Forgets everything that waits: left over from a round that was abandoned or blocked.
pub(super) fn discard(session: &Session<'_>, round: &str) -> Result<(), RunAbort> {
    discard_waiting(session.ports, &session.source, round)?;
    discard_staged(session.ports, &session.source)
}

/// Forgets what would have been taken away.
pub(super) fn discard_staged(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    discard_all(ports, source, || Staged::discard(ports.state, BATCH))
}

/// Forgets who waits to be decided about.
pub(super) fn discard_waiting(ports: Ports<'_>, source: &str, round: &str) -> Result<(), RunAbort> {
    discard_all(ports, source, || {
        Deferred::discard(ports.state, round, BATCH)
    })
}
