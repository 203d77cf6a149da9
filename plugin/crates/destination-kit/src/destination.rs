//! One service that has contacts: what it can do, and its records read and written.
//!
//! A destination is the only part that knows the service: addresses, forms, sign-in, errors. It keeps nothing
//! beyond a call of the connector, and decides nothing: which record belongs to whom, what may be written over
//! what, what has to be remembered, all of that is the kit's.
//!
//! **Several requests at once.** The methods are asynchronous, and the kit has several of them under way, each
//! for other contacts: never two that write one record. A method that has nothing to do until an answer comes
//! is pending; when all of them are, the kit calls [`Destination::wait`], which waits for whichever answer comes
//! first. How wide that is, and how a refused request is repeated, is up to
//! whatever sends requests, and not to the kit.
//!
//! **Lost answers.** A request that may have been performed, and whose answer was lost, is looked after by the
//! destination: where reading tells, it answers with what it found, and else with [`Failure::Unknown`]. It never
//! sends a request again that makes a record and may have made it.

use std::future::Future;

use thiserror::Error;

use crate::contract::{CodeDescription, FieldDescription, FieldWrite, Limits, Refusal, StoreError};

/// The service's own identifier of a record.
pub type RemoteId = String;

/// The service's own identifier of a list.
pub type RemoteListId = String;

/// One service that has contacts, in the account of one workspace.
///
/// A method that takes several answers for each, in their order. It never gets more at once than
/// [`Capabilities::batch`] says.
pub trait Destination {
    /// What this service is and can do, in this account, found by asking it where documents do not say. The kit
    /// asks once a call, before anything else.
    ///
    /// # Errors
    ///
    /// Where the service cannot be used: out of reach, wrong credentials, something that a person has to put right.
    fn probe(&self) -> impl Future<Output = Result<Capabilities, DestinationError>>;

    /// The records of these ids, as they are now. `None` only where the service says that there is no such record;
    /// never because a list that may lag behind does not have it.
    ///
    /// # Errors
    ///
    /// Where not all of them could be read.
    fn fetch(
        &self,
        ids: &[RemoteId],
    ) -> impl Future<Output = Result<Vec<Option<Record>>, DestinationError>>;

    /// Records that have one of these keys, each once, in any order. Asked for kinds of keys only that
    /// [`Capabilities::find_by`] names. May give more than fits: the kit compares.
    ///
    /// # Errors
    ///
    /// Where not all of them could be read.
    fn find(&self, keys: &[Key]) -> impl Future<Output = Result<Vec<Record>, DestinationError>>;

    /// A page of all records. Asked where the service cannot search. A record that is there during all of the
    /// pages is on one of them.
    ///
    /// # Errors
    ///
    /// Where the page could not be read.
    fn scan(
        &self,
        cursor: Option<&str>,
    ) -> impl Future<Output = Result<ScanPage, DestinationError>>;

    /// Makes records, and answers with each as the service holds it. A record that an earlier request for the same
    /// draft has made is an answer, too, and no second one is made.
    fn create(&self, drafts: &[Draft]) -> impl Future<Output = Vec<Attempt<Record>>>;

    /// The record that an earlier [`create`](Self::create) of this draft has made, if it is there: by an id that
    /// the destination chose, by the link, or by another key *and* the link. One that merely has the same address
    /// or number is not it. Asked after a crash. That it is not there is believed once
    /// [`Capabilities::settles_after_ms`] have passed.
    ///
    /// # Errors
    ///
    /// Where it could not be found out.
    fn created(
        &self,
        draft: &Draft,
    ) -> impl Future<Output = Result<Option<Record>, DestinationError>>;

    /// Writes fields, activity and link of records, and answers with each as the service holds it afterwards. What
    /// a patch does not name is not touched, whoever wrote it.
    fn write(&self, patches: &[Patch]) -> impl Future<Output = Vec<Attempt<Record>>>;

    /// Deletes records. One that is not there any more is [`Failure::Gone`].
    fn delete(&self, records: &[Doomed]) -> impl Future<Output = Vec<Attempt<()>>>;

