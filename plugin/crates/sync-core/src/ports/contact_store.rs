//! The contacts and the state of one workspace.

use thiserror::Error;

use sync_decisions::effects::JournalEntry;
use sync_decisions::reconcile::mark::Mark;

use crate::contact::{Contact, ContactId, ObjectId, Precondition, Reasoned, Who};

use super::Timestamp;

/// The contacts of one workspace. See `wit/contact-store.wit` for the guarantees.
pub trait ContactStore {
    /// What the store is and can do.
    ///
    /// # Errors
    ///
    /// Where the store cannot say.
    fn describe(&self) -> Result<StoreDescription, StoreError>;

    /// All contacts that meet the query, in any order.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn lookup(&self, query: &Query) -> Result<Vec<Contact>, StoreError>;

    /// Which of the users have a contact that is the same as when it was marked, in any order.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError>;

    /// Whose contacts were written by others since the token, in any order, at most `limit` at a time. Without a
    /// token nobody, and where the edits stand now.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError>;

    /// Contacts that are nobody's: active, with an address, without a link of the source, and never unlinked from one of
    /// its users; after a contact, at most `limit`. A store that cannot tell says so, and tells of none.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn unlinked(
        &self,
        source: &str,
        after: Option<&ContactId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let _ = (source, after, limit, fields);
        Ok(Vec::new())
    }

    /// Performs the changes in order and writes the state: one outcome per change, in order.
    ///
    /// # Errors
    ///
    /// Where nothing of the commit was done.
    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError>;

    /// Starts to note which linked users a full round reads, or goes on with it; the number of
    /// links that existed at its start.
    ///
    /// # Errors
    ///
    /// Where the store refused.
    fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<u64, StoreError>;

    /// Linked contacts whose user is in no sighting of the round, ordered by object id.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&ObjectId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError>;

    /// Forgets the round.
    ///
    /// # Errors
    ///
    /// Where the store refused.
    fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError>;

    /// What one run did: all its changes to each of the next `limit` users, by object id, and newest
    /// first for each.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// The last changes to somebody, newest first.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn journal(&self, source: &str, who: &Who, limit: u32)
    -> Result<Vec<JournalEntry>, StoreError>;

    /// The notes about somebody.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError>;

    /// Numbers for the report.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError>;
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// One address.
    Email,
    /// One telephone number.
    Phone,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339.
    Date,
    /// The store's own.
    Other(String),
}

/// What a field means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldRole {
    /// The match key.
    Email,
    /// First name.
    GivenName,
    /// Last name.
    FamilyName,
    /// Full name.
    DisplayName,
    /// A telephone number.
    Phone,
    /// The employer.
    Company,
    /// A group's name.
    Group,
    /// The store's own.
    Other(String),
}

/// One field a contact can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDescription {
    /// Unique among the fields.
    pub name: String,
    /// For people.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// The store refuses a contact without it.
    pub mandatory: bool,
    /// Longest value in Unicode scalar values.
    pub max_length: Option<u32>,
    /// What it means.
    pub role: Option<FieldRole>,
}

/// What the store is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreDescription {
    /// The fields every contact can have.
    pub fields: Vec<FieldDescription>,
    /// Other fields are made on first use.
    pub custom_fields: bool,
    /// A commit is all or nothing.
    pub atomic: bool,
    /// Most changes of one commit, and most ids of one query.
    pub max_batch: u32,
    /// What each change replaced is kept.
    pub journal: bool,
    /// Marks are kept, and [`ContactStore::same`] answers something.
    pub marks: bool,
    /// What others wrote is told, and [`ContactStore::changed_since`] may be called.
    pub edits: bool,
    /// Contacts of nobody are told, and [`ContactStore::unlinked`] tells of some.
    pub unlinked: bool,
    /// What the store refuses beyond what its fields say.
    pub limits: StoreLimits,
}

/// What names and custom values may be. `None`: no limit. Lengths are in Unicode scalar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreLimits {
    /// Custom fields of all contacts together.
    pub custom_fields: Option<u32>,
    /// The label of a custom field.
    pub custom_field_label: Option<u32>,
    /// The value of a custom field.
    pub custom_field_value: Option<u32>,
    /// The name of a list.
    pub list_name: Option<u32>,
}

impl StoreDescription {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldDescription> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The first field with that role.
    #[must_use]
    pub fn field_with_role(&self, role: &FieldRole) -> Option<&FieldDescription> {
        self.fields
            .iter()
            .find(|field| field.role.as_ref() == Some(role))
    }
}

/// The store as a whole did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The same call may work later.
    #[error("the contact store is not available: {0}")]
    Unavailable(String),
    /// The host does not allow it.
    #[error("the host does not allow this connector to use the contact store")]
    AccessDenied,
    /// Over the batch limit.
    #[error("the batch is larger than the {0} entries the contact store takes")]
    BatchTooLarge(u32),
    /// The contents are damaged.
    #[error("the contact store is damaged: {0}")]
    Damaged(String),
    /// Somebody else works on the workspace by now.
    #[error("another run has taken over this workspace: {0}")]
    LeaseLost(String),
    /// The store's own.
    #[error("the contact store refused: {0}")]
    Other(String),
}

