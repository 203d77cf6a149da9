//! The laws that are seen by comparing: a plan with its run, a run with the one before, a life with
//! another one.

use std::collections::BTreeMap;

use contact_identity::list::comparable;
use host_harness::contract::{Effect, PlanEntry};
use sync_core::engine::plan::PlanSummary;
use sync_core::run::{RunMode, RunRecord, RunStatus};

use super::laws::{FOREIGN_LIST, LawResult, RunUnderTest, breach};
use super::snapshot::{ContactSnapshot, Snapshot};
use super::world::Trace;

/// Whether contacts are known again by their marks or fetched, a run comes to the same.
pub fn nothing_depends_on_marks(known: &Trace, fetched: &Trace) -> LawResult {
    if known == fetched {
        return Ok(());
    }
    breach(
        "a contact that is known again needs nothing",
        format_args!("known again {known:?}\nfetched {fetched:?}"),
    )
}

/// Law 2: the contacts are those of before with what was planned, and nothing else.
pub fn plan_came_true(
    summary: &PlanSummary,
    planned: &[PlanEntry],
    scene: &RunUnderTest<'_>,
) -> LawResult {
    let law = "law 2, a plan tells the truth";
    let to_be_blocked = !summary.blocks.is_empty();
    let run = scene.ran.run.as_ref();
    let ended = run.map(|run| (run.mode, run.status == RunStatus::Blocked));
    // Whom the store refuses, a plan has counted among the contacts to come; of fewer, less may go.
    let fewer_came = planned.iter().any(|entry| {
        let is_to_come = matches!(entry.what.effect, Effect::Create | Effect::Link);
        is_to_come && scene.may_be_refused(&entry.what.object_id)
    });
    let blocked = to_be_blocked || (fewer_came && ended == Some((summary.mode, true)));
    if ended != Some((summary.mode, blocked)) {
        return breach(
            law,
            format_args!("{:?}, blocked {blocked}, became {ended:?}", summary.mode),
        );
    }
    let mut expected = scene.before.clone();
    let mut to_be_made = BTreeMap::new();
    for entry in planned
        .iter()
        .filter(|entry| !scene.may_be_refused(&entry.what.object_id))
    {
        match &entry.contact {
            None => drop(to_be_made.insert(entry.what.object_id.clone(), entry)),
            Some(id) => expected_after(&mut expected, id, entry, blocked)?,
        }
    }
    for (id, found) in scene.after {
        let former = scene.before.get(id).and_then(|before| before.user.as_ref());
        let owner = former.or(found.user.as_ref());
        if owner.is_some_and(|user| scene.may_be_refused(user)) {
            expected.remove(id);
            continue;
        }
        let (wanted, lists) = match (expected.remove(id), &found.user) {
            (Some(wanted), _) => (wanted, Vec::new()),
            (None, Some(user)) => match to_be_made.remove(user) {
                Some(entry) => (made(entry), entry.what.joins.clone()),
                None => return breach(law, format_args!("not planned: {found:?}")),
            },
            (None, None) => return breach(law, format_args!("not planned: {found:?}")),
        };
        let lists_fit = lists.is_empty() || lists == found.lists;
        let before = scene.before.get(id);
        let written = before.is_some_and(|before| before.version != found.version);
        // Whoever is linked may become active by that; the plan has no word for it.
        let linked = before.is_some_and(|before| before.user.is_none() && wanted.user.is_some());
        let same = (
            &wanted.user,
            linked || wanted.active == found.active,
            &wanted.fields,
        ) == (&found.user, true, &found.fields);
        if !same || !lists_fit || (wanted.version == 0) != (written || before.is_none()) {
            return breach(
                law,
                format_args!(
                    "contact {id}: expected {wanted:?}, found {found:?}, written {written}"
                ),
            );
        }
    }
    match (to_be_made.into_values().next(), expected.into_iter().next()) {
        (None, None) => Ok(()),
        (planned, gone) => breach(
            law,
            format_args!("not done {planned:?}, not planned to go {gone:?}"),
        ),
    }
}

fn made(entry: &PlanEntry) -> ContactSnapshot {
    ContactSnapshot {
        user: Some(entry.what.object_id.clone()),
        former: None,
        active: true,
        fields: entry
            .what
            .fields
            .iter()
            .filter_map(|field| Some((field.field.clone(), field.after.clone()?)))
            .collect(),
        lists: entry.what.joins.clone(),
        base: BTreeMap::new(),
        version: 0,
    }
}

/// Makes the contact what the entry says it will be; version 0 stands for "written".
fn expected_after(
    snapshot: &mut Snapshot,
    id: &str,
    entry: &PlanEntry,
    blocked: bool,
) -> LawResult {
    let law = "law 2, a plan tells the truth";
    let Some(contact) = snapshot.get_mut(id) else {
        return breach(
            law,
            format_args!("{entry:?} is about a contact that is not there"),
        );
    };
    let removal = matches!(
        entry.what.effect,
        Effect::Unlink | Effect::Deactivate | Effect::Delete
    );
    if removal != entry.what.evidence.is_some() {
        return breach(law, format_args!("evidence and effect disagree: {entry:?}"));
    }
    if blocked && removal {
        return Ok(());
    }
    let blanks_only = !entry.what.fields.is_empty()
        && entry.what.fields.iter().all(|field| field.after.is_none())
        && entry.what.joins.is_empty()
        && entry.what.leaves.is_empty()
        && entry.what.effect == Effect::Update;
    if blocked && blanks_only {
        return Ok(());
    }
    for field in &entry.what.fields {
        if contact.fields.get(&field.field) != field.before.as_ref() {
            return breach(law, format_args!("{entry:?} is about {contact:?}"));
        }
        match &field.after {
            Some(value) => drop(contact.fields.insert(field.field.clone(), value.clone())),
            None if blocked => {}
            None => drop(contact.fields.remove(&field.field)),
        }
    }
    contact.version = 0;
    match entry.what.effect {
        Effect::Link => contact.user = Some(entry.what.object_id.clone()),
        Effect::Unlink => contact.user = None,
        Effect::Deactivate => contact.active = false,
        Effect::Reactivate => contact.active = true,
        Effect::Delete => drop(snapshot.remove(id)),
        _ => {}
    }
    Ok(())
}

