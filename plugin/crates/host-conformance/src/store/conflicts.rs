//! Changes that no longer fit, and which conflict is told.

use crate::bench::{Desk, base, field, link, list, pairs, remove, update, value, word, words};
use crate::bindings::imports::types::{Contact, Membership, RemovalKind, Update};
use host_promises::verdict::{Amiss, Outcome, same};

/// A contact as it was looked up, that was written since.
fn outdated(desk: &Desk<'_>) -> Result<Contact, Amiss> {
    let contact = desk.holding(0, "A")?;
    desk.applied(update(&contact, &[(&desk.bench.first, Some("B"))]))?;
    Ok(contact)
}

pub(crate) fn version(desk: &Desk<'_>) -> Outcome {
    let first = &*desk.bench.first;
    let contact = outdated(desk)?;
    let told = desk.one(Update {
        base: Some(Vec::new()),
        membership: Membership {
            join: vec![list(&desk.name("list"))],
            leave: Vec::new(),
        },
        ..update(&contact, &[(first, Some("C"))])
    })?;
    same("the outcome", word(&told), "version".to_owned())?;
    let after = desk.contact(&contact.id)?;
    same("the field", value(&after.fields, first), Some("B"))?;
    same("the base", base(&after), pairs(&[field(first, "A")]))?;
    same("the lists", after.lists, Vec::new())
}

pub(crate) fn gone(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    let user = desk.user(0);
    desk.applied(remove(&contact, &user, RemovalKind::Delete))?;
    let outcomes = desk.apply(
        "run",
        vec![
            update(&contact, &[]).into(),
            link(&contact, &user).into(),
            remove(&contact, &user, RemovalKind::Delete).into(),
        ],
    )?;
    same(
        "update, link and removal of a contact that is gone",
        words(&outcomes),
        vec!["gone".to_owned(); 3],
    )
}

pub(crate) fn linked(desk: &Desk<'_>) -> Outcome {
    let one = desk.holding(0, "A")?;
    let unlinked = desk.unlinked(1)?;
    let of_another = Update {
        object_id: desk.user(2),
        ..update(&one, &[])
    };
    let outcomes = desk.apply(
        "run",
        vec![
            desk.create(0, &[]).into(),
            link(&one, &desk.user(3)).into(),
            link(&unlinked, &desk.user(0)).into(),
            of_another.into(),
            remove(&one, &desk.user(2), RemovalKind::Delete).into(),
        ],
    )?;
    same(
        "create of a linked user, link of a linked contact, link to a linked user, update and removal for another user",
        words(&outcomes),
        vec!["linked".to_owned(); 5],
    )
}

pub(crate) fn order(desk: &Desk<'_>) -> Outcome {
    let outdated = outdated(desk)?;
    let gone = desk.holding(1, "A")?;
    desk.applied(remove(&gone, &desk.user(1), RemovalKind::Delete))?;
    let of_another = Update {
        object_id: desk.user(2),
        ..update(&outdated, &[])
    };
    let outcomes = desk.apply(
        "run",
        vec![
            link(&gone, &desk.user(0)).into(),
            link(&outdated, &desk.user(3)).into(),
            of_another.into(),
        ],
    )?;
    same(
        "gone and linked; linked and of another version, twice",
        words(&outcomes),
        ["gone", "linked", "linked"].map(str::to_owned).to_vec(),
    )
}

pub(crate) fn removal(desk: &Desk<'_>) -> Outcome {
    let contact = outdated(desk)?;
    let user = desk.user(0);
    for kind in [
        RemovalKind::Unlink,
        RemovalKind::Deactivate,
        RemovalKind::Delete,
    ] {
        let told = desk.one(remove(&contact, &user, kind))?;
        same("the outcome", word(&told), "version".to_owned())?;
    }
    let after = desk.linked(&user)?;
    same("the contact of the user", &after.id, &contact.id)?;
    same("activity", after.active, true)
}
