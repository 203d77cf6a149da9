//! Edits: whose contacts others wrote.
//!
//! Another source plays the others. A store may tell of more people than were edited, so what is looked for is that
//! nobody is left out.

use std::collections::BTreeSet;

use crate::bench::{Desk, OTHER_SOURCE, SOURCE, applied, link, remove, update};
use crate::bindings::imports::contact_store::{
    Commit, Edits, EditsSince, apply, changed_since as told_since,
};
use crate::bindings::imports::types::{Change, Contact, RemovalKind};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same};

/// People of whom the other source knows its own begin here.
const THEIRS: usize = 10;

/// More parts than there can be.
const MANY: usize = 10_000;

fn kept(desk: &Desk<'_>) -> Outcome {
    if desk.bench.store.edits {
        return Ok(());
    }
    not_tried("the store says that it does not tell edits")
}

fn part(token: Option<&str>, limit: u32) -> Result<Edits, Amiss> {
    match told_since(SOURCE, token, limit)? {
        EditsSince::Edits(edits) => Ok(edits),
        EditsSince::TokenLost => differs("edits since a token that was given", "`token-lost`"),
    }
}

/// Everybody who is told since a token, so many at a time.
fn told(token: &str, limit: u32) -> Result<BTreeSet<String>, Amiss> {
    let (mut all, mut next) = (BTreeSet::new(), token.to_owned());
    for _ in 0..MANY {
        let edits = part(Some(&next), limit)?;
        let is_bounded = edits.users.len() <= limit as usize;
        holds(
            "at most as many as were asked for",
            is_bounded,
            edits.users.len(),
        )?;
        if edits.users.is_empty() {
            return Ok(all);
        }
        all.extend(edits.users);
        next = edits.next;
    }
    differs("an end of what is told", "ever more of it")
}

fn now() -> Result<String, Amiss> {
    let edits = part(None, 10)?;
    same("who is told without a token", edits.users, Vec::new())?;
    Ok(edits.next)
}

fn by_the_other(desk: &Desk<'_>, change: Change) -> Outcome {
    let outcomes = apply(&Commit {
        source: OTHER_SOURCE.to_owned(),
        changes: vec![change],
        ..desk.commit("run")
    })?;
    for outcome in outcomes {
        applied(outcome)?;
    }
    Ok(())
}

/// A contact of a person, whom the other source links to somebody of its own: that is an edit.
fn edited(desk: &Desk<'_>, person: usize) -> Result<Contact, Amiss> {
    let contact = desk.linked(&desk.user(person))?;
    by_the_other(desk, link(&contact, &desk.user(person + THEIRS)).into())?;
    desk.linked(&desk.user(person))
}

fn tells(what: &str, token: &str, users: &[String]) -> Outcome {
    let told = told(token, 10)?;
    let is_told = users.iter().all(|user| told.contains(user));
    holds(&format!("{what}: {users:?}"), is_told, told)
}

pub(crate) fn by_others(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    desk.made(desk.create(0, &[(first, "A")]))?;
    let token = now()?;
    let contact = edited(desk, 0)?;
    tells("whom another source wrote", &token, &[desk.user(0)])?;
    desk.applied(update(&contact, &[(first, Some("B"))]))?;
    tells("the same after an own write", &token, &[desk.user(0)])
}

pub(crate) fn gone(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    desk.made(desk.create(0, &[]))?;
    let contact = edited(desk, 0)?;
    let token = now()?;
    by_the_other(
        desk,
        remove(&contact, &desk.user(THEIRS), RemovalKind::Delete).into(),
    )?;
    tells(
        "whose contact another source deleted",
        &token,
        &[desk.user(0)],
    )
}

pub(crate) fn in_parts(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let token = now()?;
    let users: Vec<_> = (0..3).map(|person| desk.user(person)).collect();
    for person in 0..3 {
        desk.made(desk.create(person, &[]))?;
        edited(desk, person)?;
    }
    let all = told(&token, 2)?;
    let is_told = users.iter().all(|user| all.contains(user));
    holds("everybody, two at a time", is_told, all)
}

pub(crate) fn token(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let lost = matches!(
        told_since(SOURCE, Some("host-conformance never got this"), 10)?,
        EditsSince::TokenLost
    );
    holds(
        "`token-lost` of a token that was never given",
        lost,
        "edits",
    )
}
