//! What a closed round takes away: asked of the breakers first, applied after.
//!
//! Removals and emptied fields wait in the state until nothing can be added to them. Then the
//! breakers see all of it, and either all of it may go on or nothing does.

use crate::contact::{
    Blanking, Change, Contact, ContactId, Effect, Field, FieldWrite, Membership, ObjectId,
    Reasoned, Removal, Update,
};
use crate::ports::{Commit, Conflict, Outcome, Phase, Ports, Progress, Query, StateWrite};
use crate::reconcile::decision::{blanking_entry, removal_entry};
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use crate::run::Block;
use crate::run::ledger::LedgerRecord;
use guest_kit::ordered::Map;

use super::bounds::Bounds;
use super::checkpoint::Round;
use super::format;
use super::ledger;
use super::run_abort::RunAbort;
use super::run_log::{PendingChange, RunLog};
use super::session::Session;
use super::staged::{Deferred, Staged};

/// What goes into one commit.
const BATCH: u32 = 500;

/// How much would be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RemovalTotals {
    /// Contacts that would be unlinked, deactivated or deleted.
    pub(super) removals: u64,
    /// Contacts that would lose the value of a field, by field.
    pub(super) blanks: Map<String, u64>,
    /// Users whose turn has not been counted yet.
    pub(super) uncounted: u64,
}

