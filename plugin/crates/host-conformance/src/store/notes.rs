//! Notes: why a user led to no change.

use crate::bench::{Desk, SOURCE};
use crate::bindings::imports::contact_store::{Commit, Note, apply, notes};
use crate::bindings::imports::types::{Noted, Who};
use host_promises::verdict::{Amiss, Outcome, differs, same, shown};

fn note(desk: &Desk<'_>, run: &str, reason: &str, contact: Option<&str>) -> Outcome {
    apply(&Commit {
        notes: vec![Note {
            object_id: desk.user(0),
            address: Some(desk.address(0)),
            contact: contact.map(str::to_owned),
            reason: reason.to_owned(),
        }],
        ..desk.commit(run)
    })?;
    Ok(())
}

fn settle(desk: &Desk<'_>) -> Outcome {
    apply(&Commit {
        settled: vec![desk.user(0)],
        ..desk.commit("run")
    })?;
    Ok(())
}

fn noted(who: &Who) -> Result<Noted, Amiss> {
    match <[Noted; 1]>::try_from(notes(SOURCE, who)?) {
        Ok([noted]) => Ok(noted),
        Err(found) => differs(format!("one note about {who:?}"), shown(&found)),
    }
}

pub(crate) fn found(desk: &Desk<'_>) -> Outcome {
    let contact = desk.holding(0, "A")?;
    note(desk, "run", "out-of-scope", Some(&contact.id))?;
    note(desk, "run", "kept-by-policy", Some(&contact.id))?;
    for who in [
        Who::User(desk.user(0)),
        Who::Contact(contact.id.clone()),
        Who::Address(desk.address(0).to_uppercase()),
    ] {
        let noted = noted(&who)?;
        same("whom it is about", noted.object_id, desk.user(0))?;
        same("the reason", &*noted.reason, "kept-by-policy")?;
        same("the contact", noted.contact.as_deref(), Some(&*contact.id))?;
    }
    settle(desk)
}

pub(crate) fn since(desk: &Desk<'_>) -> Outcome {
    let user = Who::User(desk.user(0));
    note(desk, "run", "out-of-scope", None)?;
    let first = noted(&user)?;
    std::thread::sleep(std::time::Duration::from_millis(5));
    note(desk, "second run", "out-of-scope", None)?;
    let second = noted(&user)?;
    let told = |noted: &Noted| (noted.since_ms, noted.run.clone());
    same(
        "moment and run of the same reason",
        told(&second),
        told(&first),
    )?;
    same("the run", first.run, Some(desk.name("run")))?;
    note(desk, "third run", "kept-by-policy", None)?;
    let third = noted(&user)?;
    same(
        "the run of another reason",
        third.run,
        Some(desk.name("third run")),
    )?;
    settle(desk)
}

pub(crate) fn settled(desk: &Desk<'_>) -> Outcome {
    note(desk, "run", "out-of-scope", None)?;
    settle(desk)?;
    same(
        "the notes",
        notes(SOURCE, &Who::User(desk.user(0)))?.len(),
        0,
    )
}
