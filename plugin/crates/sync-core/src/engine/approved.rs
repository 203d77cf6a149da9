//! An approved plan, as the host gives it back.
//!
//! The host keeps plans, the connector keeps nothing. What the host gives back under a digest counts
//! as approved only where its changes have that digest, under the same seed: the fingerprint of the
//! configuration, or what an undo uses in its place.

use crate::contact::{Effect, ObjectId};
use crate::ports::{Note, PlanSink};
use crate::reconcile::digest::PlanDigest;
use crate::reconcile::reason::Reason;
use guest_kit::ordered::Set;

use super::format;
use super::guests;
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::session::Session;

/// Entries read back from the host at a time.
const BATCH: u32 = 500;

/// Reads the plan that is kept under a digest, without keeping it. The number of its changes, where
/// they have that digest; `None` where they have another, or no such plan is kept.
///
/// # Errors
///
/// Where the host cannot give it.
pub(super) fn verify(
    plans: &dyn PlanSink,
    seed: &str,
    approved: &str,
) -> Result<Option<u64>, RunAbort> {
    let mut digest = PlanDigest::new(seed);
    let mut changes = 0;
    let mut after: Option<ObjectId> = None;
    loop {
        let entries = plans.changes(Some(approved), after.as_ref(), BATCH)?;
        let Some(last) = entries.last() else {
            return Ok((digest.finish() == approved).then_some(changes));
        };
        // Entries that do not come in order would be read for ever, or not all.
        if after.as_ref().is_some_and(|after| last.object_id <= *after) {
            return Ok(None);
        }
        after = Some(last.object_id.clone());
        for entry in &entries {
            digest.add(entry);
            changes += 1;
        }
    }
}

/// Tells, at the end of the run that was to perform a plan, what became of each of its changes: whoever
/// was neither changed nor failed has drifted, is counted so, and gets a note. The journal tells who was
/// changed, so it does not matter how often somebody came by, or that a process died in between.
///
/// # Errors
///
/// Where plan, journal or state cannot be read, or the notes cannot be written.
pub(super) fn settle(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    approved: &str,
) -> Result<(), RunAbort> {
    let ports = session.ports;
    if !ports.store.describe()?.journal {
        run_log.run.note_performed();
        run_log.run.count_drifted();
        return Ok(());
    }
    let mut performed = 0;
    let mut after: Option<ObjectId> = None;
    loop {
        let planned = ports.plan.changes(Some(approved), after.as_ref(), BATCH)?;
        let Some(last) = planned.last().map(|entry| entry.object_id.clone()) else {
            break;
        };
        let mut changed = changed_until(session, &run_log.run.id, after.as_ref(), &last)?;
        changed.extend(guests::invited_by(ports.state, &planned, &run_log.run.id)?);
        let failing = run_log.known(planned.iter().map(|entry| &entry.object_id))?;
        let mut commit = session.commit_of(&run_log.run);
        for entry in planned {
            let user = entry.object_id;
            let has_failed = failing
                .get(&user)
                .is_some_and(|failing| failing.run == run_log.run.id);
            if has_failed {
                continue;
            }
            if changed.contains(&user) {
                performed += 1;
                continue;
            }
            let reason = Reason::Drifted.code();
            run_log.run.count(Effect::Skip, reason);
            commit.notes.push(Note {
                object_id: user,
                address: None,
                contact: entry.contact,
                reason: reason.to_owned(),
            });
        }
        if !commit.notes.is_empty() {
            format::commit(ports, commit)?;
        }
        after = Some(last);
    }
    if let Some(outcome) = &mut run_log.run.approved {
        outcome.performed = performed;
    }
    Ok(())
}

