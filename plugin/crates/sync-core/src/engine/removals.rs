//! What a closed round takes away, and what it gives the directory: asked of the breakers first, applied after.
//!
//! Removals, emptied fields and what the directory is to be given wait in the state until nothing can be added to them. Then the
//! breakers see all of it, and either all of it may go on or nothing does.

use crate::contact::{
    Blanking, Change, Contact, ContactId, Effect, Field, FieldWrite, Membership, ObjectId,
    Reasoned, Removal, Update,
};
use crate::ports::{
    AttributeChange, Commit, Conflict, Outcome, Phase, Ports, Progress, Query, StateWrite,
};
use crate::reconcile::decision::{blanking_entry, blanking_reason, removal_entry};
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use crate::run::Block;
use crate::run::ledger::LedgerRecord;
use crate::settings::Settings;
use guest_kit::ordered::Map;

use super::bounds::Bounds;
use super::checkpoint::Round;
use super::format;
use super::giving::{self, Held, Trouble};
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
    /// People of whom the directory would be given something.
    pub(super) given: u64,
    /// People who would lose the value of an attribute in the directory, by attribute.
    pub(super) emptied: Map<String, u64>,
    /// Users whose turn has not been counted yet.
    pub(super) uncounted: u64,
}

impl RemovalTotals {
    /// Counts what the directory would be given of one person.
    pub(super) fn give(&mut self, directory: &[AttributeChange]) {
        self.given += u64::from(!directory.is_empty());
        for change in directory.iter().filter(|change| change.after.is_none()) {
            *self.emptied.or_default(change.attribute.clone()) += 1;
        }
    }
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
                    totals.give(&blanking.directory);
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
            .all(|count| *count <= settings.blank_limit.floor)
        && totals.given <= settings.directory_limit.floor
        && totals
            .emptied
            .values()
            .all(|count| *count <= settings.directory_blank_limit.floor);
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
    blocks.extend(directory_blocks(settings, totals, linked, digest));
    Ok(blocks)
}

/// The breakers of what the directory would be given. They are tighter: what is wrong there is wrong for the whole
/// organisation.
fn directory_blocks(
    settings: &Settings,
    totals: &RemovalTotals,
    linked: u64,
    digest: &str,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Err(trip) = settings.directory_limit.judge(totals.given, linked) {
        blocks.push(Block {
            breaker: "directory".to_owned(),
            message: format!(
                "{} of {linked} people would be changed in the directory; at most {} may be in one run",
                trip.wanted, trip.allowed
            ),
            cause: "Many contacts differ from the directory at once. Check whether contacts were imported or \
                    edited in bulk, or whether two-way rows were just added to the mapping; if it is right, \
                    approve exactly this."
                .to_owned(),
            digest: digest.to_owned(),
        });
    }
    for (attribute, count) in &totals.emptied {
        if let Err(trip) = settings.directory_blank_limit.judge(*count, linked) {
            blocks.push(Block {
                breaker: format!("directory-blanked:{attribute}"),
                message: format!(
                    "{attribute}: {} of {linked} people would lose their value in the directory; at most {} may \
                     in one run",
                    trip.wanted, trip.allowed
                ),
                cause: "Many contacts have lost a value at once. Check whether contacts were imported without \
                        it; if it is right, approve exactly this."
                    .to_owned(),
                digest: digest.to_owned(),
            });
        }
    }
    blocks
}

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
    loop {
        let staged = Staged::page(session.ports.state, None, most)?;
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
    /// Why the directory was not given all that it was to be given.
    trouble: Option<Trouble>,
}

