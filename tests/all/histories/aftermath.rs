//! What an administrator does beside syncing: approves a plan, takes a run back, tries one person
//! again, asks why. Each judged by what the README and the contract say of it.

use std::collections::BTreeMap;

use host_harness::contract::{Effect, PlanEntry};
use sync_core::contact::{ContactId, ObjectId, Who};
use sync_core::engine::plan::PlanSummary;
use sync_core::engine::sync::Approval;
use sync_core::report::explain::Explanation;
use sync_core::report::provenance::Origin;
use sync_core::run::{RunMode, RunRecord};

use super::comparisons;
use super::directory::{Number, object_id};
use super::laws::{FOREIGN_LIST, LawResult, breach};
use super::life::Life;
use super::oracle::Oracle;
use super::snapshot::{ContactSnapshot, Snapshot};
use super::step::{Edit, Meanwhile, Reads};
use super::taken_back::TakenBack;
use super::world::{Asked, Ran};

impl Life<'_> {
    /// Plans, lets things happen, and syncs with the plan's approval.
    pub(super) fn approve_plan(
        &mut self,
        reads: Reads,
        meanwhile: &[Meanwhile],
        slice: Option<u32>,
    ) -> LawResult {
        if self.unfinished {
            return Ok(());
        }
        let (summary, planned) = self.world.plan(reads, self.world.pages);
        self.world.keep(&summary);
        let configuration = self.world.configuration.clone();
        for event in meanwhile {
            match event {
                Meanwhile::Event(event) => {
                    event.happen(self.world.emulator.control());
                    self.world.observe();
                }
                Meanwhile::Edit(edit) => {
                    self.edited_here = true;
                    self.world.edit(edit);
                }
                Meanwhile::Sync(reads) => drop(self.sync(&(*reads).into(), false)?),
                Meanwhile::Turn(knob) => self.world.configuration.turn(knob),
            }
        }
        if self.unfinished {
            return Ok(());
        }
        let asked = Asked {
            reads: match summary.mode {
                RunMode::Full => Reads::Everybody,
                RunMode::Incremental => Reads::Changes,
            },
            slice,
            approved: Some(Approval::Plan(summary.digest.clone())),
        };
        let before = self.world.snapshot();
        let ran = self.world.run(&asked);
        let after = self.world.snapshot();
        if let Some(refusal) = &ran.refused {
            let of_another = !configuration.reads_and_writes_as(&self.world.configuration);
            return if of_another && before == after {
                Ok(())
            } else {
                breach("an approved plan is performed", refusal)
            };
        }
        let scene = self.scene(&before, &after, &ran, true);
        scene.always()?;
        nothing_but_the_plan(&planned, &before, &after)?;
        let run = ran.run.as_ref().filter(|_| ran.went_well());
        if let Some(run) = run {
            scene.counts_are_what_the_store_says(run)?;
            approval_adds_up(&summary, &planned, run)?;
            if meanwhile.is_empty() {
                let performed = (
                    PlanSummary {
                        blocks: Vec::new(),
                        ..summary
                    },
                    planned,
                );
                comparisons::plan_came_true(&performed.0, &performed.1, &scene)?;
            }
        }
        self.seen.note(
            if meanwhile.is_empty() {
                "plans approved as they were"
            } else {
                "plans approved too late"
            },
            1,
        );
        self.remember(&ran, true, &before, &after);
        self.note_approved(&ran);
        Ok(())
    }

    /// A run that left somebody out is not the last word: the next one meets them again.
    fn note_approved(&mut self, ran: &Ran) {
        let left_out = ran.run.as_ref().is_some_and(|run| {
            let approved = run.approved.as_ref();
            run.skips.contains_key("drifted")
                || run.skips.contains_key("not-approved")
                || approved.is_some_and(|approved| approved.performed < approved.changes)
        });
        if !(left_out && ran.went_well()) {
            self.note(ran);
        }
    }

    /// Takes back the run that ended so many runs ago.
    pub(super) fn undo(&mut self, ago: usize, meanwhile: &[Edit], slice: Option<u32>) -> LawResult {
        let law = "an undo puts back what the run did";
        if self.unfinished || self.deeds.is_empty() {
            return Ok(());
        }
        let last = self.deeds.len() - 1;
        let deed = self.deeds[last - ago % self.deeds.len()].clone();
        let Some((summary, planned)) = self.world.plan_undo(&deed.run) else {
            return if deed.before == deed.after {
                Ok(())
            } else {
                breach(law, "there is said to be nothing to take back")
            };
        };
        self.world.keep(&summary);
        meanwhile.iter().for_each(|edit| self.world.edit(edit));
        let before = self.world.snapshot();
        let ran = self.world.undo(&deed.run, &summary.digest, slice);
        let after = self.world.snapshot();
        let Some(run) = ran.run.as_ref().filter(|_| ran.went_well()) else {
            return breach(law, format_args!("{:?} {:?}", ran.run, ran.refused));
        };
        let scene = self.scene(&before, &after, &ran, true);
        scene.identity()?;
        scene.counts_add_up()?;
        scene.nothing_personal_leaks()?;
        TakenBack {
            deed: &deed,
            before: &before,
            after: &after,
        }
        .judge()?;
        if meanwhile.is_empty() {
            undo_did_what_was_planned(&planned, run, &before, &after)?;
        }
        self.seen.note("runs taken back", 1);
        self.seen.note("undos of an undo", u64::from(deed.is_undo));
        self.remember(&ran, true, &before, &after);
        if let Some(done) = self.deeds.last_mut() {
            done.is_undo = true;
        }
        // Everybody is to be read now, and is not as the last run left them.
        self.cursor_of = None;
        self.edited_here = true;
        Ok(())
    }

    /// Reads one person, and does what a sync would do about them.
    pub(super) fn retry(&mut self, person: Number) -> LawResult {
        let law = "a retry is about one person";
        let user = object_id(person);
        let before = self.world.snapshot();
        let ran = self.world.retry(&user);
        let after = self.world.snapshot();
        let scene = self.scene(&before, &after, &ran, false);
        scene.always()?;
        let is_theirs = |contact: Option<&ContactSnapshot>| {
            contact.is_some_and(|contact| {
                contact.user.as_ref() == Some(&user) || contact.former.as_ref() == Some(&user)
            })
        };
        for id in before.keys().chain(after.keys()) {
            let (was, is) = (before.get(id), after.get(id));
            if was != is && !is_theirs(was) && !is_theirs(is) {
                return breach(law, format_args!("{was:?} became {is:?}"));
            }
        }
        if ran.refused.is_some() {
            return if self.unfinished && before == after {
                Ok(())
            } else {
                breach(law, format_args!("{:?}", ran.refused))
            };
        }
        let Some(run) = ran.run.as_ref().filter(|_| ran.went_well()) else {
            return Ok(());
        };
        self.nobody_failed &= run.counts.failed == 0;
        if let Some(there) = self.world.now().get(&user)
            && !self.unfinished
            && !self.world.configuration.is_poisoned(there)
        {
            Oracle {
                configuration: &self.world.configuration,
                tenant: self.world.now(),
                before: &before,
                after: &after,
                reconciled: &self.reconciled,
            }
            .judge_person(&user, there)?;
        }
        self.seen.note("people tried again", 1);
        self.remember(&ran, !self.unfinished, &before, &after);
        // A run that was superseded is over, and its round with it.
        Ok(())
    }

    /// Asks about everybody who has a contact, by contact and by object id.
    pub(super) fn explain(&mut self) -> LawResult {
        let law = "explain tells what is";
        let snapshot = self.world.snapshot();
        for (id, contact) in &snapshot {
            let told = self
                .world
                .explain(&Who::Contact(ContactId::new(id.as_str())));
            match told.as_slice() {
                [one] => self.judge_explanation(id, contact, one)?,
                _ => return breach(law, format_args!("contact {id}: {} people", told.len())),
            }
            if let Some(user) = &contact.user {
                let by_user = self.world.explain(&Who::User(ObjectId::new(user.as_str())));
                match by_user.as_slice() {
                    [one] => self.judge_explanation(id, contact, one)?,
                    _ => return breach(law, format_args!("{user}: {} people", by_user.len())),
                }
            }
            self.seen.note("people explained", 1);
        }
        if self.world.snapshot() == snapshot {
            Ok(())
        } else {
            breach(law, "and writes nothing")
        }
    }

    fn judge_explanation(
        &self,
        id: &str,
        contact: &ContactSnapshot,
        told: &Explanation,
    ) -> LawResult {
        let law = "explain tells what is";
        let wrong = |what: &str| breach(law, format_args!("{what}: {contact:?} {told:?}"));
        let mut lists = contact.lists.clone();
        lists.retain(|list| list != FOREIGN_LIST);
        if told.contact.as_ref().map(ContactId::as_str) != Some(id)
            || told.active != Some(contact.active)
            || told.lists != lists
        {
            return wrong("contact, flag or lists");
        }
        if told.link.is_some() != contact.user.is_some() {
            return wrong("link");
        }
        let reason = told.link.as_ref().and_then(|link| link.reason.as_deref());
        let known = ["new-user", "matched-by-address", "matched-by-id", "undo"];
        if reason.is_some_and(|reason| !known.contains(&reason)) {
            return wrong("reason of the link");
        }
        for field in &told.fields {
            let value = contact.fields.get(&field.field);
            let base = contact.base.get(&field.field);
            let origin = match (value, base) {
                (None, None) => Origin::Nobody,
                (Some(_), None) => Origin::Host,
                (Some(value), Some(base)) if value == base => Origin::Directory,
                _ => Origin::Local,
            };
            let is_told = field.value.as_ref() == value && field.base.as_ref() == base;
            if contact.user.is_some() && !(is_told && field.origin == origin) {
                return wrong(&field.field);
            }
        }
        Ok(())
    }
}