/// Those whom a run has changed, behind one user and at least as far as another. Beside those of the plan these are the
/// guests whom it has invited.
fn changed_until(
    session: &Session<'_>,
    run: &str,
    after: Option<&ObjectId>,
    last: &ObjectId,
) -> Result<Set<ObjectId>, RunAbort> {
    let store = session.ports.store;
    let mut changed = Set::new();
    let mut after = after.cloned();
    loop {
        let entries = store.run_journal(&session.source, run, after.as_ref(), BATCH)?;
        let furthest = entries.iter().map(|entry| &entry.object_id).max().cloned();
        changed.extend(entries.into_iter().map(|entry| entry.object_id));
        // A journal that does not go on is not followed for ever.
        match furthest {
            Some(furthest) if furthest < *last && after.as_ref() < Some(&furthest) => {
                after = Some(furthest);
            }
            _ => return Ok(changed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::contact::{ContactId, Effect};
    use crate::ports::{PlanEntry, StoreError, Tally};

    /// Keeps one plan under one digest, or gives the same page for ever.
    struct Kept {
        digest: String,
        entries: Vec<PlanEntry>,
        stuck: bool,
        pages: Cell<u32>,
    }

    impl PlanSink for Kept {
        fn put(&self, _: Vec<PlanEntry>) -> Result<(), StoreError> {
            Ok(())
        }

        fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
            Ok(Vec::new())
        }

        fn changes(
            &self,
            plan: Option<&str>,
            after: Option<&ObjectId>,
            limit: u32,
        ) -> Result<Vec<PlanEntry>, StoreError> {
            self.pages.set(self.pages.get() + 1);
            if plan != Some(&self.digest) {
                return Ok(Vec::new());
            }
            Ok(self
                .entries
                .iter()
                .filter(|entry| self.stuck || after.is_none_or(|after| entry.object_id > *after))
                .take(limit as usize)
                .cloned()
                .collect())
        }

        fn entries(&self, _: Option<&str>, _: &[ObjectId]) -> Result<Vec<PlanEntry>, StoreError> {
            Ok(Vec::new())
        }

        fn count(&self) -> Result<Vec<Tally>, StoreError> {
            Ok(Vec::new())
        }
    }

    fn entry(number: u32) -> PlanEntry {
        PlanEntry {
            object_id: ObjectId::new(format!("u{number:05}")),
            contact: None,
            effect: Effect::Create,
            reason: "new-user".to_owned(),
            fields: Vec::new(),
            joins: Vec::new(),
            leaves: Vec::new(),
            evidence: None,
            directory: Vec::new(),
            version: None,
        }
    }

    fn kept(changes: u32, seed: &str) -> Kept {
        let entries: Vec<_> = (0..changes).map(entry).collect();
        let mut digest = PlanDigest::new(seed);
        entries.iter().for_each(|entry| digest.add(entry));
        Kept {
            digest: digest.finish(),
            entries,
            stuck: false,
            pages: Cell::new(0),
        }
    }

    #[test]
    fn a_plan_of_several_pages_is_proven_by_its_digest() {
        let plan = kept(2 * BATCH + 7, "seed");
        let changes = verify(&plan, "seed", &plan.digest).unwrap();
        assert_eq!(changes, Some(u64::from(2 * BATCH + 7)));
        assert_eq!(plan.pages.get(), 4);
    }

    #[test]
    fn a_plan_that_changes_nothing_is_proven_too() {
        let plan = kept(0, "seed");
        assert_eq!(verify(&plan, "seed", &plan.digest).unwrap(), Some(0));
    }

    #[test]
    fn a_plan_that_was_altered_by_one_change_is_not_the_approved_one() {
        let mut plan = kept(3, "seed");
        plan.entries[1].effect = Effect::Delete;
        assert_eq!(verify(&plan, "seed", &plan.digest).unwrap(), None);
        plan.entries.truncate(2);
        assert_eq!(verify(&plan, "seed", &plan.digest).unwrap(), None);
    }

    #[test]
    fn a_plan_made_under_another_configuration_is_not_the_approved_one() {
        let plan = kept(3, "seed");
        assert_eq!(verify(&plan, "another seed", &plan.digest).unwrap(), None);
    }

    #[test]
    fn a_digest_under_which_nothing_is_kept_is_not_proven() {
        let plan = kept(3, "seed");
        assert_eq!(verify(&plan, "seed", "0000").unwrap(), None);
    }

    #[test]
    fn a_host_that_gives_the_same_page_again_is_not_followed_for_ever() {
        let mut plan = kept(3, "seed");
        plan.stuck = true;
        assert_eq!(verify(&plan, "seed", &plan.digest).unwrap(), None);
    }
}
