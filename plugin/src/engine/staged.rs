//! What waits in the state until its round is closed: what would be taken away, and who would be
//! linked.
//!
//! Nothing that takes away is done before the breakers have seen all of it. Nobody is linked before
//! everybody was read, because several people may have the address of one unlinked contact, and which
//! of them is linked must not depend on the order of the pages.

use serde::{Deserialize, Serialize};

use crate::contact::{Blanking, ContactId, ObjectId, Removal};
use crate::mapping::person::{Item, Person};
use crate::ports::{State, StateWrite};
use crate::reconcile::reason::Reason;

use super::checkpoint::{delete, write};
use super::halt::Halt;

const STAGED: &str = "staged/";
const CLAIMS: &str = "claim/";

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
    /// Fields are emptied.
    Blanking {
        /// What is to be done.
        blanking: Blanking,
        /// The user's turn was counted already, with what was written at once.
        counted: bool,
    },
}

impl Staged {
    /// The user it is about.
    #[must_use]
    pub fn object_id(&self) -> &ObjectId {
        match self {
            Self::Removal { removal, .. } => &removal.object_id,
            Self::Blanking { blanking, .. } => &blanking.object_id,
        }
    }

    /// The contact it is about.
    #[must_use]
    pub fn contact(&self) -> &ContactId {
        match self {
            Self::Removal { removal, .. } => &removal.contact.contact,
            Self::Blanking { blanking, .. } => &blanking.contact.contact,
        }
    }

    fn key(user: &ObjectId) -> String {
        format!("{STAGED}{user}")
    }

    pub(super) fn save(&self) -> Result<StateWrite, Halt> {
        write(&Self::key(self.object_id()), self)
    }

    pub(super) fn forget(user: &ObjectId) -> StateWrite {
        delete(Self::key(user))
    }

    /// What is staged, in byte order of the object id.
    pub(super) fn page(
        state: &dyn State,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<Self>, Halt> {
        let after = after.map(Self::key);
        state
            .list(STAGED, after.as_deref(), limit)?
            .into_iter()
            .map(|(key, value)| {
                serde_json::from_slice(&value).map_err(|_| Halt::Unreadable { key })
            })
            .collect()
    }
}

/// Somebody who would be linked to an unlinked contact.
pub(super) struct Claim;

impl Claim {
    fn prefix(round: &str) -> String {
        format!("{CLAIMS}{round}/")
    }

    fn key(round: &str, user: &ObjectId) -> String {
        format!("{CLAIMS}{round}/{user}")
    }

    pub(super) fn save(round: &str, person: &Person) -> Result<StateWrite, Halt> {
        write(&Self::key(round, &person.object_id), person)
    }

    pub(super) fn forget(round: &str, user: &ObjectId) -> StateWrite {
        delete(Self::key(round, user))
    }

    /// The first people who wait, in byte order of the object id.
    pub(super) fn page(state: &dyn State, round: &str, limit: u32) -> Result<Vec<Item>, Halt> {
        state
            .list(&Self::prefix(round), None, limit)?
            .into_iter()
            .map(|(key, value)| {
                serde_json::from_slice(&value)
                    .map(Item::Live)
                    .map_err(|_| Halt::Unreadable { key })
            })
            .collect()
    }

    /// Forgets everybody who waits, so many at a time; whether there are more.
    pub(super) fn discard(
        state: &dyn State,
        round: &str,
        limit: u32,
    ) -> Result<Vec<StateWrite>, Halt> {
        let waiting = state.list(&Self::prefix(round), None, limit)?;
        Ok(waiting.into_iter().map(|(key, _)| delete(key)).collect())
    }
}