/// Every contact that an approved run changed became what its entry says.
fn nothing_but_the_plan(planned: &[PlanEntry], before: &Snapshot, after: &Snapshot) -> LawResult {
    let law = "an approved run does nothing else";
    let by_contact: BTreeMap<_, _> = planned
        .iter()
        .filter_map(|entry| Some((entry.contact.as_ref()?, entry)))
        .collect();
    for (id, was) in before {
        let is = after.get(id);
        if is.is_some_and(|is| is.version == was.version) {
            continue;
        }
        let Some(entry) = by_contact.get(id) else {
            return breach(law, format_args!("{was:?} became {is:?}"));
        };
        let Some(is) = is else {
            if entry.what.effect == Effect::Delete {
                continue;
            }
            return breach(law, format_args!("{entry:?}: {was:?} is gone"));
        };
        let mut wanted = was.fields.clone();
        for field in &entry.what.fields {
            match &field.after {
                Some(value) => drop(wanted.insert(field.field.clone(), value.clone())),
                None => drop(wanted.remove(&field.field)),
            }
        }
        let unlinked = was.user.is_some() && is.user.is_none();
        let deactivated = was.active && !is.active;
        if wanted != is.fields
            || unlinked != (entry.what.effect == Effect::Unlink)
            || deactivated != (entry.what.effect == Effect::Deactivate)
        {
            return breach(law, format_args!("{entry:?}: {was:?} became {is:?}"));
        }
    }
    for (id, is) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
        let entry = planned.iter().find(|entry| {
            entry.what.effect == Effect::Create && Some(&entry.what.object_id) == is.user.as_ref()
        });
        let wanted = entry.map(|entry| -> BTreeMap<_, _> {
            let fields = entry.what.fields.iter();
            fields
                .filter_map(|field| Some((field.field.clone(), field.after.clone()?)))
                .collect()
        });
        if wanted.as_ref() != Some(&is.fields) {
            return breach(law, format_args!("{entry:?}: contact {id} is {is:?}"));
        }
    }
    Ok(())
}