impl UserTurn {
    fn of(staged: &Staged, known: &Map<ObjectId, LedgerRecord>) -> Self {
        let user = staged.object_id();
        let (effect, reason, counted) = match staged {
            Staged::Removal { removal, reason } => (removal.kind.into(), *reason, false),
            Staged::Blanking { blanking, counted } => {
                (Effect::Update, blanking_reason(blanking), *counted)
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
        match (outcome, &self.trouble) {
            (Outcome::Applied { .. }, Some(trouble)) => {
                self.fail(run_log, trouble.field.clone(), &trouble.code);
            }
            (outcome, _) => self.count_outcome(run_log, outcome),
        }
    }

    fn count_outcome(&self, run_log: &mut RunLog<'_>, outcome: &Outcome) {
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

    /// The directory was given nothing of it, and nothing is written here either.
    fn fail_now(&self, run_log: &mut RunLog<'_>) -> Result<StateWrite, RunAbort> {
        let PendingChange {
            user,
            effect,
            reason,
            before,
        } = &self.pending;
        if self.counted {
            run_log.run.uncount(*effect, reason);
        }
        let trouble = self.trouble.as_ref();
        let field = trouble.and_then(|trouble| trouble.field.as_deref());
        let code = trouble.map_or("not-written", |trouble| trouble.code.as_str());
        run_log.run.count_failure(field, code);
        run_log.enter_failure(user, before.as_ref(), field, code)
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
    let turns: Vec<_> = staged
        .iter()
        .map(|entry| UserTurn::of(entry, &known))
        .collect();
    let run = run_log.run.id.clone();
    let due = staged
        .iter()
        .zip(&turns)
        .filter_map(|(entry, turn)| match entry {
            Staged::Blanking { blanking, .. } if !turn.is_void(&run) => {
                let contact = current.get(entry.contact());
                let contact = contact.filter(|contact| belongs_to(contact, entry.object_id()));
                contact.map(|contact| (blanking, contact))
            }
            Staged::Blanking { .. } | Staged::Removal { .. } => None,
        });
    let mut given = giving::give(session, run_log, due, round.is_some())?;
    let mut commit = session.commit_of(&run_log.run);
    commit.state = run_log.corrections()?;
    let mut entered = Vec::new();
    for (entry, mut turn) in staged.into_iter().zip(turns) {
        let given = given.people.remove(entry.object_id()).unwrap_or_default();
        // It stays staged, and its turn comes again.
        if given.is_later {
            continue;
        }
        commit.state.extend(given.record);
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
        let contact = contact.filter(|_| !turn.is_void(&run_log.run.id));
        match contact.and_then(|contact| still(entry, contact, &given.held, given.is_given)) {
            Some(change) => {
                commit.changes.push(Reasoned {
                    change,
                    reason: turn.pending.reason,
                });
                entered.push(turn);
            }
            None if turn.trouble.is_some() => commit.state.push(turn.fail_now(run_log)?),
            None if turn.counted => {}
            // Both sides hold it, and the contact is already compared with it.
            None if !given.held.is_empty() => {
                run_log.run.count(Effect::Unchanged, Reason::InStep.code());
            }
            None => count_gone(run_log),
        }
    }
    let before = run_log.run.clone();
    let turns = entered;
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
    match given.later {
        Some(resume_after) => Err(RunAbort::SliceEnd { resume_after }),
        None => Ok(()),
    }
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
fn still(staged: Staged, contact: &Contact, held: &[Held], is_given: bool) -> Option<Change> {
    match staged {
        Staged::Removal { removal, .. } => Some(still_remove(removal, contact)),
        Staged::Blanking { blanking, .. }
            if blanking.fields.is_empty()
                && !is_given
                && held.iter().all(|held| is_base(contact, held)) =>
        {
            None
        }
        Staged::Blanking { blanking, .. } => Some(still_blank(blanking, contact, held)),
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

fn is_base(contact: &Contact, held: &Held) -> bool {
    contact.base(&held.field) == held.value.as_deref()
}

/// A field that was edited since the blanking was staged keeps its new value. What the directory holds by now is
/// where the next comparison starts.
fn still_blank(blanking: Blanking, contact: &Contact, held: &[Held]) -> Change {
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