/// Which contacts to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The namespace of the object ids.
    pub source: String,
    /// Contacts linked to one of these, or not linked and formerly linked to one of them.
    pub object_ids: Vec<ObjectId>,
    /// Contacts whose match-key field equals one of these, without regard to case.
    pub match_keys: Vec<String>,
    /// Contacts by their own id.
    pub contacts: Vec<ContactId>,
    /// The fields to return.
    pub fields: Vec<String>,
}

/// A user, and the mark that their contact has if nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The user.
    pub object_id: ObjectId,
    /// The mark.
    pub mark: Mark,
}

/// A contact that is the same as when it was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameContact {
    /// Position of the user among those that were asked for.
    pub user: u32,
    /// The number of the link, for [`Sightings::links`].
    pub link: u64,
}

/// What the store can tell since a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditsSince {
    /// A part of what others wrote.
    Edits {
        /// Whose contacts were written, or are theirs no more; none where nothing is left to tell.
        users: Vec<ObjectId>,
        /// Where the next part begins.
        next: String,
    },
    /// The token is not known any more.
    TokenLost,
}

/// Which contact of a commit gets a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// That of the change at this position in [`Commit::changes`], where it is applied.
    Change(u32),
    /// One that is as it was looked up.
    Contact(Precondition),
}

/// A contact gets a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking {
    /// The contact.
    pub what: Marked,
    /// In the place of the one it had.
    pub mark: Mark,
}

/// An entry of the state, written in the same commit as the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWrite {
    /// At most 256 bytes.
    pub key: String,
    /// `None` deletes the entry.
    pub value: Option<Vec<u8>>,
}

/// Users that a round has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sightings {
    /// As given to [`ContactStore::open_round`].
    pub round: String,
    /// Linked users only; others need no sighting.
    pub object_ids: Vec<ObjectId>,
    /// Further ones, by the number of the link that [`ContactStore::same`] told.
    pub links: Vec<u64>,
}

/// State that is written for changes of the same commit that are not applied; takes the place of
/// what [`Commit::state`] says of the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contingency {
    /// Positions in [`Commit::changes`].
    pub changes: Vec<u32>,
    /// Followed by the object id of the change.
    pub key_prefix: String,
    /// The entry.
    pub value: Vec<u8>,
}

/// Why a user led to no change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The user.
    pub object_id: ObjectId,
    /// By which their contact is, or would be, found.
    pub address: Option<String>,
    /// The contact concerned.
    pub contact: Option<ContactId>,
    /// A stable code, in kebab case.
    pub reason: String,
}

/// Everything that one page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The namespace of the object ids.
    pub source: String,
    /// The run that this is part of.
    pub run: Option<String>,
    /// In the order in which they are to be performed.
    pub changes: Vec<Reasoned>,
    /// For changes that are not applied.
    pub otherwise: Vec<Contingency>,
    /// Each replaces the user's earlier note.
    pub notes: Vec<Note>,
    /// Users whose earlier note no longer holds.
    pub settled: Vec<ObjectId>,
    /// Present in a full round.
    pub sightings: Option<Sightings>,
    /// Contacts to be known again.
    pub marks: Vec<Marking>,
    /// Durable together with the changes.
    pub state: Vec<StateWrite>,
}

/// Why a change no longer fits the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The contact has another version.
    Version,
    /// There is no such contact.
    Gone,
    /// The object id, or the contact, is linked already.
    Linked,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Applied {
        /// The contact it was done to.
        contact: ContactId,
        /// Its version afterwards.
        version: u64,
    },
    /// Not done: the store is no longer as it was.
    Conflict(Conflict),
    /// Not done: the store does not take it.
    Refused {
        /// The field at fault.
        field: Option<String>,
        /// Stable, in kebab case.
        code: String,
    },
}

/// A note, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The user.
    pub object_id: ObjectId,
    /// The contact concerned.
    pub contact: Option<ContactId>,
    /// A stable code.
    pub reason: String,
    /// The run that noted this reason first.
    pub run: Option<String>,
    /// When.
    pub since: Timestamp,
}

/// Numbers for the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Active linked contacts.
    pub active: u64,
    /// Linked contacts.
    pub linked: u64,
    /// Active linked contacts that lack a field.
    pub missing: Vec<(String, u64)>,
    /// Active linked contacts that lack at least one of the fields.
    pub incomplete: u64,
}

/// The connector's durable state; written through [`ContactStore::apply`].
pub trait State {
    /// The value of a key.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Those of the entries that are there, in any order.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Entries whose key starts with the prefix, ordered by key, after a key.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
}
