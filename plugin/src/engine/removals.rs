//! What a closed round takes away: asked of the breakers first, applied after.

use std::collections::HashMap;

use crate::contact::{Change, Contact, ContactId, Effect, ObjectId, Precondition, Removal};
use crate::ports::{Conflict, Outcome, Phase, Progress, Query};
use crate::reconcile::decision::removal_entry;
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use crate::report::run::{Block, RunRecord};

use super::bounds::Bounds;
use super::checkpoint::{Round, Staged, save_current_run};
use super::halt::Halt;
use super::session::Session;

/// Removals of one commit.
const BATCH: u32 = 500;

/// How many removals are staged, and the digest that names them.
pub(super) struct Verdict {
    pub(super) wanted: u64,
    pub(super) digest: String,
}

/// Reads everything that is staged, without keeping it.
pub(super) fn survey(session: &Session<'_>) -> Result<Verdict, Halt> {
    let mut digest = PlanDigest::new(&session.settings.fingerprint);
    let mut wanted = 0;
    let mut after: Option<ObjectId> = None;
    loop {
        let page = Staged::page(session.ports.state, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else { break };
        after = Some(last.removal.object_id.clone());
        wanted += page.len() as u64;
        for staged in page {
            digest.add(&removal_entry(staged.removal, staged.reason));
        }
    }
    Ok(Verdict {
        wanted,
        digest: digest.finish(),
    })
}

/// Asks the breaker about so many removals; what it has to say where it trips.
pub(super) fn judge(
    session: &Session<'_>,
    wanted: u64,
    digest: &str,
) -> Result<Option<Block>, Halt> {
    let limit = session.settings.removal_limit;
    if wanted <= limit.floor {
        return Ok(None);
    }
    let linked = session.ports.store.statistics(&session.source, &[])?.linked;
    Ok(limit.judge(wanted, linked).err().map(|trip| Block {
        breaker: "removals".to_owned(),
        message: format!(
            "{} of {linked} linked contacts would be removed; at most {} may be in one run",
            trip.wanted, trip.allowed
        ),
        cause: "Many people left the directory or the filter at once. Check whether the filter was edited, \
                a licence or a group was removed, or the directory was emptied by mistake; if it is right, \
                approve exactly these removals."
            .to_owned(),
        digest: digest.to_owned(),
    }))
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
    let mut effects = Vec::new();
    let before = run.clone();
    for entry in staged {
        commit.state.push(Staged::forget(&entry.removal.object_id));
        // A local edit made since does not make the evidence less true; a contact that is gone or
        // belongs to somebody else by now needs no removal.
        match fresh_precondition(&entry.removal, &current) {
            Some(contact) => {
                let effect = Effect::from(entry.removal.kind);
                run.count(effect, entry.reason.code());
                effects.push((effect, entry.reason));
                commit.changes.push(Change::Remove(Removal {
                    contact,
                    ..entry.removal
                }));
            }
            None => run.count(Effect::Skip, Reason::NotLinked.code()),
        }
    }
    commit.state.push(save_current_run(run)?);
    commit.state.push(round.save()?);
    let outcomes = session.ports.store.apply(commit)?;
    if outcomes
        .iter()
        .any(|outcome| !matches!(outcome, Outcome::Applied { .. }))
    {
        let skipped = run.counts.skipped - before.counts.skipped;
        *run = before;
        count_outcomes(run, skipped, &effects, outcomes);
    }
    Ok(())
}

fn count_outcomes(
    run: &mut RunRecord,
    skipped: u64,
    effects: &[(Effect, Reason)],
    outcomes: Vec<Outcome>,
) {
    for _ in 0..skipped {
        run.count(Effect::Skip, Reason::NotLinked.code());
    }
    for ((effect, reason), outcome) in effects.iter().zip(outcomes) {
        match outcome {
            Outcome::Applied { .. } => run.count(*effect, reason.code()),
            Outcome::Conflict(Conflict::Gone | Conflict::Linked) => {
                run.count(Effect::Skip, Reason::NotLinked.code())
            }
            Outcome::Conflict(Conflict::Version) => run.count_failure(None, "version-conflict"),
            Outcome::Refused { field, code } => run.count_failure(field.as_deref(), &code),
        }
    }
}

fn current_contacts(
    session: &Session<'_>,
    staged: &[Staged],
) -> Result<HashMap<ContactId, Contact>, Halt> {
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        contacts: staged
            .iter()
            .map(|entry| entry.removal.contact.contact.clone())
            .collect(),
        ..Query::default()
    })?;
    Ok(contacts
        .into_iter()
        .map(|contact| (contact.id.clone(), contact))
        .collect())
}

fn fresh_precondition(
    removal: &Removal,
    current: &HashMap<ContactId, Contact>,
) -> Option<Precondition> {
    let contact = current.get(&removal.contact.contact)?;
    let still_theirs = contact
        .link
        .as_ref()
        .is_some_and(|link| link.object_id == removal.object_id);
    still_theirs.then(|| contact.precondition())
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
            .map(|entry| Staged::forget(&entry.removal.object_id))
            .collect();
        session.ports.store.apply(commit)?;
    }
}
