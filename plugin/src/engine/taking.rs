//! What a closed round takes away: asked of the breakers first, applied after.
//!
//! Removals and emptied fields wait in the state until nothing can be added to them. Then the
//! breakers see all of it, and either all of it may go on or nothing does.

use std::collections::{BTreeMap, HashMap};

use crate::contact::{
    Blanking, Change, Contact, ContactId, Effect, Field, FieldWrite, Membership, ObjectId,
    Reasoned, Removal, Update,
};
use crate::ports::{Conflict, Outcome, Phase, Progress, Query};
use crate::reconcile::decision::{blanking_entry, removal_entry};
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use crate::report::run::{Block, RunRecord};

use super::bounds::Bounds;
use super::checkpoint::{Round, Staged, save_current_run};
use super::halt::Halt;
use super::session::Session;

/// What goes into one commit.
const BATCH: u32 = 500;

/// How much would be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Toll {
    /// Contacts that would be unlinked, deactivated or deleted.
    pub(super) removals: u64,
    /// Contacts that would lose the value of a field, by field.
    pub(super) blanks: BTreeMap<String, u64>,
    /// Users whose turn has not been counted yet.
    pub(super) uncounted: u64,
}

/// Reads everything that is staged, without keeping it: what it comes to, and the digest that names
/// it. Where everything else is in step, that is the digest of the next plan.
pub(super) fn survey(session: &Session<'_>) -> Result<(Toll, String), Halt> {
    let mut digest = PlanDigest::new(&session.settings.fingerprint);
    let mut toll = Toll::default();
    let mut after: Option<ObjectId> = None;
    loop {
        let page = Staged::page(session.ports.state, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else {
            return Ok((toll, digest.finish()));
        };
        after = Some(last.object_id().clone());
        for staged in page {
            match staged {
                Staged::Removal { removal, reason } => {
                    toll.removals += 1;
                    toll.uncounted += 1;
                    digest.add(&removal_entry(removal, reason));
                }
                Staged::Blanking { blanking, counted } => {
                    for field in &blanking.fields {
                        *toll.blanks.entry(field.name.clone()).or_default() += 1;
                    }
                    toll.uncounted += u64::from(!counted);
                    digest.add(&blanking_entry(blanking));
                }
            }
        }
    }
}

/// Asks every breaker; what those have to say that trip.
pub(super) fn judge(session: &Session<'_>, toll: &Toll, digest: &str) -> Result<Vec<Block>, Halt> {
    let settings = session.settings;
    let small = toll.removals <= settings.removal_limit.floor
        && toll
            .blanks
            .values()
            .all(|count| *count <= settings.blank_limit.floor);
    if small {
        return Ok(Vec::new());
    }
    let linked = session.ports.store.statistics(&session.source, &[])?.linked;
    let mut blocks = Vec::new();
    if let Err(trip) = settings.removal_limit.judge(toll.removals, linked) {
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
    for (field, count) in &toll.blanks {
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
    run: &mut RunRecord,
    round: &Round,
    bounds: &mut Bounds,
) -> Result<(), Halt> {
    loop {
        let staged = Staged::page(session.ports.state, None, BATCH)?;
        if staged.is_empty() {
            return Ok(());
        }
        let progress = Progress {
            phase: Phase::Removing,
            done: run.counts.removed,
            total: None,
        };
        bounds.next_page(session.ports.clock, session.ports.control, progress)?;
        apply_page(session, run, round, staged)?;
    }
}

/// What is counted once the store has answered.
struct Turn {
    effect: Effect,
    reason: Reason,
    /// Counted already, with what was written at once.
    counted: bool,
}

impl Turn {
    fn count(&self, run: &mut RunRecord, outcome: &Outcome) {
        match outcome {
            _ if self.counted => {}
            Outcome::Applied { .. } => run.count(self.effect, self.reason.code()),
            Outcome::Conflict(Conflict::Gone | Conflict::Linked) => {
                run.count(Effect::Skip, Reason::NotLinked.code());
            }
            Outcome::Conflict(Conflict::Version) => run.count_failure(None, "version-conflict"),
            Outcome::Refused { field, code } => run.count_failure(field.as_deref(), code),
        }
    }
}

/// Applies one portion. Everything that is decided leaves the staging area in the same commit, so
/// that a process that dies takes it up exactly where it stopped.
fn apply_page(
    session: &Session<'_>,
    run: &mut RunRecord,
    round: &Round,
    staged: Vec<Staged>,
) -> Result<(), Halt> {
    let current = current_contacts(session, &staged)?;
    let mut commit = session.commit();
    let mut turns = Vec::new();
    for entry in staged {
        commit.state.push(Staged::forget(entry.object_id()));
        let contact = current
            .get(entry.contact())
            .filter(|contact| belongs_to(contact, entry.object_id()));
        let (turn, change) = match entry {
            Staged::Removal { removal, reason } => {
                let turn = Turn {
                    effect: removal.kind.into(),
                    reason,
                    counted: false,
                };
                (turn, contact.map(|contact| still_remove(removal, contact)))
            }
            Staged::Blanking { blanking, counted } => {
                let turn = Turn {
                    effect: Effect::Update,
                    reason: Reason::DirectoryChanged,
                    counted,
                };
                (turn, contact.map(|contact| still_blank(blanking, contact)))
            }
        };
        match change {
            Some(change) => {
                commit.changes.push(Reasoned {
                    change,
                    reason: turn.reason.code(),
                });
                turns.push(turn);
            }
            // Gone, or somebody else's by now: there is nothing left to take away.
            None => turn.count(run, &Outcome::Conflict(Conflict::Gone)),
        }
    }
    let before = run.clone();
    let applied = Outcome::Applied {
        contact: ContactId::new(String::new()),
        version: 0,
    };
    turns.iter().for_each(|turn| turn.count(run, &applied));
    commit.state.push(save_current_run(run)?);
    commit.state.push(round.save()?);
    let outcomes = session.ports.store.apply(commit)?;
    *run = before;
    for (turn, outcome) in turns.iter().zip(&outcomes) {
        turn.count(run, outcome);
    }
    Ok(())
}

fn current_contacts(
    session: &Session<'_>,
    staged: &[Staged],
) -> Result<HashMap<ContactId, Contact>, Halt> {
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

/// Forgets everything staged: left over from a round that was abandoned or blocked.
pub(super) fn discard(session: &Session<'_>) -> Result<(), Halt> {
    loop {
        let staged = Staged::page(session.ports.state, None, BATCH)?;
        if staged.is_empty() {
            return Ok(());
        }
        let mut commit = session.commit();
        commit.state = staged
            .iter()
            .map(|entry| Staged::forget(entry.object_id()))
            .collect();
        session.ports.store.apply(commit)?;
    }
}
