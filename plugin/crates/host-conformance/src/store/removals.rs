//! What the three kinds of removal take away, and what they leave.

use crate::bench::{Desk, base, link, list, pairs, remove, value};
use crate::bindings::imports::contact_store::Query;
use crate::bindings::imports::types::{Contact, Create, RemovalKind};
use host_promises::verdict::{Amiss, Outcome, holds, same};

/// A contact on a list.
fn listed(desk: &Desk<'_>) -> Result<Contact, Amiss> {
    let first = &*desk.bench.first;
    desk.made(Create {
        lists: vec![list(&desk.name("list"))],
        ..desk.create(0, &[(first, "A")])
    })
}

pub(crate) fn unlink(desk: &Desk<'_>) -> Outcome {
    let contact = listed(desk)?;
    let told = desk.applied(remove(&contact, &desk.user(0), RemovalKind::Unlink))?;
    let after = desk.contact(&contact.id)?;
    same("the link", after.link, None)?;
    same("the lists", after.lists, Vec::new())?;
    same("activity", after.active, true)?;
    same("the version", after.version, told)?;
    let held = value(&after.fields, &desk.bench.first);
    same("the field", held, Some("A"))
}

pub(crate) fn deactivate(desk: &Desk<'_>) -> Outcome {
    let contact = listed(desk)?;
    desk.applied(remove(&contact, &desk.user(0), RemovalKind::Deactivate))?;
    let after = desk.linked(&desk.user(0))?;
    same("the contact of the user", &after.id, &contact.id)?;
    same("activity", after.active, false)?;
    same("the base", base(&after), base(&contact))?;
    same("the lists", after.lists, Vec::new())?;
    same("the fields", pairs(&after.fields), pairs(&contact.fields))
}

pub(crate) fn delete(desk: &Desk<'_>) -> Outcome {
    let contact = listed(desk)?;
    desk.applied(remove(&contact, &desk.user(0), RemovalKind::Delete))?;
    let found = desk.find(&Query {
        contacts: vec![contact.id],
        object_ids: vec![desk.user(0)],
        ..desk.query()
    })?;
    same("contacts of the id or the user", found, Vec::new())
}

pub(crate) fn former(desk: &Desk<'_>) -> Outcome {
    let contact = desk.unlinked(0)?;
    let user = desk.user(0);
    same("the former user", contact.former.as_deref(), Some(&*user))?;
    let found = desk.of_user(&user)?;
    let ids: Vec<_> = found.iter().map(|contact| &contact.id).collect();
    same(
        "whom the id of the former user finds",
        ids,
        vec![&contact.id],
    )?;
    desk.applied(link(&contact, &user))?;
    let again = desk.linked(&user)?;
    holds(
        "the same contact, with no former user",
        again.id == contact.id && again.former.is_none(),
        &again,
    )?;
    // Of another user from now on, it is nobody's former one.
    desk.applied(remove(&again, &user, RemovalKind::Unlink))?;
    desk.applied(link(&desk.contact(&contact.id)?, &desk.user(1)))?;
    same(
        "whom the id of the former user finds now",
        desk.of_user(&user)?,
        Vec::new(),
    )
}
