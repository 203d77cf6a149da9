//! Contacts, links and changes: the words that every room of the connector shares.
//!
//! These are the types of the contract (`wit/types.wit`) as the core uses them. They compile and
//! are tested without WASI; the shell converts them at the boundary.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kept_by_name;

pub use contact_identity::{ObjectId, ObjectIdError};

/// The host's identifier of a contact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(String);

impl ContactId {
    /// Takes an identifier as the host gave it.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifier as text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One filled field. The value is never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Field {
    /// As the store describes it, or the label of a custom field.
    pub name: String,
    /// The value in the field's canonical text form.
    pub value: String,
}

/// One field to be written; no value empties it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldWrite {
    /// As the store describes it, or the label of a custom field.
    pub name: String,
    /// The new value; `None` empties the field.
    pub value: Option<String>,
}

/// What ties a contact to a directory user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The user.
    pub object_id: ObjectId,
    /// The directory's values with which the contact was last reconciled.
    pub base: Vec<Field>,
}

/// A contact as the store holds it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The host's identifier.
    pub id: ContactId,
    /// Changes with every write.
    pub version: u64,
    /// `false` once deactivated.
    pub active: bool,
    /// The filled fields that were asked for.
    pub fields: Vec<Field>,
    /// The link to this connection's tenant.
    pub link: Option<Link>,
    /// Of a contact without a link: the user from whom it was unlinked last.
    pub former: Option<ObjectId>,
    /// Lists the connector put the contact on.
    pub lists: Vec<String>,
}

impl Contact {
    /// The value of a field, where it holds one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        value_of(&self.fields, name)
    }

    /// The directory's value of a field when the contact was last reconciled.
    #[must_use]
    pub fn base(&self, name: &str) -> Option<&str> {
        self.link
            .as_ref()
            .and_then(|link| value_of(&link.base, name))
    }

    /// What a change of this contact, as it is now, stands on.
    #[must_use]
    pub fn precondition(&self) -> Precondition {
        Precondition {
            contact: self.id.clone(),
            version: self.version,
        }
    }
}

fn value_of<'a>(fields: &'a [Field], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|field| field.name == name)
        .map(|field| field.value.as_str())
}

/// The state of a contact that a change was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// The contact.
    pub contact: ContactId,
    /// The version it must still have.
    pub version: u64,
}

/// A list of the host, made on first use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContactList {
    /// How it is known.
    pub name: String,
    /// Used only when it is made.
    pub description: String,
}

/// Lists to join and to leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Ordered by name.
    pub join: Vec<ContactList>,
    /// Ordered.
    pub leave: Vec<String>,
}

impl Membership {
    /// Neither joins nor leaves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.join.is_empty() && self.leave.is_empty()
    }
}

/// A new contact, linked from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The user it is made for.
    pub object_id: ObjectId,
    /// Filled fields only.
    pub fields: Vec<Field>,
    /// The base of the new link.
    pub base: Vec<Field>,
    /// Whether it starts active.
    pub active: bool,
    /// Lists to put it on.
    pub lists: Vec<ContactList>,
}

/// New values for a linked contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What it stands on.
    pub contact: Precondition,
    /// The user it is linked to.
    pub object_id: ObjectId,
    /// Only what changes.
    pub writes: Vec<FieldWrite>,
    /// The whole new base, where it changes.
    pub base: Option<Vec<Field>>,
    /// Lists to join and leave.
    pub membership: Membership,
    /// Makes an inactive contact active again. Making one inactive is a [`Removal`].
    pub reactivate: bool,
    /// What the directory was given of it before, for the journal.
    pub directory: Vec<GivenChange>,
}

/// Ties an unlinked contact to a user, and writes in the same step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkContact {
    /// What it stands on.
    pub contact: Precondition,
    /// The user.
    pub object_id: ObjectId,
    /// Only what changes.
    pub writes: Vec<FieldWrite>,
    /// The base of the new link.
    pub base: Vec<Field>,
    /// Lists to join and leave.
    pub membership: Membership,
    /// Makes an inactive contact active again.
    pub reactivate: bool,
}

/// What becomes of a contact that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovalKind {
    /// The contact stays, its link and its membership in the connector's lists go.
    Unlink,
    /// The contact and its link stay, it becomes inactive.
    Deactivate,
    /// The contact goes.
    Delete,
}

kept_by_name!(RemovalKind:
    Unlink = "unlink",
    Deactivate = "deactivate",
    Delete = "delete",
);

/// Why a removal is right. Not being on a page is never evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// `@removed` with reason `changed`.
    DeletedSoft,
    /// `@removed` with reason `deleted`.
    DeletedPermanently,
    /// Unseen in a complete round, 404 among the users, found among the deleted items.
    FoundInDeletedItems,
    /// Unseen in a complete round, 404 among the users and among the deleted items.
    NotFoundAnywhere,
    /// `accountEnabled: false`.
    AccountDisabled,
    /// The named clause of the filter turned false on stated values.
    LeftScope(String),
    /// A person approved that the run of this id is undone.
    Undone(String),
}

/// Why a delta page says a user is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tombstone {
    /// `changed`: deleted, may be restored for 30 days.
    Soft,
    /// `deleted`: gone for good.
    Permanent,
}

/// A change that takes something away; it cannot be built without evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// What it stands on.
    pub contact: Precondition,
    /// The user the contact is linked to.
    pub object_id: ObjectId,
    /// What becomes of the contact.
    pub kind: RemovalKind,
    /// Why.
    pub evidence: Evidence,
    /// The lists of the connector that the contact leaves with it, ordered.
    #[serde(default)]
    pub leaves: Vec<String>,
}

