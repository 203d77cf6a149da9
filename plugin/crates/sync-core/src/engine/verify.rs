//! People who were asked for by id.

use crate::contact::ObjectId;
use crate::mapping::person::{Item, Person};
use crate::ports::Query;
use crate::reconcile::correlate::Candidates;
use crate::reconcile::decision::{Action, Decision};
use crate::reconcile::finding::Finding;
use crate::reconcile::reason::Reason;
use guest_kit::ordered::Set;

use super::directory::{Answer, People};
use super::guests;
use super::org_contacts::left_out;
use super::run_abort::RunAbort;
use super::session::Session;

/// What asking has shown.
#[derive(Default)]
pub(super) struct Verified {
    pub(super) there: Vec<Item>,
    pub(super) not_there: Vec<(ObjectId, Finding)>,
}

/// Asks for people by id.
pub(super) fn fetch_by_id(
    people: &dyn People<'_>,
    users: &[ObjectId],
) -> Result<Verified, RunAbort> {
    let answers = people.find(users)?;
    let mut verified = Verified::default();
    for (user, answer) in users.iter().zip(answers) {
        match answer {
            // The service may spell the id in another case than the change feed did.
            Answer::There(Item::Live(person)) => verified.there.push(Item::Live(Person {
                object_id: user.clone(),
                ..person
            })),
            // There, and not to be read: that says nothing about what to do.
            Answer::There(Item::Gone { .. } | Item::Nameless) => {
                let unreadable = Finding::Unknown("unexpected-shape".to_owned());
                verified.not_there.push((user.clone(), unreadable));
            }
            Answer::NotThere(finding) => verified.not_there.push((user.clone(), finding)),
        }
    }
    Ok(verified)
}

/// Whoever was invited a short while ago need not be shown yet.
pub(super) fn unless_lately(lately: &Set<ObjectId>, user: &ObjectId, finding: Finding) -> Finding {
    match finding {
        Finding::Nowhere if lately.contains(user) => Finding::InvitedLately,
        finding => finding,
    }
}

/// Decides about people who were asked for by id and are not there.
pub(super) fn decide_absent(
    session: &Session<'_>,
    absent: Vec<(ObjectId, Finding)>,
) -> Result<Vec<Decision>, RunAbort> {
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        object_ids: absent.iter().map(|(user, _)| user.clone()).collect(),
        fields: session.fields.clone(),
        ..Query::default()
    })?;
    let candidates = Candidates::new(&contacts, &session.match_field);
    let rules = session.rules();
    let users: Vec<_> = absent.iter().map(|(user, _)| user.clone()).collect();
    let left_out = left_out(session, &users)?;
    let lately = guests::lately_among(session.ports, &users)?;
    Ok(absent
        .into_iter()
        .map(|(user, finding)| match left_out.contains(&user) {
            true => (user, Finding::OtherKind),
            false => {
                let finding = unless_lately(&lately, &user, finding);
                (user, finding)
            }
        })
        .map(
            |(user, finding)| match (candidates.linked(&user), finding) {
                (Some(contact), finding) => rules.unseen(&user, contact, finding),
                (None, Finding::Unknown(code)) => {
                    Decision::plain(user, Action::Fail { field: None, code }, Reason::NotWritten)
                }
                (None, Finding::OtherKind) => {
                    Decision::plain(user, Action::Skip(None), Reason::OutOfScope)
                }
                (None, Finding::Deleted) => {
                    Decision::plain(user, Action::Skip(None), Reason::NotLinked)
                }
                (None, Finding::Present | Finding::Nowhere | Finding::InvitedLately) => {
                    Decision::plain(user, Action::Skip(None), Reason::UnknownUser)
                }
            },
        )
        .collect())
}