/// Law 12: the store's own tallies, of linked contacts and of active ones among them.
pub fn tallies_are_what_is_there(contacts: &Snapshot, tally: (u64, u64)) -> LawResult {
    let linked = contacts.values().filter(|contact| contact.user.is_some());
    let active = linked.clone().filter(|contact| contact.active).count();
    let there = (linked.count() as u64, active as u64);
    if there == tally {
        return Ok(());
    }
    breach(
        "law 12, the store's tallies are what is there",
        format_args!("linked and active: {there:?} there, {tally:?} told"),
    )
}

/// Law 3: nothing was left to do.
pub fn second_run_wrote_nothing(scene: &RunUnderTest<'_>, most_requests: Option<u32>) -> LawResult {
    let law = "law 3, a second run writes nothing";
    let changed = scene.before.iter().find(|(id, before)| {
        let after = scene.after.get(*id);
        after != Some(before)
    });
    if let Some((id, before)) = changed {
        return breach(
            law,
            format_args!("{before:?} became {:?}", scene.after.get(id)),
        );
    }
    if scene.after.len() != scene.before.len() {
        return breach(law, "contacts were made");
    }
    match most_requests {
        Some(most) if scene.ran.graph_requests > most => {
            breach(law, format_args!("{} requests", scene.ran.graph_requests))
        }
        _ => Ok(()),
    }
}

/// Law 7: the contacts are those of a life without troubles. Of somebody with a value that no contact
/// can hold, what is written depends on which part of them a page states. And a list keeps the spelling
/// that it was made with: where a run came to an end without having seen everybody, the lists that it made
/// are there, and only what name they go by is to be the same.
pub fn as_in_an_unbroken_life(
    unbroken: &Snapshot,
    lived: &Snapshot,
    some_run_ended_early: bool,
    is_poisoned: impl Fn(&str) -> bool,
) -> LawResult {
    let [unbroken, lived] = [unbroken, lived].map(|snapshot| {
        let mut contacts = essence(snapshot);
        contacts.retain(|contact| !contact.user.as_deref().is_some_and(&is_poisoned));
        if some_run_ended_early {
            for list in contacts.iter_mut().flat_map(|contact| &mut contact.lists) {
                *list = comparable(list).into_owned();
            }
            contacts.sort();
        }
        contacts
    });
    if unbroken == lived {
        return Ok(());
    }
    let missing: Vec<_> = unbroken
        .iter()
        .filter(|contact| !lived.contains(contact))
        .collect();
    let extra: Vec<_> = lived
        .iter()
        .filter(|contact| !unbroken.contains(contact))
        .collect();
    breach(
        "law 7, troubles leave no trace",
        format_args!("without them {missing:#?}, with them {extra:#?}"),
    )
}

/// The contacts without what depends on the order and number of writes.
fn essence(snapshot: &Snapshot) -> Vec<ContactSnapshot> {
    let mut contacts: Vec<_> = snapshot
        .values()
        .map(|contact| {
            let mut contact = contact.clone();
            contact.version = 0;
            contact.lists.retain(|list| list != FOREIGN_LIST);
            contact
        })
        .collect();
    contacts.sort();
    contacts
}

/// Law 11: a run under another configuration reads everybody.
pub fn cursor_belongs_to_the_configuration(run: &RunRecord) -> LawResult {
    if run.mode == RunMode::Full {
        return Ok(());
    }
    breach(
        "law 11, the cursor belongs to the configuration",
        format_args!("{run:?}"),
    )
}

/// Law 13: the same plan, whatever the pages were.
pub fn same_plan(
    one: &(PlanSummary, Vec<PlanEntry>),
    other: &(PlanSummary, Vec<PlanEntry>),
) -> LawResult {
    if one.0.digest == other.0.digest && one.1 == other.1 {
        return Ok(());
    }
    let differs = one.1.iter().find(|entry| !other.1.contains(entry));
    let other = other.1.iter().find(|entry| !one.1.contains(entry));
    breach(
        "law 13, same input, same plan",
        format_args!("{differs:?} in one, {other:?} in the other"),
    )
}

/// What an incremental run left to do for those who are linked: nothing, if it lost no change.
pub fn no_change_was_lost(after: &Snapshot, everybody: &[PlanEntry]) -> LawResult {
    let linked = |entry: &&PlanEntry| {
        let contact = entry.contact.as_ref().and_then(|id| after.get(id));
        contact.is_some_and(|contact| contact.user.is_some())
    };
    match everybody.iter().find(linked) {
        Some(entry) => breach(
            "law 7, the cursor loses no change",
            format_args!("{entry:?}"),
        ),
        None => Ok(()),
    }
}