/// Reads everything that is staged, without keeping it: what it comes to, and the digest that names
/// it. Where everything else is in step, that is the digest of the next plan.
pub(super) fn scan(session: &Session<'_>) -> Result<(RemovalTotals, String), RunAbort> {
    let mut digest = PlanDigest::new(&session.settings.fingerprint);
    let mut totals = RemovalTotals::default();
    let mut after: Option<ObjectId> = None;
    loop {
        let page = Staged::page(session.ports.state, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else {
            return Ok((totals, digest.finish()));
        };
        after = Some(last.object_id().clone());
        for staged in page {
            match staged {
                Staged::Removal { removal, reason } => {
                    totals.removals += 1;
                    totals.uncounted += 1;
                    digest.add(&removal_entry(removal, reason));
                }
                Staged::Blanking { blanking, counted } => {
                    for field in &blanking.fields {
                        *totals.blanks.or_default(field.name.clone()) += 1;
                    }
                    totals.uncounted += u64::from(!counted);
                    digest.add(&blanking_entry(blanking));
                }
            }
        }
    }
}

/// Asks every breaker; what those have to say that trip. Links `to_come` count as there: a sync has
/// made them when it asks, a plan has not.
pub(super) fn check_breakers(
    session: &Session<'_>,
    totals: &RemovalTotals,
    to_come: u64,
    digest: &str,
) -> Result<Vec<Block>, RunAbort> {
    let settings = session.settings;
    let small = totals.removals <= settings.removal_limit.floor
        && totals
            .blanks
            .values()
            .all(|count| *count <= settings.blank_limit.floor);
    if small {
        return Ok(Vec::new());
    }
    let statistics = session.ports.store.statistics(&session.source, &[])?;
    let linked = statistics.linked + to_come;
    let mut blocks = Vec::new();
    if let Err(trip) = settings.removal_limit.judge(totals.removals, linked) {
        blocks.push(Block {
            breaker: "removals".to_owned(),
            message: format!(
                "{} of {linked} linked contacts would be removed; at most {} may be in one run",
                trip.wanted, trip.allowed
            ),
            cause: "Many people left the directory or the filter at once. Check whether the filter was \
                    edited, a licence or a group was removed, or the directory was emptied by mistake; if \
                    it is right, approve exactly this."
                .to_owned(),
            digest: digest.to_owned(),
        });
    }
    for (field, count) in &totals.blanks {
        if let Err(trip) = settings.blank_limit.judge(*count, linked) {
            let label = session.label_of(field);
            blocks.push(Block {
                breaker: format!("blanked:{field}"),
                message: format!(
                    "{label}: {} of {linked} linked contacts would lose their value; at most {} may in one run",
                    trip.wanted, trip.allowed
                ),
                cause: "The directory states nothing for many people at once. Check whether the \
                        application lost a permission, or the attribute was emptied by mistake; if it is \
                        right, approve exactly this."
                    .to_owned(),
                digest: digest.to_owned(),
            });
        }
    }
    Ok(blocks)
}

/// Applies everything staged, a commit at a time.
pub(super) fn apply_all(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    round: Option<&Round>,
    bounds: &mut Bounds,
) -> Result<(), RunAbort> {
    loop {
        let staged = Staged::page(session.ports.state, None, BATCH)?;
        if staged.is_empty() {
            return Ok(());
        }
        let progress = Progress {
            phase: Phase::Removing,
            done: run_log.run.counts.removed,
            total: None,
        };
        bounds.next_page(session.ports.clock, session.ports.control, progress)?;
        apply_page(session, run_log, round, staged)?;
    }
}

/// A staged entry on its way into the store.
struct UserTurn {
    pending: PendingChange,
    /// Counted already, with what was written at once.
    counted: bool,
}

impl UserTurn {
    fn of(staged: &Staged, known: &Map<ObjectId, LedgerRecord>) -> Self {
        let user = staged.object_id();
        let (effect, reason, counted) = match staged {
            Staged::Removal { removal, reason } => (removal.kind.into(), *reason, false),
            Staged::Blanking { counted, .. } => {
                (Effect::Update, Reason::DirectoryChanged, *counted)
            }
        };
        Self {
            pending: PendingChange {
                user: user.clone(),
                effect,
                reason: reason.code(),
                before: known.get(user).cloned(),
            },
            counted,
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
    let current = current_contacts(session, &staged)?;
    let known = run_log.known(staged.iter().map(Staged::object_id))?;
    let mut commit = session.commit_of(&run_log.run);
    commit.state = run_log.corrections()?;
    let mut turns = Vec::new();
    for entry in staged {
        let turn = UserTurn::of(&entry, &known);
        commit.state.push(Staged::forget(entry.object_id()));
        commit.state.extend(run_log.held_no_more(entry.object_id()));
        commit.settled.push(entry.object_id().clone());
        if turn.pending.before.is_some() && !turn.is_void(&run_log.run.id) {
            commit.state.push(ledger::forget(entry.object_id()));
        }
        let contact = current
            .get(entry.contact())
            .filter(|contact| belongs_to(contact, entry.object_id()));
        let contact = contact.filter(|_| !turn.is_void(&run_log.run.id));
        match contact.map(|contact| still(entry, contact)) {
            Some(change) => {
                commit.changes.push(Reasoned {
                    change,
                    reason: turn.pending.reason,
                });
                turns.push(turn);
            }
            None if turn.counted => {}
            None => count_gone(run_log),
        }
    }
    let before = run_log.run.clone();
    for turn in turns.iter().filter(|turn| !turn.counted) {
        run_log.run.count(turn.pending.effect, turn.pending.reason);
    }
    commit.otherwise = run_log.contingencies(turns.iter().map(|turn| &turn.pending))?;
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
    Ok(())
}

/// Counts a contact that is gone, or somebody else's, when its turn comes. Where a plan was approved, it
/// has drifted, and is counted so when the run ends.
fn count_gone(run_log: &mut RunLog<'_>) {
    if run_log.run.approved.is_none() {
        run_log.run.count(Effect::Skip, Reason::NotLinked.code());
    }
}

fn still(staged: Staged, contact: &Contact) -> Change {
    match staged {
        Staged::Removal { removal, .. } => still_remove(removal, contact),
        Staged::Blanking { blanking, .. } => still_blank(blanking, contact),
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

/// A field that was edited since the blanking was staged keeps its new value.
fn still_blank(blanking: Blanking, contact: &Contact) -> Change {
    let unedited = |field: &Field| contact.field(&field.name) == Some(field.value.as_str());
    let writes: Vec<_> = blanking
        .fields
        .into_iter()
        .filter(unedited)
        .map(|field| FieldWrite {
            name: field.name,
            value: None,
        })
        .collect();
    let emptied = |field: &&Field| !writes.iter().any(|write| write.name == field.name);
    let base = contact
        .link
        .as_ref()
        .map(|link| link.base.iter().filter(emptied).cloned().collect());
    Change::Update(Update {
        contact: contact.precondition(),
        object_id: blanking.object_id,
        base,
        writes,
        membership: Membership::default(),
        reactivate: false,
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

/// Commits what the next batch is forgotten by, until there is nothing left.
fn discard_all(
    ports: Ports<'_>,
    source: &str,
    next: impl Fn() -> Result<Vec<StateWrite>, RunAbort>,
) -> Result<(), RunAbort> {
    loop {
        let state = next()?;
        if state.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            source: source.to_owned(),
            state,
            ..Commit::default()
        };
        format::commit(ports, commit)?;
    }
}
