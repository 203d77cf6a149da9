//! Taking back what a run did.

use crate::bench::{Desk, base, field, given, list, pairs, remove, update, value, word, write};
use crate::bindings::imports::contact_store::Outcome as Told;
use crate::bindings::imports::types::{
    Change, Contact, Create, Effect, Evidence, JournalEntry, Membership, Precondition, RemovalKind,
    Reversal, Update,
};
use crate::store::journal::{newest, of_user};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same, shown};

fn kept(desk: &Desk<'_>) -> Outcome {
    if desk.bench.store.journal {
        return Ok(());
    }
    not_tried("the store says that it keeps no journal")
}

/// The reversal of an entry, on this version, which puts back these fields.
fn reversal(
    desk: &Desk<'_>,
    entry: &JournalEntry,
    version: u64,
    writes: &[(&str, Option<&str>)],
) -> Reversal {
    Reversal {
        contact: Precondition {
            contact: entry.contact.clone(),
            version,
        },
        object_id: entry.what.object_id.clone(),
        entries: vec![entry.number],
        writes: writes
            .iter()
            .map(|(name, value)| write(name, *value))
            .collect(),
        evidence: Evidence::Undone(desk.name("run")),
        reason: "undo".to_owned(),
        directory: Vec::new(),
    }
}

/// Does a reversal in a run of its own; what became of it.
fn undo(desk: &Desk<'_>, reversal: Reversal) -> Result<Told, Amiss> {
    let outcomes = desk.apply("undo", vec![Change::Revert(reversal)])?;
    match <[Told; 1]>::try_from(outcomes) {
        Ok([outcome]) => Ok(outcome),
        Err(outcomes) => differs("one outcome", shown(&outcomes)),
    }
}

fn undone(desk: &Desk<'_>, reversal: Reversal) -> Result<u64, Amiss> {
    crate::bench::applied(undo(desk, reversal)?)
}

/// A contact on a list, and what an update of another run did to it.
fn updated(desk: &Desk<'_>) -> Result<(Contact, JournalEntry), Amiss> {
    let first = &*desk.bench.first;
    let create = Create {
        lists: vec![list(&desk.name("A"))],
        ..desk.create(0, &[(first, "A")])
    };
    let before = desk.made(create)?;
    let change = Update {
        base: Some(vec![field(first, "B")]),
        membership: Membership {
            join: vec![list(&desk.name("B"))],
            leave: vec![desk.name("A")],
        },
        ..update(&before, &[(first, Some("B"))])
    };
    match &*desk.apply("second run", vec![change.into()])? {
        [Told::Applied(_)] => Ok((before, newest(&desk.user(0))?)),
        other => differs("applied", shown(&other)),
    }
}

pub(crate) fn update_back(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    let (before, entry) = updated(desk)?;
    undone(
        desk,
        reversal(desk, &entry, entry.version, &[(first, Some("A"))]),
    )?;
    let after = desk.contact(&before.id)?;
    same("the field", value(&after.fields, first), Some("A"))?;
    same("the base", base(&after), base(&before))?;
    same("the lists", after.lists, before.lists)?;
    let told = newest(&desk.user(0))?;
    same(
        "effect and evidence in the journal",
        (told.what.effect, told.what.evidence),
        (Effect::Update, None),
    )
}

pub(crate) fn given_back(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    let before = desk.holding(0, "A")?;
    let change = Update {
        base: Some(vec![field(first, "A")]),
        directory: vec![given(first, Some("B"), Some("A"))],
        ..update(&before, &[])
    };
    match &*desk.apply("second run", vec![change.into()])? {
        [Told::Applied(_)] => {}
        other => return differs("applied", shown(&other)),
    }
    let entry = newest(&desk.user(0))?;
    let reversal = Reversal {
        directory: vec![given(first, Some("A"), Some("B"))],
        ..reversal(desk, &entry, entry.version, &[(first, Some("B"))])
    };
    undone(desk, reversal.clone())?;
    let after = desk.contact(&before.id)?;
    same("the field", value(&after.fields, first), Some("B"))?;
    same(
        "the base",
        base(&after),
        vec![(first.to_owned(), "B".to_owned())],
    )?;
    same(
        "what the directory was given back, in the journal",
        newest(&desk.user(0))?.directory,
        reversal.directory,
    )
}

pub(crate) fn create_back(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let contact = desk.holding(0, "A")?;
    let entry = newest(&desk.user(0))?;
    undone(desk, reversal(desk, &entry, contact.version, &[]))?;
    same(
        "contacts of the user",
        desk.of_user(&desk.user(0))?,
        Vec::new(),
    )?;
    let told = newest(&desk.user(0))?;
    same(
        "the effect in the journal",
        told.what.effect,
        Effect::Delete,
    )?;
    let is_undone = matches!(told.what.evidence, Some(Evidence::Undone(_)));
    holds("the evidence `undone`", is_undone, &told.what.evidence)
}

pub(crate) fn delete_back(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let create = Create {
        lists: vec![list(&desk.name("A"))],
        ..desk.create(0, &[(first, "A"), (second, "B")])
    };
    let before = desk.made(create)?;
    let removal = remove(&before, &desk.user(0), RemovalKind::Delete);
    match &*desk.apply("second run", vec![removal.into()])? {
        [Told::Applied(_)] => {}
        other => return differs("applied", shown(&other)),
    }
    let entry = newest(&desk.user(0))?;
    let version = undone(desk, reversal(desk, &entry, entry.version, &[]))?;
    let after = desk.linked(&desk.user(0))?;
    same("the id", &after.id, &before.id)?;
    same("the fields", pairs(&after.fields), pairs(&before.fields))?;
    same("the base", base(&after), base(&before))?;
    same("the lists", after.lists.clone(), before.lists.clone())?;
    same("the version", after.version, version)?;
    let seen = of_user(&desk.user(0))?;
    let earlier = seen.iter().skip(1).map(|entry| entry.version).max();
    holds(
        "a version that was never there",
        earlier.is_some_and(|it| version > it),
        (version, earlier),
    )
}

pub(crate) fn conflict(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let (before, entry) = updated(desk)?;
    let now = desk.contact(&before.id)?;
    desk.applied(update(&now, &[(second, Some("C"))]))?;
    let told = undo(
        desk,
        reversal(desk, &entry, entry.version, &[(first, Some("A"))]),
    )?;
    same("the outcome", word(&told), "version".to_owned())?;
    let after = desk.contact(&before.id)?;
    same("the field", value(&after.fields, first), Some("B"))
}