    /// Puts records on a list and takes others off it, all or none of them. One that is on it already, or is not
    /// on it, is no error.
    fn membership(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> impl Future<Output = Attempt<()>>;

    /// Every list there is, whoever made it.
    ///
    /// # Errors
    ///
    /// Where not all of them could be read.
    fn lists(&self) -> impl Future<Output = Result<Vec<RemoteList>, DestinationError>>;

    /// Whether a list is its name on each of its records and nothing else, so that it is there as long as somebody
    /// is on it. Its id is the name in the form in which names of lists are compared
    /// ([`contact_identity::list::comparable`]), and [`lists`](Self::lists), which would read every record, is not
    /// asked.
    fn lists_are_names(&self) -> bool {
        false
    }

    /// How the lists are spelt that contacts were put on, where [`lists_are_names`](Self::lists_are_names): told
    /// right after [`probe`](Self::probe).
    fn recall_lists(&self, _lists: Vec<RemoteList>) {}

    /// Makes a list. Where there is one of that name by now, it is the answer.
    fn make_list(&self, name: &str, description: &str)
    -> impl Future<Output = Attempt<RemoteList>>;

    /// Spells a list's name otherwise. Asked only for a list that the same run has made, and whose name differs by
    /// what no two lists differ by: case, white space, characters that are not seen.
    fn rename_list(&self, list: &RemoteListId, name: &str) -> impl Future<Output = Attempt<()>>;

    /// Makes a custom field of that name, unless there is one. Called before the first write of a field that
    /// [`Capabilities::fields`] does not describe, where [`Capabilities::custom_fields`] allows one.
    fn make_field(&self, name: &str) -> impl Future<Output = Attempt<()>>;

    /// Waits until something is there for which one of the methods under way has waited. `false` where nothing is
    /// under way, so that waiting would have no end.
    fn wait(&self) -> bool {
        false
    }
}

/// What a service is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The fields that every record can have. Exactly one has the role `email`, as the contract asks: the match
    /// key.
    pub fields: Vec<FieldDescription>,
    /// Other fields are made on first use, under the name they are written with.
    pub custom_fields: bool,
    /// What names and custom values may be.
    pub limits: Limits,
    /// Codes of refusals that are this destination's own.
    pub codes: Vec<CodeDescription>,
    /// How a write is kept from going over somebody else's.
    pub guard: GuardKind,
    /// Most entries of one call of each method.
    pub batch: BatchSizes,
    /// By what [`Destination::find`] can search.
    pub find_by: FindBy,
    /// Calls of the methods that are worth having under way at once: at least as many as requests can be, else the
    /// width is never used. At least 1.
    pub width: usize,
    /// [`Destination::create`] puts the new record on [`Draft::lists`] itself; else the kit does it by
    /// [`Destination::membership`].
    pub lists_on_create: bool,
    /// A contact can be made inactive. Where it cannot, a removal that deactivates is refused as
    /// `cannot-deactivate`, and a contact that is inactive from the start, too.
    pub deactivates: bool,
    /// For so long after a write, in milliseconds, the service may not show it in searches and pages yet. 0: what
    /// was written is seen.
    pub settles_after_ms: u64,
}

/// How a service keeps a write from going over somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// Not at all, and reading beforehand does not help, because what is read may be old. The last write wins.
    None,
    /// Not by itself: the kit reads the record right before it writes, and a write of somebody else in between is
    /// overwritten unseen.
    Checked,
    /// By itself: a write names the [`Guard`] of the record as it was read, and is refused where it no longer fits.
    Conditional,
}

/// Most entries of one call. 0 counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSizes {
    /// Ids of [`Destination::fetch`].
    pub fetch: usize,
    /// Keys of [`Destination::find`].
    pub find: usize,
    /// Drafts of [`Destination::create`].
    pub create: usize,
    /// Patches of [`Destination::write`].
    pub write: usize,
    /// Records of [`Destination::delete`].
    pub delete: usize,
    /// Additions, and removals, of [`Destination::membership`], each.
    pub membership: usize,
}

/// By what a service can search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindBy {
    /// The link that a draft or a patch left at the record.
    pub link: bool,
    /// The match-key field, in every spelling that the contract takes for the same.
    pub match_key: bool,
}

/// What a record is searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The user that the record was left linked to.
    Link(Tie),
    /// A value of the match-key field, in the form in which it is compared.
    MatchKey(String),
}

/// The directory user to whom a record belongs, as it may be left at the record: a hint that survives the loss of
/// the kit's own memory, and that anybody may edit. The kit believes its memory first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    /// As in the contract.
    pub source: String,
    /// As in the contract, in its canonical form.
    pub object_id: String,
}

