//! What a round that states one object after another is about: the users, or the organisational contacts.

use emulated_directory::directory::{ChangeLog, Directory, UserState};
use emulated_directory::subject::Subject;

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There.
    Live,
    /// Deleted, and can be restored.
    Restorable,
    /// Gone for good.
    Gone,
}

/// The objects of one collection, addressed by ordinals.
#[derive(Clone, Copy)]
pub(super) enum Objects<'d> {
    Users(&'d Directory),
    OrgContacts(&'d Directory),
}

impl<'d> Objects<'d> {
    pub(super) fn log(self) -> &'d ChangeLog {
        match self {
            Self::Users(directory) => directory.log(),
            Self::OrgContacts(directory) => directory.groups().others().log(),
        }
    }

    /// One past the last ordinal.
    pub(super) fn end(self) -> u64 {
        match self {
            Self::Users(directory) => directory.end(),
            Self::OrgContacts(directory) => directory.groups().others().end(),
        }
    }

    /// The ordinal of an object id, whatever became of its object.
    pub(super) fn ordinal(self, id: &str) -> Option<u64> {
        match self {
            Self::Users(directory) => directory.ordinal(id),
            Self::OrgContacts(directory) => directory.groups().others().place(id),
        }
    }

    pub(super) fn id(self, ordinal: u64) -> Option<String> {
        match self {
            Self::Users(directory) => directory.id(ordinal),
            Self::OrgContacts(directory) => {
                let id = directory.groups().others().id(ordinal);
                id.map(str::to_owned)
            }
        }
    }

    pub(super) fn subject(self, ordinal: u64) -> Option<Subject<'d>> {
        match self {
            Self::Users(directory) => directory.subject(ordinal),
            Self::OrgContacts(directory) => {
                let contact = directory.groups().others().contact(ordinal);
                contact.map(Subject::Stated)
            }
        }
    }

    pub(super) fn standing(self, ordinal: u64) -> Standing {
        match self {
            Self::Users(directory) => match directory.standing(ordinal) {
                UserState::Live => Standing::Live,
                UserState::Deleted { .. } => Standing::Restorable,
                UserState::Purged => Standing::Gone,
            },
            // A device at the same place is nobody's contact, and was none.
            Self::OrgContacts(directory) => {
                let others = directory.groups().others();
                match others.get(ordinal) {
                    Some(_) => Standing::Live,
                    None => Standing::Gone,
                }
            }
        }
    }
}
