//! Creates, updates and links.

use crate::bench::{Desk, applied, base, field, link, list, pairs, remove, update, value, write};
use crate::bindings::imports::contact_store::Outcome as Told;
use crate::bindings::imports::types::{Create, LinkContact, Membership, RemovalKind, Update};
use host_promises::verdict::{Outcome, holds, same};

pub(crate) fn create(desk: &Desk<'_>) -> Outcome {
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let inactive = Create {
        active: false,
        base: vec![field(first, "B"), field("Not mapped any more", "C")],
        ..desk.create(0, &[(first, "A"), (second, "Ä 😀")])
    };
    let contact = desk.made(inactive)?;
    same("first field", value(&contact.fields, first), Some("A"))?;
    same("second field", value(&contact.fields, second), Some("Ä 😀"))?;
    let expected = pairs(&[field(first, "B"), field("Not mapped any more", "C")]);
    same("base", base(&contact), expected)?;
    same("activity", contact.active, false)?;
    same("former user", contact.former, None)
}

pub(crate) fn field_not_named(desk: &Desk<'_>) -> Outcome {
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let contact = desk.made(desk.create(0, &[(first, "A"), (second, "B")]))?;
    desk.applied(update(&contact, &[(first, Some("C"))]))?;
    let after = desk.contact(&contact.id)?;
    same(
        "the field that was written",
        value(&after.fields, first),
        Some("C"),
    )?;
    same("the other field", value(&after.fields, second), Some("B"))
}

pub(crate) fn field_emptied(desk: &Desk<'_>) -> Outcome {
    let first = &*desk.bench.first;
    let contact = desk.holding(0, "A")?;
    desk.applied(update(&contact, &[(first, None)]))?;
    let after = desk.contact(&contact.id)?;
    same("the field", value(&after.fields, first), None)
}

pub(crate) fn base_replaced(desk: &Desk<'_>) -> Outcome {
    let (first, second) = (&*desk.bench.first, &*desk.bench.second);
    let contact = desk.made(desk.create(0, &[(first, "A"), (second, "B")]))?;
    desk.applied(Update {
        base: Some(vec![field(second, "C")]),
        ..update(&contact, &[])
    })?;
    let after = desk.contact(&contact.id)?;
    let expected = pairs(&[field(second, "C")]);
    same("base", base(&after), expected.clone())?;
    desk.applied(update(&after, &[(first, Some("D"))]))?;
    let after = desk.contact(&contact.id)?;
    same("base after an update without one", base(&after), expected)
}

pub(crate) fn version_changes(desk: &Desk<'_>) -> Outcome {
    let first = &*desk.bench.first;
    let mut contact = desk.holding(0, "A")?;
    let mut seen = vec![contact.version];
    for value in ["B", "A", "A"] {
        let told = desk.applied(update(&contact, &[(first, Some(value))]))?;
        contact = desk.contact(&contact.id)?;
        same("the version that is looked up", contact.version, told)?;
        holds(
            "a version that was never there",
            !seen.contains(&told),
            (&seen, told),
        )?;
        seen.push(told);
    }
    Ok(())
}

pub(crate) fn links(desk: &Desk<'_>) -> Outcome {
    let (first, name) = (&*desk.bench.first, desk.name("list"));
    let contact = desk.unlinked(0)?;
    let user = desk.user(1);
    desk.applied(LinkContact {
        writes: vec![write(first, Some("A"))],
        base: vec![field(first, "B")],
        membership: Membership {
            join: vec![list(&name)],
            leave: Vec::new(),
        },
        ..link(&contact, &user)
    })?;
    let after = desk.linked(&user)?;
    same("the contact of the user", &after.id, &contact.id)?;
    same("the field", value(&after.fields, first), Some("A"))?;
    same("the base", base(&after), pairs(&[field(first, "B")]))?;
    same("the lists", after.lists, vec![name])?;
    same("the former user", after.former, None)
}

pub(crate) fn in_order(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    let user = desk.user(0);
    let outcomes = desk.apply(
        "run",
        vec![
            remove(&contact, &user, RemovalKind::Delete).into(),
            update(&contact, &[]).into(),
            desk.create(0, &[]).into(),
            desk.create(0, &[]).into(),
        ],
    )?;
    same(
        "delete, update, create, create",
        crate::bench::words(&outcomes),
        ["applied", "gone", "applied", "linked"]
            .map(str::to_owned)
            .to_vec(),
    )
}

pub(crate) fn reactivated(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    desk.applied(remove(&contact, &desk.user(0), RemovalKind::Deactivate))?;
    let inactive = desk.contact(&contact.id)?;
    same("activity after a deactivation", inactive.active, false)?;
    desk.applied(update(&inactive, &[]))?;
    let still = desk.contact(&contact.id)?;
    same(
        "activity after an update that says nothing of it",
        still.active,
        false,
    )?;
    let told = desk.one(Update {
        active: Some(true),
        ..update(&still, &[])
    })?;
    applied(told)?;
    same(
        "activity after it was made active",
        desk.contact(&contact.id)?.active,
        true,
    )?;
    if !desk.bench.store.journal {
        return Ok(());
    }
    let newest = super::journal::newest(&desk.user(0))?;
    same(
        "the effect in the journal",
        newest.what.effect,
        crate::bindings::imports::types::Effect::Reactivate,
    )
}

pub(crate) fn id_not_reused(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    desk.applied(remove(&contact, &desk.user(0), RemovalKind::Delete))?;
    for person in [0, 1] {
        match desk.one(desk.create(person, &[]))? {
            Told::Applied(made) => holds(
                "another id than that of the contact that was deleted",
                made.contact != contact.id,
                &made.contact,
            )?,
            other => applied(other).map(drop)?,
        }
    }
    Ok(())
}
