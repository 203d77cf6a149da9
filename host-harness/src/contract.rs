//! The contract's types, as generated from `wit/`; their meaning is documented there.
//!
//! The host's traits, its store and its commands speak these types: nothing is converted between
//! the component and the database. Where two interfaces use one name, it gets its interface's here.

use crate::runtime::bindings::contact_sync::connector as imports;
use crate::runtime::bindings::exports::contact_sync::connector as exports;

pub use exports::connector::{
    Approval, ApprovedOutcome, Attribute, Block, Check, CheckStatus, ConfigurationReport, Counts,
    DataQuality, Description, EffectCount, Endpoint, Ledger, LedgerEntry, MappingRow, Overview,
    Permission, PlanSummary, ReasonCount, ReportRequest, ReportStatus, Run, RunError, RunMode,
    RunStatus, RunWarning, Sample, Slice, SliceEnd, SyncRequest, SyncResult,
};
pub use exports::trust::{Explanation, FieldStory, LinkStory, Origin, UndoRequest};
pub use imports::contact_store::{
    Applied, Commit, Conflict, Contingency, Description as StoreDescription, FieldDescription,
    FieldKind, FieldRole, Limits as StoreLimits, Missing, Note, Outcome, Query, Refusal, RoundInfo,
    Sightings, StateWrite, Statistics,
};
pub use imports::plan_sink::{Claim, Entry as PlanEntry, Tally};
pub use imports::run_control::{Directive, Level, Phase, Progress};
pub use imports::secrets::SecretError;
pub use imports::state::Entry as StateEntry;
pub use imports::types::{
    Change, CodeDescription, CodeKind, Contact, ContactList, Create, Effect, EffectOnContact,
    Error, Evidence, Failure, Field, FieldChange, FieldWrite, JournalEntry, JournalNumber, Link,
    LinkContact, Membership, Noted, Precondition, Problem, Removal, RemovalKind, Reversal,
    StoreError, Throttled, Update, Who,
};

/// Identifiers of the contract, all of them opaque text.
pub use imports::types::{ContactId, ObjectId, Reason, Source};
