//! Rounds: which links a full round has not seen.

use crate::bench::{Desk, SOURCE, link, remove, value};
use crate::bindings::imports::contact_store::{
    Commit, Sightings, apply, close_round, open_round, unseen,
};
use crate::bindings::imports::types::{RemovalKind, StoreError};
use host_promises::verdict::{Amiss, Outcome, differs, holds, same, shown};

/// More than there are.
const ALL: u32 = 1_000;

/// A round of a check, which is closed in the end.
struct Round<'d, 'b> {
    desk: &'d Desk<'b>,
    name: String,
}

impl<'d, 'b> Round<'d, 'b> {
    fn open(desk: &'d Desk<'b>) -> Result<Self, Amiss> {
        let round = Self {
            desk,
            name: desk.name("round"),
        };
        open_round(SOURCE, &round.name, false)?;
        Ok(round)
    }

    fn see(&self, people: &[usize]) -> Outcome {
        apply(&Commit {
            sightings: Some(Sightings {
                round: self.name.clone(),
                object_ids: people
                    .iter()
                    .map(|person| self.desk.user(*person))
                    .collect(),
                links: Vec::new(),
            }),
            ..self.desk.commit("run")
        })?;
        Ok(())
    }

    /// The people of this check whom the round has not seen, in the order in which the store tells them.
    /// Links of other checks are there, too.
    fn unseen(&self) -> Result<Vec<usize>, Amiss> {
        let contacts = unseen(SOURCE, &self.name, None, ALL, &[])?;
        let users = contacts.into_iter().filter_map(|contact| contact.link);
        Ok(users
            .filter_map(|link| self.person(&link.object_id))
            .collect())
    }

    fn person(&self, user: &str) -> Option<usize> {
        (0..crate::bench::PEOPLE).find(|person| self.desk.user(*person) == *user)
    }

    fn close(self) -> Outcome {
        Ok(close_round(SOURCE, &self.name)?)
    }
}

fn people(desk: &Desk<'_>, people: &[usize]) -> Outcome {
    for person in people {
        desk.holding(*person, "A")?;
    }
    Ok(())
}

pub(crate) fn known_links(desk: &Desk<'_>) -> Outcome {
    let name = desk.name("round");
    let before = open_round(SOURCE, &name, false)?.known_links;
    people(desk, &[0, 1])?;
    let after = open_round(SOURCE, &name, false)?.known_links;
    let known = unseen(SOURCE, &name, None, ALL, &[])?.len() as u64;
    close_round(SOURCE, &name)?;
    same("known links after two more", after, before + 2)?;
    same("known links, and those that nobody has seen", after, known)
}

pub(crate) fn not_seen(desk: &Desk<'_>) -> Outcome {
    people(desk, &[3, 1, 0, 2])?;
    let round = Round::open(desk)?;
    round.see(&[1, 19])?;
    same(
        "whom the round has not seen",
        round.unseen()?,
        vec![0, 2, 3],
    )?;
    let told = unseen(
        SOURCE,
        &round.name,
        None,
        ALL,
        std::slice::from_ref(&desk.bench.first),
    )?;
    let ids: Vec<_> = told
        .iter()
        .filter_map(|it| it.link.as_ref())
        .map(|it| &it.object_id)
        .collect();
    holds("object ids in order", ids.is_sorted(), &ids)?;
    let of_this = told.iter().find(|contact| {
        contact
            .link
            .as_ref()
            .is_some_and(|link| link.object_id == desk.user(0))
    });
    let held = of_this.and_then(|contact| value(&contact.fields, &desk.bench.first));
    same("the field that was asked for", held, Some("A"))?;
    round.see(&[0, 0, 2, 3])?;
    same(
        "whom it has not seen in the end",
        round.unseen()?,
        Vec::new(),
    )?;
    round.close()
}

pub(crate) fn page(desk: &Desk<'_>) -> Outcome {
    people(desk, &[0, 1, 2])?;
    let round = Round::open(desk)?;
    let read = |after: &str, limit| -> Result<Vec<String>, Amiss> {
        let contacts = unseen(SOURCE, &round.name, Some(after), limit, &[])?;
        let links = contacts.into_iter().filter_map(|contact| contact.link);
        Ok(links.map(|link| link.object_id).collect())
    };
    same(
        "one after the first",
        read(&desk.user(0), 1)?,
        vec![desk.user(1)],
    )?;
    same(
        "two after the first",
        read(&desk.user(0), 2)?,
        vec![desk.user(1), desk.user(2)],
    )?;
    round.close()
}

pub(crate) fn new_link(desk: &Desk<'_>) -> Outcome {
    people(desk, &[0, 1])?;
    let round = Round::open(desk)?;
    people(desk, &[2])?;
    let anew = desk.linked(&desk.user(1))?;
    desk.applied(remove(&anew, &desk.user(1), RemovalKind::Unlink))?;
    desk.applied(link(&desk.contact(&anew.id)?, &desk.user(1)))?;
    same("whom the round has not seen", round.unseen()?, vec![0])?;
    round.close()
}

/// The first half, in one call: a round is opened, and one of two is seen.
pub(crate) fn begin(desk: &Desk<'_>) -> Outcome {
    people(desk, &[0, 1])?;
    Round::open(desk)?.see(&[0])
}

/// The second half, in the next one.
pub(crate) fn resumed(desk: &Desk<'_>) -> Outcome {
    let round = Round {
        desk,
        name: desk.name("round"),
    };
    people(desk, &[2])?;
    open_round(SOURCE, &round.name, true)?;
    same(
        "whom a round that goes on has not seen",
        round.unseen()?,
        vec![1],
    )?;
    round.close()
}

pub(crate) fn anew(desk: &Desk<'_>) -> Outcome {
    people(desk, &[0, 1])?;
    let round = Round::open(desk)?;
    round.see(&[0])?;
    open_round(SOURCE, &round.name, false)?;
    same(
        "whom a round that began anew has not seen",
        round.unseen()?,
        vec![0, 1],
    )?;
    round.close()
}

pub(crate) fn not_open(desk: &Desk<'_>) -> Outcome {
    let never = desk.name("never opened");
    match unseen(SOURCE, &never, None, 1, &[]) {
        Err(StoreError::Other(_)) => {}
        told => return differs("the error `other` of `unseen`", shown(&told)),
    }
    let told = apply(&Commit {
        sightings: Some(Sightings {
            round: never,
            object_ids: vec![desk.user(0)],
            links: Vec::new(),
        }),
        ..desk.commit("run")
    });
    match told {
        Err(StoreError::Other(_)) => Ok(()),
        told => differs("the error `other` of its sightings", shown(&told)),
    }
}

pub(crate) fn closed(desk: &Desk<'_>) -> Outcome {
    people(desk, &[0])?;
    let round = Round::open(desk)?;
    let name = round.name.clone();
    round.close()?;
    close_round(SOURCE, &name)?;
    match unseen(SOURCE, &name, None, 1, &[]) {
        Err(StoreError::Other(_)) => Ok(()),
        told => differs(
            "the error `other` of a round that is forgotten",
            shown(&told),
        ),
    }
}
