//! Contacts that are nobody's.
//!
//! Another source plays the people who put contacts into the store: to this source they are nobody's.

use crate::bench::{Desk, OTHER_SOURCE, SOURCE, applied, remove};
use crate::bindings::imports::contact_store::{Commit, apply, unlinked};
use crate::bindings::imports::types::{Change, Contact, RemovalKind};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same};

/// More pages than there can be.
const MANY: usize = 10_000;

fn kept(desk: &Desk<'_>) -> Outcome {
    if desk.bench.store.unlinked {
        return Ok(());
    }
    not_tried("the store says that it does not tell contacts that are nobody's")
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

/// Those of this check's people whose contacts are told, by their addresses, so many at a time.
fn told(desk: &Desk<'_>, limit: u32) -> Result<Vec<String>, Amiss> {
    let key = &desk.bench.key.name;
    let fields = vec![key.clone()];
    let (mut all, mut after): (Vec<Contact>, Option<String>) = (Vec::new(), None);
    for _ in 0..MANY {
        let page = unlinked(SOURCE, after.as_deref(), limit, &fields)?;
        let is_bounded = page.len() <= limit as usize;
        holds("at most as many as were asked for", is_bounded, page.len())?;
        let Some(last) = page.last() else {
            let value = |contact: Contact| {
                let mut fields = contact.fields.into_iter();
                Some(fields.find(|field| field.name == *key)?.value)
            };
            let own: Vec<_> = (0..4).map(|person| desk.address(person)).collect();
            let mut told: Vec<_> = all.into_iter().filter_map(value).collect();
            told.retain(|address| own.contains(address));
            told.sort();
            return Ok(told);
        };
        after = Some(last.id.clone());
        all.extend(page);
    }
    differs("an end of what is told", "ever more of it")
}

pub(crate) fn only(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    by_the_other(desk, desk.addressed(0).into())?;
    desk.made(desk.addressed(1))?;
    let former = desk.made(desk.addressed(2))?;
    desk.applied(remove(&former, &desk.user(2), RemovalKind::Unlink))?;
    let inactive = desk.made(desk.addressed(3))?;
    desk.applied(remove(&inactive, &desk.user(3), RemovalKind::Deactivate))?;
    same(
        "whose contacts are nobody's",
        told(desk, 10)?,
        vec![desk.address(0)],
    )
}

pub(crate) fn in_pages(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    for person in 0..3 {
        by_the_other(desk, desk.addressed(person).into())?;
    }
    let mut expected: Vec<_> = (0..3).map(|person| desk.address(person)).collect();
    expected.sort();
    same(
        "all of them, two at a time, each once",
        told(desk, 2)?,
        expected,
    )
}
