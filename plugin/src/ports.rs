//! What the core needs from outside, as small traits.
//!
//! The shell implements them with the component's imports, the tests with values in memory. Every
//! method takes `&self`, because an import has no owner; an implementation in memory keeps its
//! state in cells.

use std::time::Duration;

use thiserror::Error;

use crate::contact::{Change, Contact, ContactId, Effect, Evidence, ObjectId};

/// Everything one call of the connector works with.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The way out.
    pub http: &'a dyn Http,
    /// The contacts.
    pub store: &'a dyn ContactStore,
    /// The connector's own durable state.
    pub state: &'a dyn State,
    /// Where a plan goes.
    pub plan: &'a dyn PlanSink,
    /// Secrets by name.
    pub secrets: &'a dyn Secrets,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness, for request ids and jitter.
    pub entropy: &'a dyn Entropy,
    /// Progress, log, stop.
    pub control: &'a dyn RunControl,
}

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

// ---------------------------------------------------------------------------------------------
// HTTP

/// One exchange at a time; redirects are not followed, nothing is repeated.
pub trait Http {
    /// Sends the request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// Where there is no usable answer.
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure>;
}

/// The methods the connector uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No body.
    Get,
    /// With a body.
    Post,
}

/// A request. It implements no `Debug`: its headers and body carry credentials.
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for [`Method::Get`].
    pub body: Vec<u8>,
    /// Longest acceptable answer, in bytes.
    pub max_response: usize,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no usable answer. Carries no URL, header or body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpFailure {
    /// The host's policy forbids the destination.
    #[error("the host does not allow this destination")]
    Denied,
    /// The name could not be resolved.
    #[error("the name could not be resolved")]
    Name,
    /// No connection.
    #[error("no connection could be made")]
    Connect,
    /// No trusted TLS session.
    #[error("no trusted TLS session could be made")]
    Tls,
    /// No answer in time.
    #[error("no answer came in time")]
    TimedOut,
    /// The connection broke off before the answer was complete.
    #[error("the connection broke off")]
    Interrupted,
    /// The answer is longer than the request allows.
    #[error("the answer is longer than {limit} bytes")]
    ResponseTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The request body is longer than this transport can send.
    #[error("the request body is longer than {limit} bytes")]
    RequestTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Anything else, as a code without data.
    #[error("the exchange failed ({0})")]
    Other(String),
}

// ---------------------------------------------------------------------------------------------
// Contact store

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
    /// The store's own.
    #[error("the contact store refused: {0}")]
    Other(String),
}

/// Which contacts to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The namespace of the object ids.
    pub source: String,
    /// Contacts linked to one of these.
    pub object_ids: Vec<ObjectId>,
    /// Contacts whose match-key field equals one of these, without regard to case.
    pub match_keys: Vec<String>,
    /// Contacts by their own id.
    pub contacts: Vec<ContactId>,
    /// The fields to return.
    pub fields: Vec<String>,
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
}

/// Everything that one page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The namespace of the object ids.
    pub source: String,
    /// In the order in which they are to be performed.
    pub changes: Vec<Change>,
    /// Present in a full round.
    pub sightings: Option<Sightings>,
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

// ---------------------------------------------------------------------------------------------
// Plan

/// One field of a planned change, before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What it holds now.
    pub before: Option<String>,
    /// What it would hold.
    pub after: Option<String>,
}

/// What a sync would do about one directory user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// The user.
    pub object_id: ObjectId,
    /// The contact concerned.
    pub contact: Option<ContactId>,
    /// What would happen.
    pub effect: Effect,
    /// Why, as a stable code.
    pub reason: String,
    /// Ordered by field name.
    pub fields: Vec<FieldChange>,
    /// Lists to join, ordered.
    pub joins: Vec<String>,
    /// Lists to leave, ordered.
    pub leaves: Vec<String>,
    /// Present exactly where the effect is a removal.
    pub evidence: Option<Evidence>,
    /// The version of the contact that was decided on.
    pub version: Option<u64>,
}

/// How many entries there are of one effect and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The effect.
    pub effect: Effect,
    /// The reason.
    pub reason: String,
    /// The number.
    pub entries: u64,
}

/// Where a plan goes: a map from directory user to decision, the last one put wins.
pub trait PlanSink {
    /// Adds entries, replacing those of the same users.
    ///
    /// # Errors
    ///
    /// Where the host refused.
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError>;

    /// Those of the contacts that an entry with [`Effect::Link`] claims, and for whom.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn claimed(&self, contacts: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError>;

    /// Entries that change something, ordered by object id.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn changes(&self, after: Option<&ObjectId>, limit: u32) -> Result<Vec<PlanEntry>, StoreError>;

    /// Every effect and reason that occurs.
    ///
    /// # Errors
    ///
    /// Where nothing could be read.
    fn count(&self) -> Result<Vec<Tally>, StoreError>;
}

// ---------------------------------------------------------------------------------------------
// Secrets, time, randomness, control

/// A secret's value. It has no `Debug` and no `Display`, so that it cannot reach a log by accident.
pub struct SecretValue(String);

impl SecretValue {
    /// Takes a value as the host revealed it.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one request that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a secret is not given. Says nothing about its value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// No secret of that name.
    #[error("the host has no secret of this name")]
    NotFound,
    /// The host does not give it to this connector.
    #[error("the host does not give this secret to the connector")]
    AccessDenied,
    /// The host cannot give it now.
    #[error("the host cannot give this secret now: {0}")]
    Unavailable(String),
}

/// Secrets by name.
pub trait Secrets {
    /// The value of a secret.
    ///
    /// # Errors
    ///
    /// Where the host does not give it.
    fn reveal(&self, name: &str) -> Result<SecretValue, SecretError>;
}

/// Time, as the host tells it.
pub trait Clock {
    /// The wall clock; may jump, also backwards.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never goes backwards. Budgets are measured with it.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// Randomness without a claim to secrecy.
pub trait Entropy {
    /// A new random number.
    fn next_u64(&self) -> u64;
}

/// How serious a log event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For developers.
    Debug,
    /// The course of a run.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

/// What a call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Token, organisation, permissions.
    Connecting,
    /// Reading users and writing contacts.
    Reading,
    /// Asking for people a full round did not show.
    Verifying,
    /// Applying removals.
    Removing,
    /// Saving the cursor and the record.
    Finishing,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Users handled so far in this phase.
    pub done: u64,
    /// How many there will be, an estimate.
    pub total: Option<u64>,
}

/// The host's answer to a progress report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// Carry on.
    GoOn,
    /// End at once; everything up to the last commit is saved.
    Stop,
}

/// Progress, log, stop.
pub trait RunControl {
    /// A log event: a stable code, and fields without personal data or secrets.
    fn log(&self, level: Level, event: &str, fields: &[(&str, String)]);

    /// Tells how far the call is.
    fn progress(&self, progress: Progress) -> Directive;
}
