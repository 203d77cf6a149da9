//! A directory user in the words of the store: what mapping hands to reconcile.

use serde::{Deserialize, Serialize};

use crate::contact::{ContactList, ObjectId, Tombstone};

use super::rows::Row;
pub use super::stated::Stated;

/// What somebody is to the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PersonKind {
    /// Has an account.
    #[default]
    User,
    /// Is listed without an account: an organisational contact.
    OrgContact,
}

/// What a clause of the filter asks for, as far as people are told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// A value of an attribute, or that it has none.
    #[default]
    Value,
    /// That somebody is licensed for something.
    License,
}

/// Whether a person is in scope of the configured filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Every clause holds.
    Inside,
    /// A clause does not hold.
    Outside {
        /// The attribute of the first such clause, in the filter's order. One that fails on what
        /// the page states goes before one that fails on what the page leaves out.
        clause: String,
        /// Whether the page states the attribute. Where it does not, a new person is out of scope,
        /// but a linked contact is left alone.
        stated: bool,
        /// What the clause asks for.
        #[serde(default)]
        asked: Asked,
    },
}

/// A mapped value that no store field could take, or a record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field, where it is about one.
    pub field: Option<String>,
    /// Stable, in kebab case: `too-long`, `unexpected-shape`.
    pub code: &'static str,
}

/// Lists the connector wants a contact on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WantedLists {
    /// The page does not say: membership stays.
    Unstated,
    /// Exactly these, ordered by name. May be none.
    Exactly(Vec<ContactList>),
}

/// A person who is in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The user.
    pub object_id: ObjectId,
    /// User or organisational contact.
    #[serde(default)]
    pub kind: PersonKind,
    /// `accountEnabled`, where the page states it. Who has no account has none that could be disabled.
    pub enabled: Option<bool>,
    /// The filter's verdict.
    pub scope: Scope,
    /// By position in the mapping's rows.
    pub fields: Vec<Stated>,
    /// The address by which an unlinked contact is found; as given, compared without regard to
    /// case.
    pub match_key: Option<String>,
    /// Lists the contact belongs on.
    pub lists: WantedLists,
    /// Every property that was asked for is stated, be it as empty.
    pub is_whole: bool,
    /// An address is stated as empty, and those that stand in for it are not stated: what the person's
    /// address is now, the page does not say.
    pub address_is_open: bool,
    /// Of the attributes that can hold the address, those that are stated hold none, and others are
    /// not stated.
    #[serde(default)]
    pub address_may_be_gone: bool,
    /// A telephone number and the country by whose plan it is read are not both stated, and what the number is
    /// hangs on that.
    #[serde(default)]
    pub number_is_open: bool,
    /// The page leaves out an attribute that every user has. It states what has changed, and what it
    /// leaves out may be filled.
    #[serde(default)]
    pub states_changes_only: bool,
    /// The account of an AI agent.
    #[serde(default)]
    pub is_agent: bool,
    /// Somebody of whom values are mapped, a manager, is named by id alone: what they are called, asking for
    /// the person tells.
    #[serde(default)]
    pub names_by_id: bool,
    /// What the directory has of the person is mastered in another one, on premises, and can be changed only
    /// there.
    #[serde(default)]
    pub mastered_elsewhere: bool,
    /// The first problem of the mapped values. Somebody who waits in the state has none.
    #[serde(skip)]
    pub invalid: Option<Invalid>,
}

impl Person {
    /// Whether a value stands on something that the page leaves out.
    #[must_use]
    pub fn assumes_something(&self) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|stated| matches!(stated, Stated::Assumed(_)))
    }

    /// The person, where what the page leaves out of the address rule is empty, as it is where it was
    /// never set. `None` where the page leaves out nothing on which a value stands.
    #[must_use]
    pub fn taken_as_stated(&self, rows: &[Row]) -> Option<Self> {
        let taken = |(row, stated): (&Row, &Stated)| match stated {
            Stated::Assumed(value) => Stated::Value(value.clone()),
            Stated::Unstated if self.address_may_be_gone && row.follows_address_rule() => {
                Stated::Empty
            }
            stated => stated.clone(),
        };
        let fields: Vec<_> = rows.iter().zip(&self.fields).map(taken).collect();
        (fields != self.fields).then(|| Self {
            fields,
            ..self.clone()
        })
    }
}

/// One element of a page, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Somebody who is there.
    Live(Person),
    /// Somebody the change feed says is gone.
    Gone {
        /// The user.
        object_id: ObjectId,
        /// How gone.
        tombstone: Tombstone,
    },
    /// An element without an object id: nothing can be said about anybody.
    Nameless,
}

impl Item {
    /// The user it is about.
    #[must_use]
    pub fn object_id(&self) -> Option<&ObjectId> {
        match self {
            Self::Live(person) => Some(&person.object_id),
            Self::Gone { object_id, .. } => Some(object_id),
            Self::Nameless => None,
        }
    }
}
