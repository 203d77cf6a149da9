//! Marks: a contact may be known again by one, and never wrongly.
//!
//! A store may know nobody again. So nothing here wants somebody to be named; it looks that nobody is who must
//! not be.

use crate::bench::{Desk, SOURCE, applied, list, precondition, remove, update};
use crate::bindings::imports::contact_store::{
    Commit, Expected, Mark, Marked, Marking, Note, SameContact, Sightings, apply, close_round,
    open_round, same as known, unseen,
};
use crate::bindings::imports::types::{Change, Contact, Membership, RemovalKind, Update};
use host_promises::verdict::{Amiss, Outcome, differs, not_tried, same, shown};

fn kept(desk: &Desk<'_>) -> Outcome {
    if desk.bench.store.marks {
        return Ok(());
    }
    not_tried("the store says that it keeps no marks")
}

fn mark(low: u64) -> Mark {
    Mark {
        high: 0x1122_3344_5566_7788,
        low,
    }
}

fn named(users: &[(String, u64)]) -> Result<Vec<SameContact>, Amiss> {
    let expected: Vec<_> = users
        .iter()
        .map(|(user, low)| Expected {
            object_id: user.clone(),
            mark: mark(*low),
        })
        .collect();
    Ok(known(SOURCE, &expected)?)
}

/// Does a change that gives its contact a mark; what became of it.
fn marked(desk: &Desk<'_>, change: Change, low: u64) -> Result<Contact, Amiss> {
    let user = match &change {
        Change::Create(create) => create.object_id.clone(),
        _ => desk.user(0),
    };
    let outcomes = apply(&Commit {
        changes: vec![change],
        marks: vec![Marking {
            what: Marked::Change(0),
            mark: mark(low),
        }],
        ..desk.commit("run")
    })?;
    for outcome in outcomes {
        applied(outcome)?;
    }
    desk.linked(&user)
}

fn nobody(what: &str, users: &[(String, u64)]) -> Outcome {
    let named: Vec<_> = named(users)?.iter().map(|same| same.user).collect();
    same(&format!("who is named after {what}"), named, Vec::new())
}

pub(crate) fn stale(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let first = &*desk.bench.first;
    let asked = |person| [(desk.user(person), 1)];
    let made = |person| marked(desk, desk.create(person, &[(first, "A")]).into(), 1);

    let contact = made(0)?;
    desk.applied(update(&contact, &[(first, Some("B"))]))?;
    nobody("a field was written", &asked(0))?;

    let contact = made(1)?;
    desk.applied(Update {
        membership: Membership {
            join: vec![list(&desk.name("list"))],
            leave: Vec::new(),
        },
        ..update(&contact, &[])
    })?;
    nobody("a list was joined", &asked(1))?;

    made(2)?;
    apply(&Commit {
        notes: vec![Note {
            object_id: desk.user(2),
            address: None,
            contact: None,
            reason: "kept-by-policy".to_owned(),
        }],
        ..desk.commit("run")
    })?;
    nobody("a note was written", &asked(2))?;
    apply(&Commit {
        settled: vec![desk.user(2)],
        ..desk.commit("run")
    })?;

    let contact = made(3)?;
    desk.applied(remove(&contact, &desk.user(3), RemovalKind::Deactivate))?;
    nobody("a deactivation", &asked(3))?;

    let contact = made(4)?;
    desk.applied(remove(&contact, &desk.user(4), RemovalKind::Unlink))?;
    nobody("an unlinking", &asked(4))
}

pub(crate) fn other(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    marked(desk, desk.create(0, &[]).into(), 1)?;
    desk.made(desk.create(1, &[]))?;
    let asked = [(desk.user(0), 2), (desk.user(1), 1), (desk.user(2), 1)];
    nobody(
        "another mark, no mark, and no contact were asked for",
        &asked,
    )
}

pub(crate) fn not_applied(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let contact = desk.holding(0, "A")?;
    desk.applied(update(&contact, &[]))?;
    apply(&Commit {
        changes: vec![update(&contact, &[]).into()],
        marks: vec![Marking {
            what: Marked::Change(0),
            mark: mark(1),
        }],
        ..desk.commit("run")
    })?;
    nobody("a change that was in conflict", &[(desk.user(0), 1)])?;
    // Nor does one that was looked up before somebody wrote it.
    apply(&Commit {
        marks: vec![Marking {
            what: Marked::Contact(precondition(&contact)),
            mark: mark(1),
        }],
        ..desk.commit("run")
    })?;
    nobody("a mark for an older version", &[(desk.user(0), 1)])
}

pub(crate) fn no_write(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    let contact = desk.holding(0, "A")?;
    apply(&Commit {
        marks: vec![Marking {
            what: Marked::Contact(precondition(&contact)),
            mark: mark(1),
        }],
        ..desk.commit("run")
    })?;
    same(
        "the contact after it was marked",
        desk.contact(&contact.id)?,
        contact,
    )
}

pub(crate) fn by_link(desk: &Desk<'_>) -> Outcome {
    kept(desk)?;
    for person in [0, 1] {
        marked(desk, desk.create(person, &[]).into(), 1)?;
    }
    let asked = [(desk.user(0), 1), (desk.user(1), 1)];
    let named = named(&asked)?;
    let Some(seen) = named.first() else {
        return not_tried("the store knows nobody again");
    };
    let Some((user, _)) = asked.get(seen.user as usize) else {
        return differs("a position among those that were asked for", shown(seen));
    };
    let round = desk.name("round");
    open_round(SOURCE, &round, false)?;
    apply(&Commit {
        sightings: Some(Sightings {
            round: round.clone(),
            object_ids: Vec::new(),
            links: vec![seen.link],
        }),
        ..desk.commit("run")
    })?;
    let left = unseen(SOURCE, &round, None, 1_000, &[])?;
    close_round(SOURCE, &round)?;
    let is_left = left
        .iter()
        .filter_map(|contact| contact.link.as_ref())
        .any(|link| link.object_id == *user);
    same("whether who was seen by the link is unseen", is_left, false)
}
