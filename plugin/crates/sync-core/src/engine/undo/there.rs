//! The directory's side of those whom a run gave the directory something of. Of nobody else the directory is asked
//! anything, so that an undo of a run that only read needs no network.

use std::cell::OnceCell;

use guest_kit::ordered::{Map, Set};

use crate::contact::{AttributeChange, ObjectId};
use crate::mapping::person::{Item, Person};
use crate::ports::{DirectoryError, DirectoryErrorKind, Failure, JournalEntry, Ports, Usage};
use crate::reconcile::finding::Finding;
use crate::reconcile::given_back::{Stays, There};

use super::super::call::Prepared;
use super::super::directory::Directory;
use super::super::echo::Echoes;
use super::super::run_abort::RunAbort;
use super::super::session::Session;
use super::super::verify::{Verified, fetch_by_id};

/// People who are asked for at a time.
const BATCH: usize = 100;

/// The directory, with which nothing is begun before it is needed.
pub(super) struct Reach<'a> {
    ports: Ports<'a>,
    prepared: &'a Prepared,
    /// `None` where this call has no way out.
    directory: Option<&'a dyn Directory>,
    session: OnceCell<Session<'a>>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(
        ports: Ports<'a>,
        prepared: &'a Prepared,
        directory: Option<&'a dyn Directory>,
    ) -> Self {
        Self {
            ports,
            prepared,
            directory,
            session: OnceCell::new(),
        }
    }

    /// Signs in, where that was not done yet.
    pub(super) fn session(&self) -> Result<&Session<'a>, RunAbort> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let directory = self.directory.ok_or_else(no_way_out)?;
        let session = Session::open(self.ports, self.prepared, directory)?;
        Ok(self.session.get_or_init(|| session))
    }

    /// What was used since this was asked last.
    pub(super) fn take_usage(&self) -> Usage {
        self.session
            .get()
            .map(Session::take_usage)
            .unwrap_or_default()
    }

    /// The directory's side of the users of these entries.
    pub(super) fn side(&self, entries: &[JournalEntry]) -> Result<Side<'_>, RunAbort> {
        let given = entries.iter().filter(|entry| !entry.directory.is_empty());
        let users = Set::from_iter(given.map(|entry| &entry.object_id));
        let users: Vec<ObjectId> = users.into_iter().cloned().collect();
        let mut side = Side {
            prepared: self.prepared,
            not_permitted: &[],
            people: Map::new(),
            unanswered: Map::new(),
        };
        if !self.prepared.settings.writes_directory() {
            // Nothing of it is mapped: there is nothing to ask.
            side.unanswered = users.into_iter().map(|user| (user, Vec::new())).collect();
            return Ok(side);
        }
        if users.is_empty() {
            return Ok(side);
        }
        let session = self.session()?;
        side.not_permitted = &session.not_permitted;
        let people = session.people(session.organization.as_deref());
        for users in users.chunks(BATCH) {
            let Verified { there, not_there } = fetch_by_id(&*people, users)?;
            let echoes = Echoes::among(session, &there)?;
            for item in &there {
                if let Item::Live(person) = echoes.arrived(item) {
                    side.people.insert(person.object_id.clone(), Ok(person));
                }
            }
            for (user, finding) in not_there {
                let why = match finding {
                    Finding::Unknown(_) => Stays::Unread,
                    _ => Stays::Gone,
                };
                side.people.insert(user, Err(why));
            }
            for user in users {
                side.unanswered
                    .insert(user.clone(), echoes.unanswered(user));
            }
        }
        Ok(side)
    }
}

fn no_way_out() -> DirectoryError {
    let told = "the run gave the directory something, and this call has no way to the directory"
        .to_owned();
    DirectoryError {
        kind: DirectoryErrorKind::Refused,
        told: told.clone(),
        failure: Box::new(Failure {
            code: "no-way-out".to_owned(),
            message: told,
            advice: "Let the connector reach the directory, as for a sync; where the document names servers of its own, \
                     allow them."
                .to_owned(),
            status: None,
            request_id: None,
        }),
    }
}

/// The directory's side of some users.
pub(super) struct Side<'r> {
    prepared: &'r Prepared,
    not_permitted: &'r [&'static str],
    people: Map<ObjectId, Result<Person, Stays>>,
    unanswered: Map<ObjectId, Vec<AttributeChange>>,
}

impl Side<'_> {
    /// That of one user; `None` where the run gave the directory nothing of them.
    pub(super) fn of(&self, user: &ObjectId) -> Option<There<'_>> {
        let unanswered = self.unanswered.get(user)?;
        let person = self.people.get(user);
        Some(There {
            rows: &self.prepared.settings.rows,
            not_permitted: self.not_permitted,
            person: match person {
                Some(Ok(person)) => Ok(person),
                Some(Err(why)) => Err(*why),
                None => Err(Stays::Unread),
            },
            unanswered,
        })
    }
}