/// By which a service knows that a record is as it was read: an `ETag`, for example. It may return to an earlier
/// value when the record does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard(pub String);

/// A record of the service, in the contract's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The service's id.
    pub id: RemoteId,
    /// Filled fields, by the names of [`Capabilities::fields`] and of custom fields, each once. Never an empty
    /// value.
    pub fields: Vec<(String, String)>,
    /// Whether it is active; `None` where the service has no such thing, so that the kit remembers it.
    pub active: Option<bool>,
    /// Every list that the record is on, whoever put it there; `None` where a record does not tell.
    pub lists: Option<Vec<RemoteListId>>,
    /// The user to whom a draft or a patch left it linked.
    pub tie: Option<Tie>,
    /// Present where the guard is [`GuardKind::Conditional`].
    pub guard: Option<Guard>,
    /// What the destination needs beside this to write the record back whole. The kit hands it on in
    /// [`Patch::known`], and neither reads nor keeps it.
    pub native: Vec<u8>,
}

/// A page of all records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanPage {
    /// Records, in any order.
    pub records: Vec<Record>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
}

/// A record to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Filled fields. A mandatory one is never missing.
    pub fields: Vec<(String, String)>,
    /// Whether it is active from the start.
    pub active: bool,
    /// Lists to be put on, where [`Capabilities::lists_on_create`] says so; else empty.
    pub lists: Vec<RemoteListId>,
    /// The user to leave at the record. `None` only for a record that is nobody's, made again by an undo.
    pub tie: Option<Tie>,
    /// When it was decided to make it. Milliseconds since 1970-01-01T00:00:00Z. The same in every attempt.
    pub decided_at_ms: u64,
}

/// What is to be written of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The record as it was read last, which is what this was decided on.
    pub known: Record,
    /// Only the fields that change.
    pub writes: Vec<FieldWrite>,
    /// `Some` where activity changes.
    pub active: Option<bool>,
    /// `Some` where the user left at the record changes; `Some(None)` takes it away.
    pub tie: Option<Option<Tie>>,
}

/// A record to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// Which.
    pub id: RemoteId,
    /// As it was read last. `Some` where the guard is [`GuardKind::Conditional`].
    pub guard: Option<Guard>,
}

/// A list of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteList {
    /// The service's id.
    pub id: RemoteListId,
    /// As it is spelt there.
    pub name: String,
}

/// What became of one thing that was to be done.
pub type Attempt<T> = Result<T, Failure>;

/// Why one thing was not done, or may not have been. Says nothing about a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// There is no such record (or list) any more.
    #[error("it is not there any more")]
    Gone,
    /// Somebody else has written the record since: the guard no longer fits.
    #[error("it was written by somebody else since it was read")]
    Changed,
    /// The service does not take it, and would not later.
    #[error("it is refused as `{}`", .0.code)]
    Refused(Refusal),
    /// It was certainly not done, and may work later: a limit that was not to be waited for, a service out of
    /// reach. Why, in kebab case.
    #[error("it was not done ({0})")]
    NotDone(String),
    /// It may have been done, and reading did not tell. Why, in kebab case.
    #[error("it is not known whether it was done ({0})")]
    Unknown(String),
    /// It was not done, and nothing else will be either: the whole call ends.
    #[error(transparent)]
    Unusable(#[from] DestinationError),
}

/// The service as a whole did not answer what was asked. No text holds anything personal, or anything that the
/// service wrote into its answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DestinationError {
    /// Out of reach, busy, or asking for more patience than a call has: the same may work later.
    #[error("the service is not available: {0}")]
    Unavailable(String),
    /// It does not take the credentials, or they may not do this.
    #[error("the service does not allow it: {0}")]
    AccessDenied(String),
    /// Something there has to be put right by a person; says what.
    #[error("{0}")]
    NeedsAttention(String),
    /// An answer that cannot be understood.
    #[error("the service answered something that cannot be used: {0}")]
    Unexpected(String),
}

impl From<DestinationError> for StoreError {
    fn from(error: DestinationError) -> Self {
        match error {
            DestinationError::Unavailable(_) => Self::Unavailable(error.to_string()),
            // The contract's own words for these are about the host's store, and have no room for what helps.
            DestinationError::AccessDenied(_)
            | DestinationError::NeedsAttention(_)
            | DestinationError::Unexpected(_) => Self::Other(error.to_string()),
        }
    }
}
