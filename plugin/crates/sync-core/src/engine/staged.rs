//! What waits in the state until its round is read: what would be taken away, and who cannot be
//! decided about yet.
//!
//! Nothing that takes away is done before the breakers have seen all of it. Nobody is linked before
//! everybody was read, because several people may have the address of one unlinked contact, and which
//! of them is linked must not depend on the order of the pages. And where a page takes back half of
//! what an earlier one said, the user is asked for before anything is concluded.

use guest_kit::json;
use serde::{Deserialize, Serialize};

use crate::contact::{ContactId, Invitation, ObjectId, Removal, StagedUpdate};
use crate::mapping::person::{Person, PersonKind};
use crate::ports::{PlanEntry, State, StateWrite};
use crate::reconcile::decision::{invitation_entry, removal_entry, staged_entry};
use crate::reconcile::reason::Reason;
use crate::settings::OrgContacts;

use super::checkpoint::{delete, read, write};
use super::run_abort::RunAbort;

const STAGED: &str = "staged/";
const WAITING: &str = "waiting/";
/// Comes after everything that an object id can begin with.
const LAST: char = '~';

/// Something that is taken away once its round is closed and the breakers were asked. At most one for
/// each user: a contact that goes need not be emptied first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Staged {
    /// A contact is unlinked, deactivated or deleted.
    Removal {
        /// What is to be done; with evidence.
        removal: Removal,
        /// Why.
        reason: Reason,
    },
    /// Fields are emptied, and the directory is given something. Kept under the name that the first version gave it.
    #[serde(rename = "blanking")]
    Update {
        /// What is to be done.
        #[serde(rename = "blanking")]
        update: StagedUpdate,
        /// The user's turn was counted already, with what was written at once.
        counted: bool,
    },
    /// Somebody who is in the store alone is invited.
    Invitation {
        /// Who.
        invitation: Invitation,
    },
}

impl Staged {
    /// The user it is about.
    #[must_use]
    pub fn object_id(&self) -> &ObjectId {
        match self {
            Self::Removal { removal, .. } => &removal.object_id,
            Self::Update { update, .. } => &update.object_id,
            Self::Invitation { invitation } => &invitation.object_id,
        }
    }

    /// The contact it is about.
    #[must_use]
    pub fn contact(&self) -> &ContactId {
        match self {
            Self::Removal { removal, .. } => &removal.contact.contact,
            Self::Update { update, .. } => &update.contact.contact,
            Self::Invitation { invitation } => &invitation.contact.contact,
        }
    }

    fn key(user: &ObjectId) -> String {
        format!("{STAGED}{user}")
    }

    /// What is staged for one user.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State, user: &ObjectId) -> Result<Option<Self>, RunAbort> {
        read(state, &Self::key(user))
    }

    pub(super) fn save(&self) -> Result<StateWrite, RunAbort> {
        write(&Self::key(self.object_id()), self)
    }

    pub(super) fn forget(user: &ObjectId) -> StateWrite {
        delete(Self::key(user))
    }

    /// What is staged for some users.
    pub(super) fn of(state: &dyn State, users: &[ObjectId]) -> Result<Vec<Self>, RunAbort> {
        state
            .get_many(users.iter().map(Self::key).collect())?
            .into_iter()
            .map(|(key, value)| json::from_bytes(&value).ok_or(RunAbort::Unreadable { key }))
            .collect()
    }

    /// As a plan would have it.
    pub(super) fn into_plan_entry(self) -> PlanEntry {
        match self {
            Self::Removal { removal, reason } => removal_entry(removal, reason),
            Self::Update { update, .. } => staged_entry(update),
            Self::Invitation { invitation } => invitation_entry(&invitation),
        }
    }

    /// What makes so much of what is staged forgotten.
    pub(super) fn discard(state: &dyn State, limit: u32) -> Result<Vec<StateWrite>, RunAbort> {
        let staged = state.list(STAGED, None, limit)?;
        Ok(staged.into_iter().map(|(key, _)| delete(key)).collect())
    }

    /// What is staged, in byte order of the object id.
    pub(super) fn page(
        state: &dyn State,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<Self>, RunAbort> {
        let after = after.map(Self::key);
        state
            .list(STAGED, after.as_deref(), limit)?
            .into_iter()
            .map(|(key, value)| json::from_bytes(&value).ok_or(RunAbort::Unreadable { key }))
            .collect()
    }
}

/// Somebody who cannot be decided about before everybody was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deferred {
    /// Would be linked to an unlinked contact.
    Link(Box<Person>),
    /// The pages say too little, and have to be completed by asking for the user.
    Ask,
}

impl Deferred {
    fn prefix(round: &str) -> String {
        format!("{WAITING}{round}/")
    }

    fn key(round: &str, user: &ObjectId) -> String {
        format!("{WAITING}{round}/{user}")
    }

    /// Where an organisational contact waits: behind every user, who links a contact first.
    fn last_key(round: &str, user: &ObjectId) -> String {
        format!("{WAITING}{round}/{LAST}{user}")
    }

    pub(super) fn save(&self, round: &str, user: &ObjectId) -> Result<StateWrite, RunAbort> {
        let key = match self {
            Self::Link(person) if person.kind == PersonKind::OrgContact => {
                Self::last_key(round, user)
            }
            Self::Link(_) | Self::Ask => Self::key(round, user),
        };
        write(&key, self)
    }

    /// Those of the users who wait to be asked for.
    pub(super) fn asked(
        state: &dyn State,
        round: &str,
        users: &[ObjectId],
    ) -> Result<Vec<ObjectId>, RunAbort> {
        let prefix = Self::prefix(round);
        let keys = users.iter().map(|user| Self::key(round, user));
        let waiting = state.get_many(keys.collect())?.into_iter();
        let asked = waiting.filter(|(_, value)| matches!(json::from_bytes(value), Some(Self::Ask)));
        let users = asked.filter_map(|(key, _)| key.strip_prefix(&prefix).map(ObjectId::new));
        Ok(users.collect())
    }

    /// What makes somebody wait no longer, wherever they wait.
    pub(super) fn forget(
        round: &str,
        user: &ObjectId,
        org_contacts: OrgContacts,
    ) -> impl Iterator<Item = StateWrite> + use<> {
        let last = match org_contacts {
            OrgContacts::Include => Some(delete(Self::last_key(round, user))),
            OrgContacts::Skip => None,
        };
        std::iter::once(delete(Self::key(round, user))).chain(last)
    }

    /// The first people who wait: users in byte order of the object id, then organisational contacts.
    pub(super) fn page(
        state: &dyn State,
        round: &str,
        limit: u32,
    ) -> Result<Vec<(ObjectId, Self)>, RunAbort> {
        let prefix = Self::prefix(round);
        state
            .list(&prefix, None, limit)?
            .into_iter()
            .map(|(key, value)| {
                let user = key.strip_prefix(&prefix);
                let user = user.map(|user| ObjectId::new(user.strip_prefix(LAST).unwrap_or(user)));
                match (user, json::from_bytes(&value)) {
                    (Some(user), Some(waiting)) => Ok((user, waiting)),
                    _ => Err(RunAbort::Unreadable { key }),
                }
            })
            .collect()
    }

    /// What makes so many of those who wait forgotten.
    pub(super) fn discard(
        state: &dyn State,
        round: &str,
        limit: u32,
    ) -> Result<Vec<StateWrite>, RunAbort> {
        let waiting = state.list(&Self::prefix(round), None, limit)?;
        Ok(waiting.into_iter().map(|(key, _)| delete(key)).collect())
    }
}