/// One attribute of a directory user, before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttributeChange {
    /// As in the catalogue.
    pub attribute: String,
    /// What it holds before: what the change was decided on.
    pub before: Option<String>,
    /// What it holds after; `None` empties it.
    pub after: Option<String>,
}

/// What the directory was given of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenChange {
    /// Which attribute, and what it held before and holds since.
    pub change: AttributeChange,
    /// The contact's field that the attribute belonged to.
    pub field: String,
    /// The directory has answered that it holds it; otherwise it may hold either.
    pub answered: bool,
}

/// Of a linked contact, the fields that the directory had filled and has emptied; and of its user, what
/// the directory is to be given of the contact. Neither can be had back by reading once more, so both wait, like a
/// [`Removal`], until their round is closed and the breakers were asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedUpdate {
    /// What it stands on.
    pub contact: Precondition,
    /// The user it is linked to.
    pub object_id: ObjectId,
    /// The fields, with the values they lose; ordered by field.
    pub fields: Vec<Field>,
    /// Attributes of the user that are to hold what the contact holds; ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directory: Vec<AttributeChange>,
}

/// Somebody who is in the store alone and is to be a guest of the directory. Nobody can take an invitation back, so it
/// waits, like a [`Removal`], until its round is closed and the breakers were asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The contact, which is nobody's.
    pub contact: Precondition,
    /// What stands for the user whom nobody knows yet, see [`Invitation::stand_in`].
    pub object_id: ObjectId,
    /// To which the invitation is addressed, as the contact holds it.
    pub address: String,
    /// What the guest is called, where the contact says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

impl Invitation {
    /// What stands for the user of a contact that is nobody's, in plans and notes: no id of a directory begins so.
    #[must_use]
    pub fn stand_in(contact: &ContactId) -> ObjectId {
        ObjectId::new(format!("{STAND_IN}{contact}"))
    }

    /// The guest as the directory will have it, in the order of the attributes.
    #[must_use]
    pub fn guest(&self) -> Vec<AttributeChange> {
        let attribute = |attribute: &str, value: String| AttributeChange {
            attribute: attribute.to_owned(),
            before: None,
            after: Some(value),
        };
        let name = self.display_name.clone();
        name.map(|name| attribute("displayName", name))
            .into_iter()
            .chain([
                attribute("mail", self.address.clone()),
                attribute("userType", "Guest".to_owned()),
            ])
            .collect()
    }
}

/// What the id begins with that stands for nobody's user.
const STAND_IN: &str = "invite:";

/// Whether an id only stands for a user whom nobody knows yet.
#[must_use]
pub fn is_stand_in(user: &ObjectId) -> bool {
    user.as_str().starts_with(STAND_IN)
}

/// Takes back what one run did to one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The contact as it is now; where the run deleted it, with the version it had then.
    pub contact: Precondition,
    /// The user that the changes were about.
    pub object_id: ObjectId,
    /// The changes by their numbers in the journal, newest first.
    pub entries: Vec<u64>,
    /// Fields to be put back. What was edited since is not among them.
    pub writes: Vec<FieldWrite>,
    /// What the directory was given back before. The base of these fields becomes what it holds by that.
    pub directory: Vec<GivenChange>,
    /// Always [`Evidence::Undone`]: taking back can take something away.
    pub evidence: Evidence,
}

/// One effect on one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new contact.
    Create(Create),
    /// New values for a linked one.
    Update(Update),
    /// An unlinked one is tied to a user.
    Link(LinkContact),
    /// Something is taken away.
    Remove(Removal),
    /// What an earlier run did is taken back.
    Revert(Reversal),
}

impl Change {
    /// The user that the change is about.
    #[must_use]
    pub fn object_id(&self) -> &ObjectId {
        match self {
            Self::Create(create) => &create.object_id,
            Self::Update(update) => &update.object_id,
            Self::Link(link) => &link.object_id,
            Self::Remove(removal) => &removal.object_id,
            Self::Revert(reversal) => &reversal.object_id,
        }
    }
}

/// A change and why it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasoned {
    /// What is to be done.
    pub change: Change,
    /// A stable code, in kebab case.
    pub reason: &'static str,
}

/// Somebody, as a person may name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The directory user.
    User(ObjectId),
    /// The host's contact.
    Contact(ContactId),
    /// The value of the match-key field.
    Address(String),
}

/// What a contact is known by that is in step with its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The first 64 bits.
    pub high: u64,
    /// The others.
    pub low: u64,
}

/// What a sync would do, or did, about one directory user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// A new contact.
    Create,
    /// New values for a linked one.
    Update,
    /// An unlinked one is tied to the user.
    Link,
    /// An inactive one becomes active.
    Reactivate,
    /// The link goes.
    Unlink,
    /// The contact becomes inactive.
    Deactivate,
    /// The contact goes.
    Delete,
    /// Whoever is in the store alone is invited to the directory as a guest.
    Invite,
    /// Linked, looked at, nothing to do.
    Unchanged,
    /// Leads to no change.
    Skip,
}

kept_by_name!(Effect:
    Create = "create",
    Update = "update",
    Link = "link",
    Reactivate = "reactivate",
    Unlink = "unlink",
    Deactivate = "deactivate",
    Delete = "delete",
    Invite = "invite",
    Unchanged = "unchanged",
    Skip = "skip",
);

impl Effect {
    /// Every effect, in the order in which they are reported.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Update,
        Self::Link,
        Self::Unlink,
        Self::Deactivate,
        Self::Reactivate,
        Self::Delete,
        Self::Invite,
        Self::Unchanged,
        Self::Skip,
    ];
}