/// What was approved is performed, could not be written, or is left out and counted.
fn approval_adds_up(summary: &PlanSummary, planned: &[PlanEntry], run: &RunRecord) -> LawResult {
    let law = "what was approved adds up";
    let changes = planned.len() as u64;
    let counts = run.counts;
    let performed = counts.created + counts.updated + counts.removed;
    let Some(approved) = &run.approved else {
        return breach(law, "nothing is told of the approval");
    };
    if approved.digest != summary.digest
        || approved.changes != changes
        || approved.performed != performed
        || performed > changes
    {
        return breach(law, format_args!("{changes} planned: {run:?}"));
    }
    Ok(())
}

/// Nothing happened between plan and approval: what was planned is what was done.
fn undo_did_what_was_planned(
    planned: &[PlanEntry],
    run: &RunRecord,
    before: &Snapshot,
    after: &Snapshot,
) -> LawResult {
    let law = "an undo does what was planned";
    let ids = before.keys().chain(after.keys());
    let mut changed: Vec<_> = ids
        .filter(|id| before.get(*id).map(|was| was.version) != after.get(*id).map(|is| is.version))
        .collect();
    changed.sort_unstable();
    changed.dedup();
    let mut wanted: Vec<_> = planned
        .iter()
        .filter_map(|entry| entry.contact.as_ref())
        .collect();
    wanted.sort_unstable();
    let performed = run.approved.as_ref().map(|approved| approved.performed);
    if changed == wanted && performed == Some(planned.len() as u64) {
        return Ok(());
    }
    breach(
        law,
        format_args!("planned {planned:?}, changed {changed:?}, {run:?}"),
    )
}
