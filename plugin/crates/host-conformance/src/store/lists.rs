//! Lists: joined, left, and one by whatever spelling.

use crate::bench::{Desk, list, update};
use crate::bindings::imports::types::{Contact, Create, Membership, Update};
use host_promises::verdict::{Amiss, Outcome, same};

/// A contact on this list, made in a run.
fn on(desk: &Desk<'_>, run: &str, person: usize, name: &str) -> Result<Contact, Amiss> {
    let create = Create {
        lists: vec![list(name)],
        ..desk.create(person, &[])
    };
    for outcome in desk.apply(run, vec![create.into()])? {
        crate::bench::applied(outcome)?;
    }
    desk.linked(&desk.user(person))
}

fn moved(contact: &Contact, join: &[&str], leave: &[&str]) -> Update {
    Update {
        membership: Membership {
            join: join.iter().map(|name| list(name)).collect(),
            leave: leave.iter().map(|name| (*name).to_owned()).collect(),
        },
        ..update(contact, &[])
    }
}

fn lists_of(desk: &Desk<'_>, id: &str) -> Result<Vec<String>, Amiss> {
    let mut lists = desk.contact(id)?.lists;
    lists.sort_unstable();
    Ok(lists)
}

pub(crate) fn membership(desk: &Desk<'_>) -> Outcome {
    let [one, two, three] = ["A", "B", "C"].map(|name| desk.name(name));
    let contact = on(desk, "run", 0, &one)?;
    same(
        "the lists of a new contact",
        lists_of(desk, &contact.id)?,
        vec![one.clone()],
    )?;
    desk.applied(moved(&contact, &[&two, &three], &[]))?;
    same(
        "the lists after two were joined",
        lists_of(desk, &contact.id)?,
        vec![one.clone(), two.clone(), three.clone()],
    )?;
    let contact = desk.contact(&contact.id)?;
    desk.applied(moved(&contact, &[], &[&one, &three]))?;
    same(
        "the lists after two were left",
        lists_of(desk, &contact.id)?,
        vec![two],
    )
}

pub(crate) fn idle(desk: &Desk<'_>) -> Outcome {
    let (one, never) = (desk.name("A"), desk.name("never made"));
    let contact = on(desk, "run", 0, &one)?;
    desk.applied(moved(&contact, &[&one], &[&never]))?;
    same("the lists", lists_of(desk, &contact.id)?, vec![one])
}

pub(crate) fn one_name(desk: &Desk<'_>) -> Outcome {
    let name = desk.name("Äpfel und Birnen");
    let contact = on(desk, "run", 0, &name)?;
    for spelling in [
        desk.name("ÄPFEL UND BIRNEN"),
        desk.name("äpfel  und\u{a0} birnen "),
        desk.name("Äp\u{ad}fel und Birnen"),
        desk.name("A\u{308}pfel und Birnen"),
    ] {
        let now = desk.contact(&contact.id)?;
        desk.applied(moved(&now, &[&spelling], &[]))?;
        let lists = lists_of(desk, &contact.id)?;
        same(
            &format!("the lists after {spelling:?} was joined"),
            lists,
            vec![name.clone()],
        )?;
    }
    let now = desk.contact(&contact.id)?;
    desk.applied(moved(&now, &[], &[&desk.name("äPFEL UND birnen")]))?;
    same(
        "the lists after it was left",
        lists_of(desk, &contact.id)?,
        Vec::new(),
    )
}

pub(crate) fn spelling(desk: &Desk<'_>) -> Outcome {
    let spellings = [desk.name("SALES"), desk.name("Sales"), desk.name("sales")];
    for (person, spelling) in [2, 0, 1].into_iter().zip(&spellings) {
        on(desk, "run", person, spelling)?;
    }
    let [_, smallest, _] = spellings;
    for person in 0..3 {
        let contact = desk.linked(&desk.user(person))?;
        same(
            "the list of everybody",
            contact.lists,
            vec![smallest.clone()],
        )?;
    }
    Ok(())
}

pub(crate) fn spelling_kept(desk: &Desk<'_>) -> Outcome {
    let there = desk.name("SUPPORT");
    on(desk, "run", 5, &there)?;
    let later = on(desk, "later run", 0, &desk.name("Support"))?;
    same(
        "the list of who came in a later run",
        later.lists,
        vec![there],
    )
}
