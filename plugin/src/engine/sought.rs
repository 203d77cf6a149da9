//! People who were asked for by id.

use crate::contact::ObjectId;
use crate::graph::lookup::Whereabouts;
use crate::mapping::Reader;
use crate::mapping::person::{Item, Person};
use crate::ports::Query;
use crate::reconcile::correlate::Candidates;
use crate::reconcile::decide::Finding;
use crate::reconcile::decision::{Action, Decision};
use crate::reconcile::reason::Reason;

use super::halt::Halt;
use super::session::Session;

/// What asking has shown.
#[derive(Default)]
pub(super) struct Sought {
    pub(super) there: Vec<Item>,
    pub(super) not_there: Vec<(ObjectId, Finding)>,
}

/// Asks for people by id.
pub(super) fn seek(
    session: &Session<'_>,
    reader: &Reader,
    users: &[ObjectId],
) -> Result<Sought, Halt> {
    let found = session.client.whereabouts(users, &session.selection)?;
    let mut sought = Sought {
        there: Vec::new(),
        not_there: Vec::new(),
    };
    for (user, whereabouts) in users.iter().zip(found) {
        let item = match &whereabouts {
            Whereabouts::Present(answer) => session
                .client
                .sought(answer, &session.selection)
                .map_or(Some(Item::Nameless), |user| Some(reader.read_item(&user))),
            _ => None,
        };
        match item {
            // The service may spell the id in another case than the change feed did.
            Some(Item::Live(person)) => sought.there.push(Item::Live(Person {
                object_id: user.clone(),
                ..person
            })),
            // There, and not to be read: that says nothing about what to do.
            Some(_) => {
                let unreadable = Finding::Unknown("unexpected-shape".to_owned());
                sought.not_there.push((user.clone(), unreadable));
            }
            None => sought.not_there.push((user.clone(), whereabouts.into())),
        }
    }
    Ok(sought)
}

/// Decides about people who were asked for by id and are not there.
pub(super) fn decide_absent(
    session: &Session<'_>,
    absent: Vec<(ObjectId, Finding)>,
) -> Result<Vec<Decision>, Halt> {
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        object_ids: absent.iter().map(|(user, _)| user.clone()).collect(),
        fields: session.fields.clone(),
        ..Query::default()
    })?;
    let candidates = Candidates::new(&contacts, &session.match_field);
    let rules = session.rules();
    Ok(absent
        .into_iter()
        .map(
            |(user, finding)| match (candidates.linked(&user), finding) {
                (Some(contact), finding) => rules.unseen(&user, contact, finding),
                (None, Finding::Unknown(code)) => {
                    Decision::plain(user, Action::Fail { field: None, code }, Reason::NotWritten)
                }
                (None, Finding::Deleted) => {
                    Decision::plain(user, Action::Skip(None), Reason::NotLinked)
                }
                (None, Finding::Present | Finding::Nowhere) => {
                    Decision::plain(user, Action::Skip(None), Reason::UnknownUser)
                }
            },
        )
        .collect())
}

/// The code of a question that the directory did not answer.
const LOOKUP_FAILED: &str = "lookup-failed";

impl Finding {
    /// Whether nothing shows that the directory ever had the user.
    pub(super) fn shows_nobody(&self) -> bool {
        match self {
            Self::Nowhere => true,
            Self::Unknown(code) => code == LOOKUP_FAILED,
            Self::Present | Self::Deleted => false,
        }
    }
}

impl From<Whereabouts> for Finding {
    fn from(whereabouts: Whereabouts) -> Self {
        match whereabouts {
            Whereabouts::Present(_) => Self::Present,
            Whereabouts::SoftDeleted => Self::Deleted,
            Whereabouts::NotFound => Self::Nowhere,
            Whereabouts::Unknown(_) => Self::Unknown(LOOKUP_FAILED.to_owned()),
        }
    }
}
